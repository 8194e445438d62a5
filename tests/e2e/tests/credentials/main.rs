//! Client authentication with and without a secret, and credentials that are replaced while people sign in.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "prints the rate of logins")]

mod faults;
mod keys;
mod rotation;

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use portico_e2e::{
    Browser, ClientKey, Cloud, Emulator, Options, Settings, WorkloadIssuer, personas,
};
use reqwest::StatusCode;
use tempfile::TempDir;

const DAY: Duration = Duration::from_secs(24 * 3_600);

async fn emulator() -> (Emulator, TempDir, Settings) {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new(&emulator, folder.path());
    (emulator, folder, settings)
}

/// Sets this variable to a file with this text, instead of Azure's secret.
fn set_file(settings: &mut Settings, folder: &Path, variable: &str, text: &str) -> PathBuf {
    let file = folder.join("credential");
    fs::write(&file, text).unwrap();
    settings.unset("AZURE_CLIENT_SECRET").set(variable, file.to_str().unwrap());
    file
}

fn certificate() -> ClientKey {
    ClientKey::certificate(SystemTime::now() + DAY).unwrap()
}

fn workload() -> WorkloadIssuer {
    WorkloadIssuer::new("https://cluster.example", "system:serviceaccount:default:portico").unwrap()
}

/// Replaces a file as an editor or a platform does: by renaming another one.
fn replace(file: &Path, text: &str) {
    let new = file.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(&new, file).unwrap();
}

/// Signs in and asserts that the session has subscriptions, which the application's token lists.
async fn assert_signs_in(base: &str) {
    let mut browser = Browser::default();
    let response = browser.sign_in(base, personas::ZOFIA.user_name).await;
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}");
    let session = browser.session(base).await.json();
    let account = &session["accounts"][0];
    assert!(!account["subscriptions"].as_array().unwrap().is_empty(), "{session}");
    assert_eq!(account["warnings"], serde_json::json!([]), "{session}");
}

/// The code of the error of a login with this provider; `None` if it succeeds.
async fn failure(base: &str, provider: &str) -> Option<String> {
    let response = Browser::default().sign_in_with(base, provider, personas::ZOFIA.user_name).await;
    (!response.sets_session_cookie()).then(|| response.code())
}

/// Asserts that no token request had this field.
fn assert_never_sent(emulator: &Emulator, field: &str) {
    let requests = emulator.requests();
    assert!(requests.iter().any(|it| it.path.ends_with("/token")));
    assert!(requests.iter().all(|it| it.form(field).is_none()));
}

/// A symbolic link to a file in a folder that is replaced at each update, as Kubernetes mounts secrets.
fn mount(folder: &Path, version: &str, text: &str) -> PathBuf {
    fs::create_dir(folder.join(version)).unwrap();
    fs::write(folder.join(version).join("token"), text).unwrap();
    symlink(version, folder.join("..new")).unwrap();
    fs::rename(folder.join("..new"), folder.join("..data")).unwrap();
    let file = folder.join("token");
    if !file.exists() {
        symlink("..data/token", &file).unwrap();
    }
    file
}

const OIDC: Cloud = Cloud::Oidc;
