use std::collections::BTreeSet;

use tempfile::TempDir;

use super::*;

fn begin(language: Language, folder: &Path, name: &str) -> Result<Vec<PathBuf>, ProjectError> {
    new_project(NewProject { name, language, folder, sdk: None })
}

/// A folder in a made-up checkout.
fn checkout() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let sdk = root.path().join("providers/sdk");
    fs::create_dir_all(&sdk).unwrap();
    fs::write(sdk.join("Cargo.toml"), "[package]\nname = \"portico-provider\"\n").unwrap();
    root
}

#[test]
fn a_project_has_its_name_in_every_spelling_and_no_trace_of_the_example() {
    let root = checkout();
    for language in [Language::Rust, Language::JavaScript, Language::Python] {
        let folder = root.path().join(language.to_string());
        let files = begin(language, &folder, "acme-2").unwrap();
        let texts: Vec<_> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
        let all = texts.concat();
        for trace in
            ["example-cloud", "example_cloud", "ExampleCloud", "Example Cloud", "PORTICO_SDK"]
        {
            assert!(!all.contains(trace), "{language}: {trace}");
        }
        for spelling in ["acme-2", "Acme2", "Acme 2"] {
            assert!(all.contains(spelling), "{language}: {spelling}");
        }
        for needed in ["README.md", "fixtures.json", "tape.json"] {
            assert!(folder.join(needed).is_file(), "{language}: {needed}");
        }
    }
    let manifest = fs::read_to_string(root.path().join("rust/Cargo.toml")).unwrap();
    let sdk = root.path().join("providers/sdk").canonicalize().unwrap();
    assert!(manifest.contains(sdk.to_str().unwrap()), "{manifest}");
}

#[test]
fn nothing_is_overwritten_and_nothing_half_written() {
    let root = checkout();
    let taken = root.path().join("new/tape.json");
    fs::create_dir_all(taken.parent().unwrap()).unwrap();
    fs::write(&taken, "mine").unwrap();
    let refused = begin(Language::Rust, &root.path().join("new"), "acme").unwrap_err();
    assert!(matches!(refused, ProjectError::Exists(path) if path == taken));
    assert_eq!(fs::read_to_string(&taken).unwrap(), "mine");
    assert_eq!(fs::read_dir(root.path().join("new")).unwrap().count(), 1);
}

#[test]
fn a_name_that_could_leave_its_place_is_refused() {
    let root = checkout();
    let long = "a".repeat(33);
    for name in
        ["", "a", "Acme", "../x", "a b", "1a", "-a", "a-", "a--b", "portico-", "ac\"me", &long]
    {
        let refused = begin(Language::Python, &root.path().join("new"), name);
        assert!(matches!(refused, Err(ProjectError::Name(_))), "{name}");
    }
    assert!(!root.path().join("new").exists());
}

#[test]
fn a_name_whose_variables_would_be_porticos_own_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["portico", "portico-cloud"] {
        let refused = begin(Language::Python, &folder.path().join("new"), name);
        assert!(matches!(refused, Err(ProjectError::Reserved(_))), "{name}");
    }
    assert!(!folder.path().join("new").exists());
    begin(Language::Python, &folder.path().join("new"), "porticos").unwrap();
}

#[test]
fn the_sdk_is_named_or_in_the_checkout_around_and_nothing_else_is_one() {
    let (root, other) = (checkout(), tempfile::tempdir().unwrap());
    let sdk = root.path().join("providers/sdk");
    let folder = other.path().join("new");
    let named =
        NewProject { name: "acme", language: Language::Rust, folder: &folder, sdk: Some(&sdk) };
    let wrong = NewProject { sdk: Some(other.path()), ..named };
    assert!(matches!(new_project(wrong), Err(ProjectError::NotTheSdk(_))));
    assert!(!folder.exists());
    new_project(named).unwrap();
}

#[test]
fn the_whole_of_each_helper_comes_along() {
    let kit = Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().unwrap();
    let providers = kit.parent().unwrap();
    let of = |folder: &str, ends: &[&str]| -> BTreeSet<String> {
        let files = fs::read_dir(providers.join(folder)).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| ends.iter().any(|end| name.ends_with(end))).collect()
    };
    let below = |language, prefix: &str| -> BTreeSet<String> {
        let files = template(language).into_iter();
        files.filter_map(|(path, _)| path.strip_prefix(prefix).map(str::to_owned)).collect()
    };
    assert_eq!(below(Language::JavaScript, "portico/"), of("javascript", &[".js", ".ts"]));
    let mut python = of("python/portico_provider", &[".py"]);
    python.remove("testing.py");
    assert_eq!(below(Language::Python, "src/portico_provider/"), python);
}

#[test]
fn a_language_is_one_of_three_words() {
    for language in [Language::Rust, Language::JavaScript, Language::Python] {
        assert_eq!(language.to_string().parse::<Language>().unwrap(), language);
    }
    assert!("perl".parse::<Language>().unwrap_err().to_string().contains("rust, javascript"));
}
