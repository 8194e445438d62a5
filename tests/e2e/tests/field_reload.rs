//! Signals and changed configuration files of a running Portico.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, os::unix::fs::symlink, path::Path};

use portico_e2e::{
    Browser, Cloud, Emulator, Fault, FaultKind, Options, Portico, Settings, Target, hint, personas,
    plugins, token_requests,
};
use reqwest::StatusCode;

async fn emulator() -> (Emulator, tempfile::TempDir, Settings) {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new(&emulator, folder.path());
    (emulator, folder, settings)
}

/// Sets `AZURE_CLIENT_SECRET_FILE` to a file that is mounted as Kubernetes does: a symbolic link through
/// `..data`, a symbolic link that is replaced at each update.
fn mount(folder: &Path, settings: &mut Settings, secret: &str) {
    remount(folder, "first", secret);
    let file = folder.join("secret");
    symlink("..data/secret", &file).unwrap();
    settings.unset("AZURE_CLIENT_SECRET").set("AZURE_CLIENT_SECRET_FILE", file.to_str().unwrap());
}

fn remount(folder: &Path, version: &str, secret: &str) {
    fs::create_dir(folder.join(version)).unwrap();
    fs::write(folder.join(version).join("secret"), secret).unwrap();
    symlink(version, folder.join("..new")).unwrap();
    fs::rename(folder.join("..new"), folder.join("..data")).unwrap();
}

/// The error code of a login, or `None` if it succeeds.
async fn login(base: &str, provider: &str) -> Option<String> {
    let mut browser = Browser::default();
    let redirect = browser.begin(base, provider, &hint(personas::ZOFIA.user_name)).await;
    let callback = browser.get(redirect.location()).await.location();
    let response = browser.get(callback).await;
    (response.status != StatusCode::FOUND).then(|| response.code())
}

const RIGHT: &str = personas::APPLICATION.client_secret;
const CHANGED: &str = "the settings of Azure have changed";

#[tokio::test]
async fn hup_usr1_usr2_and_pipe_signals_do_not_stop_portico() {
    let (_emulator, _folder, settings) = emulator().await;
    let portico = Portico::start(&settings).await;
    for (signal, line) in [
        ("HUP", "SIGHUP: the configuration was reloaded"),
        ("USR1", "\"signal\":\"SIGUSR1\""),
        ("USR2", "\"signal\":\"SIGUSR2\""),
        ("HUP", "SIGHUP: the configuration was reloaded"),
    ] {
        portico.signal(signal).await;
        portico.logged(|it| it.log().contains(line)).await;
        assert_eq!(login(&portico.base, "azure").await, None, "{signal}");
    }
    portico.signal("PIPE").await;
    assert_eq!(login(&portico.base, "azure").await, None);
    portico.signal("QUIT").await;
    assert!(portico.wait().await.success());
}

#[tokio::test]
async fn replaced_secret_file_is_used_without_signal_or_restart() {
    let (_emulator, folder, mut settings) = emulator().await;
    mount(folder.path(), &mut settings, "expired");
    let portico = Portico::start(&settings).await;
    assert_eq!(login(&portico.base, "azure").await.as_deref(), Some("registration_refused"));
    remount(folder.path(), "second", RIGHT);
    portico.logged(|it| it.log().contains(CHANGED)).await;
    assert_eq!(login(&portico.base, "azure").await, None);
    // Overwritten in place, then with a byte order mark and CRLF.
    fs::write(folder.path().join("secret"), "wrong").unwrap();
    portico.logged(|it| it.log().matches(CHANGED).count() == 2).await;
    assert_eq!(login(&portico.base, "azure").await.as_deref(), Some("registration_refused"));
    fs::write(folder.path().join("secret"), format!("\u{feff}{RIGHT}\r\n")).unwrap();
    portico.logged(|it| it.log().matches(CHANGED).count() == 3).await;
    assert_eq!(login(&portico.base, "azure").await, None);
    let log = portico.log();
    assert!(!log.contains("expired") && !log.contains(RIGHT), "{log}");
}

#[tokio::test]
async fn replaced_plug_in_secret_file_is_used_without_restart() {
    let (emulator, folder, mut settings) = emulator().await;
    plugins::grant(folder.path(), &["github"]);
    settings.set("PORTICO_KEYS", plugins::KEYS);
    let mut right = String::new();
    for (name, value) in Cloud::GitHub.plugin_variables(emulator.http_url()) {
        match name.as_str() {
            "GITHUB_CLIENT_SECRET" => right = value,
            _ => drop(settings.set(&name, &value)),
        }
    }
    let file = folder.path().join("of-github");
    fs::write(&file, "expired").unwrap();
    settings.set("GITHUB_CLIENT_SECRET_FILE", file.to_str().unwrap());
    let portico = Portico::start(&settings).await;
    assert!(login(&portico.base, "github").await.is_some());
    let loaded = |portico: &Portico| portico.log().matches("plug-in loaded").count();
    let before = loaded(&portico);
    fs::write(&file, &right).unwrap();
    portico.logged(|it| loaded(it) > before).await;
    // The plug-in is offered shortly after its log line is written.
    while login(&portico.base, "github").await.is_some() {}
    fs::write(&file, "").unwrap();
    portico.logged(|it| it.log().contains("The version before goes on serving")).await;
    assert_eq!(login(&portico.base, "github").await, None);
}

#[tokio::test]
async fn faulty_configuration_file_is_logged_and_previous_value_kept() {
    let (_emulator, folder, mut settings) = emulator().await;
    mount(folder.path(), &mut settings, RIGHT);
    let portico = Portico::start(&settings).await;
    remount(folder.path(), "empty", "\r\n");
    portico.logged(|it| it.log().contains("which is empty: write the secret into it")).await;
    assert_eq!(login(&portico.base, "azure").await, None);
    remount(folder.path(), "mended", RIGHT);
    fs::write(folder.path().join("portico.toml"), "[azure\n").unwrap();
    portico.logged(|it| it.log().contains("portico.toml is not TOML")).await;
    portico.signal("HUP").await;
    portico.logged(|it| it.log().contains("SIGHUP: the configuration cannot be read again")).await;
    assert_eq!(login(&portico.base, "azure").await, None);
}

#[tokio::test]
async fn reload_applies_tenants_and_log_filter_and_names_the_rest() {
    let (_emulator, folder, mut settings) = emulator().await;
    settings.unset("AZURE_ALLOWED_TENANTS");
    let write = |tenant: &str, more: &str| {
        let file = format!("{more}\n[azure]\nallowed_tenants = \"{tenant}\"\n");
        fs::write(folder.path().join("portico.toml"), file).unwrap();
    };
    write(personas::CONTOSO.id, "log = \"info,portico_http=warn\"");
    let portico = Portico::start(&settings).await;
    let mut signed_in = Browser::default();
    signed_in.sign_in(&portico.base, personas::ZOFIA.user_name).await;
    let nowhere = format!("{}/api/login/nowhere", portico.base);
    let unlogged = Browser::default().get(&nowhere).await.json()["correlation"].clone();

    write(personas::TAILSPIN.id, "log = \"info\"\nsession_idle = \"2h\"\nlogins = \"7000\"");
    portico.logged(|it| it.log().contains(CHANGED)).await;
    portico.signal("HUP").await;
    portico.logged(|it| it.log().contains("SIGHUP: the configuration was reloaded")).await;
    portico_e2e::assert_refused(&signed_in.session(&portico.base).await, 401, "session_ended");
    assert_eq!(login(&portico.base, "azure").await.as_deref(), Some("tenant_not_allowed"));
    let logged = Browser::default().get(&nowhere).await.json()["correlation"].clone();
    portico.failure(logged.as_str().unwrap()).await;
    let log = portico.log();
    assert!(!log.contains(unlogged.as_str().unwrap()), "{log}");
    // PORTICO_LOGINS is set in the environment, which overrides the file: it has not changed.
    let settings = "\"settings\":\"PORTICO_SESSION_IDLE\"";
    assert!(log.contains(settings) && log.contains("take effect at the next start"), "{log}");
}

#[tokio::test]
async fn login_completes_with_secret_it_began_with() {
    let (emulator, folder, mut settings) = emulator().await;
    mount(folder.path(), &mut settings, RIGHT);
    let portico = Portico::start(&settings).await;
    let base = portico.base.clone();
    let mut browser = Browser::default();
    let callback = browser.up_to_callback(&base, &hint(personas::ZOFIA.user_name)).await;
    emulator.fault(Fault::once(Target::Token, FaultKind::Slow { millis: 2_000 }));
    emulator.clear_requests();
    let pending = tokio::spawn(async move { browser.get(callback).await });
    while token_requests(&emulator) == 0 {
        tokio::task::yield_now().await;
    }
    remount(folder.path(), "second", "wrong");
    portico.logged(|it| it.log().contains(CHANGED)).await;
    let response = pending.await.unwrap();
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}");
    assert_eq!(login(&base, "azure").await.as_deref(), Some("registration_refused"));
}
