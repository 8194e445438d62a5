//! Settings with common mistakes: stray characters, misspelled names, other notations. Portico accepts
//! what is unambiguous and refuses the rest at start.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod dashboards;
mod ids;
mod names;
mod plug_ins;
mod text;

use portico_e2e::{Browser, Emulator, Options, Portico, Settings, World, personas, start_and_fail};
use reqwest::StatusCode;
use tempfile::TempDir;

async fn settings() -> (Emulator, TempDir, Settings) {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new(&emulator, folder.path());
    (emulator, folder, settings)
}

/// Asserts that Portico does not start with these variables, with the exit code of a wrong
/// configuration. Returns stderr.
async fn assert_start_refused(variables: &[(&str, &[u8])]) -> String {
    let (_emulator, _folder, mut settings) = settings().await;
    for (name, value) in variables {
        settings.set_bytes(name.as_bytes(), value);
    }
    let (code, stderr) = start_and_fail(&settings).await;
    assert_eq!(code, Some(2), "{stderr}");
    stderr
}

async fn assert_signs_in(portico: &Portico) {
    let mut browser = Browser::default();
    let response = browser.sign_in(&portico.base, personas::ZOFIA.user_name).await;
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}\n{}", portico.log());
}

/// Waits for a log line that contains `text`.
async fn assert_logged(world: &World, text: &str) {
    world.portico.logged(|it| it.log().contains(text)).await;
}
