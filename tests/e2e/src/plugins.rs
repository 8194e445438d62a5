//! The plug-ins built by `make providers`, granted and compiled once for all tests.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use crate::program;

/// `PORTICO_KEYS` of tests that use plug-ins: the key authenticates the cache of compiled plug-ins,
/// which the tests share.
pub const KEYS: &str = "cG9ydGljbyBlbmQtdG8tZW5kIHRlc3RzJyBrZXkuLi4=";

/// The ids of all plug-ins.
pub const ALL: [&str; 8] =
    ["aws", "azure", "digitalocean", "github", "gitlab", "google", "heroku", "oidc"];

/// The component that `make providers` has built.
pub fn built(name: &str) -> PathBuf {
    let file = target().join("providers").join(format!("{name}.wasm"));
    assert!(file.exists(), "{} is missing: make providers", file.display());
    file
}

/// Adds these plug-ins to `folder/providers.d` and grants them.
pub fn grant(folder: &Path, names: &[&str]) {
    let shared = shared_folder();
    let own = folder.join("providers.d");
    fs::create_dir_all(own.join(".compiled")).unwrap();
    for name in names {
        let file = format!("{name}.wasm");
        fs::copy(shared.join(&file), own.join(&file)).unwrap();
    }
    for entry in fs::read_dir(shared.join(".compiled")).unwrap() {
        let entry = entry.unwrap();
        let _ = fs::hard_link(entry.path(), own.join(".compiled").join(entry.file_name()));
    }
    let lock = fs::read_to_string(shared.join("providers.lock")).unwrap();
    let mut lock: toml::Table = lock.parse().unwrap();
    let entries = lock.get_mut("provider").and_then(toml::Value::as_array_mut).unwrap();
    entries.retain(|entry| names.contains(&entry["id"].as_str().unwrap()));
    assert_eq!(entries.len(), names.len(), "providers.lock lacks some of {names:?}");
    fs::write(own.join("providers.lock"), lock.to_string()).unwrap();
}

/// The folder with all plug-ins granted and compiled. The first test fills it; a plug-in that was
/// rebuilt since is granted again.
fn shared_folder() -> PathBuf {
    let folder = target().join("e2e-providers");
    fs::create_dir_all(&folder).unwrap();
    let guard = File::create(folder.join("guard")).unwrap();
    guard.lock().unwrap();
    for name in ALL {
        let (file, copy) = (built(name), folder.join(format!("{name}.wasm")));
        if fs::read(&copy).ok() != Some(fs::read(&file).unwrap()) {
            add(&folder, &file, KEYS);
        }
    }
    folder
}

/// Runs `portico provider add --yes --replace-built-in` and returns the text of stdout and stderr.
pub fn add(folder: &Path, file: &Path, keys: &str) -> String {
    let output = command(folder, keys)
        .args(["provider", "add", "--yes", "--replace-built-in"])
        .arg(file)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap()).concat();
    assert!(output.status.success(), "{} was not added: {text}", file.display());
    text
}

/// The command `portico` with this folder of plug-ins, these keys and no other configuration.
pub fn command(folder: &Path, keys: &str) -> Command {
    let mut command = Command::new(program("portico"));
    command
        .env_clear()
        .env("PORTICO_PROVIDERS", folder)
        .env("PORTICO_STORE", "memory:")
        .env("PORTICO_KEYS", keys)
        .env("PORTICO_CONFIG", "");
    command
}

pub(crate) fn target() -> PathBuf {
    // target/<profile>/<program>
    program("portico").ancestors().nth(2).unwrap().to_owned()
}
