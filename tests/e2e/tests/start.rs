//! Start, start failures, shutdown and restart.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt};

use portico_e2e::{
    Browser, Emulator, Fault, FaultKind, Options, Portico, Settings, Target, hint,
    js_plugin::provider, personas, start_and_fail, world,
};

async fn settings() -> (Emulator, tempfile::TempDir, Settings) {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new(&emulator, folder.path());
    (emulator, folder, settings)
}

#[tokio::test]
async fn invalid_configuration_prints_every_fault_and_exits_2() {
    let (_emulator, folder, mut settings) = settings().await;
    settings.set("AZURE_CLIENT_SECRET", "").set("PORTICO_LISTEN", "here").set("PORTICO_LOG", "==");
    let (code, output) = start_and_fail(&settings).await;
    assert_eq!(code, Some(2), "{output}");
    assert!(output.starts_with("Portico cannot start: 3 settings are wrong."), "{output}");
    for name in ["AZURE_CLIENT_SECRET", "PORTICO_LISTEN", "PORTICO_LOG"] {
        assert!(output.contains(name), "{output}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "the failed start created files");
}

#[test]
fn failed_command_names_itself_and_the_cause() {
    let folder = tempfile::tempdir().unwrap();
    let (code, output) = provider(folder.path(), &["inspect", "nofile"]);
    assert_eq!(code, Some(1), "{output}");
    let prefix = "portico provider inspect: nofile cannot be read: No such file";
    assert!(output.starts_with(prefix) && output.lines().count() == 1, "{output}");

    fs::write(folder.path().join("portico.toml"), "lisen = \"127.0.0.1:5000\"").unwrap();
    let (code, output) = provider(folder.path(), &["list", "--offline"]);
    assert_eq!(code, Some(2), "{output}");
    let prefix = "The configuration cannot be used: one setting is wrong.\n  lisen in portico.toml";
    assert!(output.starts_with(prefix), "{output}");
}

#[tokio::test]
async fn malformed_sealing_keys_are_a_configuration_fault() {
    let (_emulator, _folder, mut settings) = settings().await;
    settings.set("PORTICO_KEYS", "c2hvcnQ=");
    let (code, output) = start_and_fail(&settings).await;
    assert_eq!(code, Some(2), "{output}");
    assert!(output.contains("PORTICO_KEYS") && !output.contains("c2hvcnQ"), "{output}");
}

#[tokio::test]
async fn port_in_use_prints_one_sentence_and_exits_1() {
    let (_emulator, _folder, mut settings) = settings().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    settings.set("PORTICO_LISTEN", &address);
    let (code, output) = start_and_fail(&settings).await;
    assert_eq!(code, Some(1), "{output}");
    let last = output.lines().last().unwrap();
    assert!(last.contains(&address) && last.contains("PORTICO_LISTEN"), "{output}");
}

#[tokio::test]
async fn store_in_use_prints_one_sentence_and_exits_1() {
    let (emulator, folder, first) = settings().await;
    let _running = Portico::start(&first).await;
    let second = Settings::new(&emulator, folder.path());
    let (code, output) = start_and_fail(&second).await;
    assert_eq!(code, Some(1), "{output}");
    let last = output.lines().last().unwrap();
    assert!(last.contains("sessions") && last.contains("another Portico"), "{output}");
}

#[tokio::test]
async fn uncreatable_store_folder_prints_one_sentence_and_exits_1() {
    let (_emulator, folder, mut settings) = settings().await;
    // A file is in the way. Permissions would not stop root.
    fs::write(folder.path().join("file"), "").unwrap();
    settings.set("PORTICO_STORE", "sled:file/sessions");
    let (code, output) = start_and_fail(&settings).await;
    assert_eq!(code, Some(1), "{output}");
    let last = output.lines().last().unwrap();
    assert!(last.contains("file") && last.contains("PORTICO_STORE"), "{output}");
}

#[tokio::test]
async fn key_file_is_owner_only_and_sessions_survive_restart() {
    let first = world(&[]).await;
    let (base, mut browser) = (first.portico.base.clone(), Browser::default());
    browser.sign_in(&base, personas::ZOFIA.user_name).await;
    let key = fs::metadata(first.folder.path().join("sessions/portico.keys")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
    assert!(first.portico.stop().await.success());

    let _second = Portico::start(&first.settings).await;
    let session = browser.session(&base).await;
    assert_eq!(session.status.as_u16(), 200, "{session:?}");
    assert_eq!(session.json()["user"]["name"], personas::ZOFIA.name);
}

#[tokio::test]
async fn login_begun_before_restart_completes_after_it() {
    let first = world(&[]).await;
    let (base, mut browser) = (first.portico.base.clone(), Browser::default());
    let callback = browser.up_to_callback(&base, &hint(personas::ZOFIA.user_name)).await;
    assert!(first.portico.stop().await.success());
    let _second = Portico::start(&first.settings).await;
    assert_eq!(browser.get(callback).await.status.as_u16(), 302);
    assert_eq!(browser.session(&base).await.status.as_u16(), 200);
}

#[tokio::test]
async fn sigkill_loses_no_acknowledged_login() {
    let first = world(&[]).await;
    let (base, mut browser) = (first.portico.base.clone(), Browser::default());
    browser.sign_in(&base, personas::ZOFIA.user_name).await;
    drop(first.portico);
    let _second = Portico::start(&first.settings).await;
    assert_eq!(browser.session(&base).await.status.as_u16(), 200);
}

#[tokio::test]
async fn sigterm_waits_for_login_in_flight() {
    let world = world(&[]).await;
    let (base, mut browser) = (world.portico.base.clone(), Browser::default());
    let callback = browser.up_to_callback(&base, &hint(personas::ZOFIA.user_name)).await;
    world.emulator.fault(Fault::once(Target::Token, FaultKind::Slow { millis: 1_000 }));
    world.emulator.clear_requests();
    let pending = tokio::spawn(async move { browser.get(callback).await });
    while portico_e2e::token_requests(&world.emulator) == 0 {
        tokio::task::yield_now().await;
    }
    world.portico.terminate().await;
    let response = pending.await.unwrap();
    assert_eq!(response.status.as_u16(), 302, "{response:?}");
    assert!(world.portico.wait().await.success());
    let listener = TcpListener::bind(base.trim_start_matches("http://"));
    assert!(listener.is_ok(), "the port is still taken");
}
