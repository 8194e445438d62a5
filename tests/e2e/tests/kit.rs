//! `portico provider test`: recording, replay and checks of the bundled plug-ins.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{path::Path, process::Stdio, time::Duration};

use portico_e2e::{Browser, Cloud, Emulator, Options, Settings, hint, personas, plugins, program};
use reqwest::StatusCode;
use rstest::rstest;
use tokio::process::Child;

/// Starts `portico provider test --record`.
fn record(emulator: &Emulator, settings: &Settings, file: &Path, tape: &Path) -> Child {
    tokio::process::Command::new(program("portico"))
        .args(["provider", "test"])
        .arg(file)
        .arg("--record")
        .arg(tape)
        .current_dir(tape.parent().unwrap())
        .env_clear()
        .envs(Cloud::GitHub.plugin_variables(emulator.http_url()))
        .env("APP_BASE_URL", &settings.base)
        .env("PORTICO_LISTEN", settings.base.trim_start_matches("http://"))
        .env("PORTICO_STORE", "memory:")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn recorded_tape_contains_no_secret_and_replays() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (tape, file) = (folder.path().join("tape.json"), plugins::built("github"));
    let settings = Settings::new(&emulator, folder.path());
    let mut recording = record(&emulator, &settings, &file, &tape);
    let ready = format!("{}/readyz", settings.base);
    while reqwest::get(&ready).await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut browser = Browser::default();
    let url = format!("{}/api/login/github?{}", settings.base, hint(personas::ZOFIA.user_name));
    let redirect = browser.get(url).await;
    let callback = browser.get(redirect.location()).await.location();
    assert_eq!(browser.get(callback).await.status, StatusCode::FOUND);
    assert!(recording.wait().await.unwrap().success());

    let recorded = std::fs::read_to_string(&tape).unwrap();
    assert!(
        recorded.contains(personas::ZOFIA.name) && recorded.contains("/user/orgs"),
        "{recorded}"
    );
    for request in emulator.requests() {
        for secret in [request.form("client_secret"), request.form("code")].into_iter().flatten() {
            assert!(!recorded.contains(secret), "{secret} is on the tape");
        }
        let token = request.header("authorization").and_then(|it| it.split(' ').nth(1));
        assert!(token.is_none_or(|token| !recorded.contains(token)), "{token:?} is on the tape");
    }
    let replay = tokio::process::Command::new(program("portico"))
        .args(["provider", "test"])
        .arg(&file)
        .arg(&tape)
        .output()
        .await
        .unwrap();
    let stdout = String::from_utf8_lossy(&replay.stdout).into_owned();
    assert!(stdout.contains("replays as recorded"), "{stdout}");
}

#[rstest]
#[case::aws("aws", "aws")]
#[case::azure("azure", "azure")]
#[case::digitalocean("digitalocean", "digitalocean")]
#[case::github("github", "github")]
#[case::google("google", "google")]
#[case::oidc("oidc", "oidc")]
#[case::gitlab("gitlab", "examples/javascript")]
#[case::heroku("heroku", "examples/python")]
#[tokio::test]
async fn every_bundled_plug_in_passes_provider_test(#[case] name: &str, #[case] folder: &str) {
    let providers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../providers");
    let mut checks = tokio::process::Command::new(program("portico"));
    checks.args(["provider", "test"]).arg(plugins::built(name));
    let checked = checks.arg(providers.join(folder).join("fixtures.json")).output();
    let checked = checked.await.unwrap();
    let stdout = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(checked.status.success(), "{name}:\n{stdout}");
    let listed = "ok      lists-the-fixtures";
    assert!(stdout.contains(listed) && stdout.contains(" 0 failed"), "{name}:\n{stdout}");
}
