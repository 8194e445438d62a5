//! The plug-ins that `make providers` builds, granted and compiled once for all tests.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use crate::program;

/// Seals nothing but what tests keep. All tests have it in common, and with it the compiled code.
pub const KEYS: &str = "cG9ydGljbyBlbmQtdG8tZW5kIHRlc3RzJyBrZXkuLi4=";

/// Every plug-in that is built.
pub const ALL: [&str; 8] =
    ["aws", "azure", "digitalocean", "github", "gitlab", "google", "heroku", "oidc"];

/// Where `make providers` leaves what it has built.
pub fn built(name: &str) -> PathBuf {
    let file = target().join("providers").join(format!("{name}.wasm"));
    assert!(file.exists(), "{} is missing: make providers", file.display());
    file
}

/// Fills `folder/providers.d` with these plug-ins, granted.
pub fn grant(folder: &Path, names: &[&str]) {
    let all = granted();
    let own = folder.join("providers.d");
    fs::create_dir_all(own.join(".compiled")).unwrap();
    for name in names {
        let file = format!("{name}.wasm");
        fs::copy(all.join(&file), own.join(&file)).unwrap();
    }
    for entry in fs::read_dir(all.join(".compiled")).unwrap() {
        let entry = entry.unwrap();
        let _ = fs::hard_link(entry.path(), own.join(".compiled").join(entry.file_name()));
    }
    let lock = fs::read_to_string(all.join("providers.lock")).unwrap();
    let mut lock: toml::Table = lock.parse().unwrap();
    let granted = lock.get_mut("provider").and_then(toml::Value::as_array_mut).unwrap();
    granted.retain(|entry| names.contains(&entry["id"].as_str().unwrap()));
    assert_eq!(granted.len(), names.len(), "not every one of {names:?} was granted");
    fs::write(own.join("providers.lock"), lock.to_string()).unwrap();
}

/// A folder with every plug-in, made by whichever test comes first. What was built anew since is
/// granted anew.
fn granted() -> PathBuf {
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

/// Runs `portico provider add --yes` and returns all that it says; the tests know that Azure is built
/// in.
pub fn add(folder: &Path, file: &Path, keys: &str) -> String {
    let output = Command::new(program("portico"))
        .args(["provider", "add", "--yes", "--replace-built-in"])
        .arg(file)
        .env_clear()
        .env("PORTICO_PROVIDERS", folder)
        .env("PORTICO_STORE", "memory:")
        .env("PORTICO_KEYS", keys)
        .env("PORTICO_CONFIG", "")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap()).concat();
    assert!(output.status.success(), "{} was not added: {said}", file.display());
    said
}

pub(crate) fn target() -> PathBuf {
    // target/<profile>/<program>
    program("portico").ancestors().nth(2).unwrap().to_owned()
}
