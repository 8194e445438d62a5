//! `provider add` and `provider remove`: grants, files and folders.

use std::{fs, path::Path};

use portico_e2e::{js_plugin::provider, plugins};
use rstest::rstest;

/// Runs `provider add` for the GitHub plug-in, which needs no setting, with these arguments.
fn add(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let file = plugins::built("github");
    let mut all = vec!["add", file.to_str().unwrap()];
    all.extend(arguments);
    provider(folder, &all)
}

#[rstest]
#[case::removed(None)]
#[case::other_content(Some(&b"another"[..]))]
#[case::empty(Some(&b""[..]))]
fn provider_add_restores_granted_file_without_confirmation(#[case] content: Option<&[u8]>) {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(add(folder.path(), &["--yes"]).0, Some(0));
    let paths = ["providers.d/github.wasm", "providers.d/providers.lock"];
    let [file, lock] = paths.map(|it| folder.path().join(it));
    let (component, grants) = (fs::read(&file).unwrap(), fs::read(&lock).unwrap());
    match content {
        None => fs::remove_file(&file).unwrap(),
        Some(content) => fs::write(&file, content).unwrap(),
    }
    let (code, output) = add(folder.path(), &[]);
    assert_eq!(code, Some(0), "{output}");
    assert!(output.contains("has been restored"), "{output}");
    assert_eq!(fs::read(&file).unwrap(), component);
    let (code, output) = add(folder.path(), &[]);
    assert!(code == Some(0) && output.contains("Nothing was changed"), "{output}");
    assert_eq!(fs::read(&lock).unwrap(), grants);
}

#[rstest]
#[case::granted(None)]
#[case::without_its_file(Some("github.wasm"))]
#[case::without_its_grant(Some("providers.lock"))]
fn provider_remove_deletes_grant_and_file_and_names_consequences(#[case] missing: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let plugins = folder.path().join("providers.d");
    let is_removed = || {
        let lock = fs::read_to_string(plugins.join("providers.lock")).unwrap();
        !lock.contains("github") && !plugins.join("github.wasm").exists()
    };
    assert_eq!(add(folder.path(), &["--yes"]).0, Some(0));
    match missing {
        Some("providers.lock") => fs::write(plugins.join("providers.lock"), "").unwrap(),
        Some(file) => fs::remove_file(plugins.join(file)).unwrap(),
        None => {}
    }
    let (code, output) = provider(folder.path(), &["remove", "github"]);
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("add --yes") && output.contains("sessions"), "{output}");
    assert!(!is_removed());
    let (code, output) = provider(folder.path(), &["remove", "github", "--yes"]);
    assert!(code == Some(0) && output.contains("sessions") && is_removed(), "{output}");
}

#[test]
fn provider_remove_prints_json() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(add(folder.path(), &["--yes"]).0, Some(0));
    let (code, output) = provider(folder.path(), &["remove", "github", "--yes", "--json"]);
    assert_eq!(code, Some(0), "{output}");
    let printed: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!(printed, serde_json::json!({"id": "github", "file": true, "grant": true}));
}

#[rstest]
#[case::removed_before("github", 1, "plug-in github not found")]
#[case::built_in("azure", 1, "plug-in azure not found")]
#[case::not_an_id("Git/Hub", 2, "lower-case")]
#[case::path("../x", 2, "lower-case")]
fn provider_remove_refuses_unknown_id(
    #[case] id: &str,
    #[case] expected: i32,
    #[case] words: &str,
) {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(add(folder.path(), &["--yes"]).0, Some(0));
    assert_eq!(provider(folder.path(), &["remove", "github", "--yes"]).0, Some(0));
    let (code, output) = provider(folder.path(), &["remove", id, "--yes"]);
    assert!(code == Some(expected) && output.contains(words), "{code:?} {output}");
}

#[test]
fn provider_add_names_new_folder_once() {
    let folder = tempfile::tempdir().unwrap();
    let (code, output) = add(folder.path(), &["--yes"]);
    let path = folder.path().canonicalize().unwrap().join("providers.d");
    assert_eq!(code, Some(0), "{output}");
    assert!(output.contains("will be created") && output.contains("PORTICO_PROVIDERS"), "{output}");
    assert!(output.contains(path.to_str().unwrap()), "{output}");
    assert!(!add(folder.path(), &["--yes"]).1.contains("will be created"));
}

#[rstest]
#[case::rust_project(&["Cargo.toml", "src"])]
#[case::home(&[".bashrc", ".profile"])]
#[case::notes(&["notes.txt"])]
fn provider_add_asks_before_writing_into_folder_with_other_files(#[case] files: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let plugins = folder.path().join("providers.d");
    fs::create_dir(&plugins).unwrap();
    files.iter().for_each(|name| fs::write(plugins.join(name), "").unwrap());
    let (code, output) = add(folder.path(), &[]);
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains(files[0]) && output.contains("PORTICO_PROVIDERS"), "{output}");
    assert!(!plugins.join("providers.lock").exists() && !plugins.join(".compiled").exists());
    assert_eq!(add(folder.path(), &["--yes"]).0, Some(0));
}
