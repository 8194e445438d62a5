use std::collections::BTreeSet;

use rstest::rstest;
use tempfile::TempDir;

use super::*;

fn create(language: Language, folder: &Path, name: &str) -> Result<Vec<PathBuf>, ProjectError> {
    new_project(NewProject { name, language, folder, sdk: None })
}

/// A folder with the manifest of an SDK, like a checkout.
fn checkout() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let sdk = root.path().join("providers/sdk");
    fs::create_dir_all(&sdk).unwrap();
    fs::write(sdk.join("Cargo.toml"), "[package]\nname = \"portico-provider\"\n").unwrap();
    root
}

#[rstest]
#[case::rust(Language::Rust)]
#[case::javascript(Language::JavaScript)]
#[case::python(Language::Python)]
fn new_project_replaces_the_example_name_in_every_style(#[case] language: Language) {
    let root = checkout();
    let folder = root.path().join("new");
    let files = create(language, &folder, "acme-2").unwrap();
    let texts: Vec<_> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let all = texts.concat();
    for example in
        ["example-cloud", "example_cloud", "ExampleCloud", "Example Cloud", "PORTICO_SDK"]
    {
        assert!(!all.contains(example), "{example}");
    }
    for name in ["acme-2", "Acme2", "Acme 2"] {
        assert!(all.contains(name), "{name}");
    }
    for file in ["README.md", "fixtures.json", "tape.json"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
}

#[test]
fn new_project_in_rust_depends_on_the_sdk_of_the_checkout() {
    let root = checkout();
    create(Language::Rust, &root.path().join("new"), "acme").unwrap();
    let manifest = fs::read_to_string(root.path().join("new/Cargo.toml")).unwrap();
    let sdk = root.path().join("providers/sdk").canonicalize().unwrap();
    assert!(manifest.contains(sdk.to_str().unwrap()), "{manifest}");
}

#[test]
fn new_project_writes_nothing_if_a_file_exists() {
    let root = checkout();
    let existing = root.path().join("new/tape.json");
    fs::create_dir_all(existing.parent().unwrap()).unwrap();
    fs::write(&existing, "mine").unwrap();
    let error = create(Language::Rust, &root.path().join("new"), "acme").unwrap_err();
    assert!(matches!(error, ProjectError::Exists(path) if path == existing));
    assert_eq!(fs::read_to_string(&existing).unwrap(), "mine");
    assert_eq!(fs::read_dir(root.path().join("new")).unwrap().count(), 1);
}

#[rstest]
#[case::empty("")]
#[case::one_letter("a")]
#[case::upper_case("Acme")]
#[case::path("../x")]
#[case::space("a b")]
#[case::digit_first("1a")]
#[case::hyphen_first("-a")]
#[case::hyphen_last("a-")]
#[case::two_hyphens("a--b")]
#[case::reserved_with_hyphen("portico-")]
#[case::quotation_mark("ac\"me")]
#[case::too_long(&"a".repeat(33))]
fn new_project_refuses_name_that_is_no_provider_id(#[case] name: &str) {
    let root = checkout();
    let result = create(Language::Python, &root.path().join("new"), name);
    assert!(matches!(result, Err(ProjectError::Name(_))));
    assert!(!root.path().join("new").exists());
}

#[test]
fn new_project_refuses_name_of_porticos_own_variables() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["portico", "portico-cloud"] {
        let result = create(Language::Python, &folder.path().join("new"), name);
        assert!(matches!(result, Err(ProjectError::Reserved(_))), "{name}");
    }
    assert!(!folder.path().join("new").exists());
    create(Language::Python, &folder.path().join("new"), "porticos").unwrap();
}

#[test]
fn new_project_takes_named_sdk_and_refuses_another_folder() {
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
fn templates_have_every_file_of_the_helpers() {
    let kit = Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().unwrap();
    let providers = kit.parent().unwrap();
    let in_helper = |folder: &str, suffixes: &[&str]| -> BTreeSet<String> {
        let files = fs::read_dir(providers.join(folder)).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| suffixes.iter().any(|suffix| name.ends_with(suffix))).collect()
    };
    let in_template = |language, prefix: &str| -> BTreeSet<String> {
        let files = template(language).into_iter();
        files.filter_map(|(path, _)| path.strip_prefix(prefix).map(str::to_owned)).collect()
    };
    let javascript = in_helper("javascript", &[".js", ".ts"]);
    assert_eq!(in_template(Language::JavaScript, "portico/"), javascript);
    let mut python = in_helper("python/portico_provider", &[".py"]);
    python.remove("testing.py");
    assert_eq!(in_template(Language::Python, "src/portico_provider/"), python);
}

#[test]
fn language_parses_its_display_and_refuses_other_words() {
    for language in [Language::Rust, Language::JavaScript, Language::Python] {
        assert_eq!(language.to_string().parse::<Language>().unwrap(), language);
    }
    assert!("perl".parse::<Language>().unwrap_err().to_string().contains("rust, javascript"));
}
