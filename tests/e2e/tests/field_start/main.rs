//! What a start does after Portico listens: it loads plug-ins and checks identity providers.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cache;
mod checks;
mod loading;

use std::{fs, path::Path, process::Output};

use portico_e2e::{Browser, Cloud, Emulator, Options, hint, personas, plugins, program};
use reqwest::StatusCode;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;
use url::Url;

async fn emulator() -> (Emulator, TempDir) {
    (Emulator::start(Options::default()).await.unwrap(), tempfile::tempdir().unwrap())
}

/// Asserts that `/readyz` is 200 and returns its body.
async fn ready(base: &str) -> Value {
    let ready = Browser::default().get(format!("{base}/readyz")).await;
    assert_eq!(ready.status, StatusCode::OK, "a provider does not make Portico unready: {ready:?}");
    assert!(!ready.body.contains('/'), "anybody may read this, so it names no address: {ready:?}");
    assert_eq!(ready.json()["status"], "ready");
    ready.json()
}

/// Begins a login and returns the URL of the callback without requesting it.
async fn begin_up_to_callback(browser: &mut Browser, base: &str, provider: &str) -> Url {
    browser.up_to_callback_of(base, provider, &hint(personas::ZOFIA.user_name)).await
}

async fn sign_in(base: &str, provider: &str) -> Browser {
    let mut browser = Browser::default();
    let callback = begin_up_to_callback(&mut browser, base, provider).await;
    let response = browser.get(callback).await;
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}");
    browser
}

/// Empties the cache of compiled plug-ins.
fn remove_compiled(folder: &Path) {
    fs::remove_dir_all(folder.join("providers.d/.compiled")).unwrap();
}

/// Runs `portico` with these arguments, the settings of the `oidc` plug-in and these variables.
async fn portico(
    folder: &Path,
    emulator: &Emulator,
    variables: &[(&str, &str)],
    arguments: &[&str],
) -> Output {
    Command::new(program("portico"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PORTICO_PROVIDERS", folder.join("providers.d"))
        .env("PORTICO_STORE", "memory:")
        .env("PORTICO_KEYS", plugins::KEYS)
        .env("PORTICO_CONFIG", "")
        .envs(Cloud::Oidc.plugin_variables(emulator.http_url()))
        .envs(variables.iter().copied())
        .output()
        .await
        .unwrap()
}
