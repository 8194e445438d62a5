//! A start opens the door first: plug-ins come as they are loaded, and what only asking tells about an
//! identity provider is asked soon, and said.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Output,
};

use portico_e2e::{
    Answer, Browser, Cloud, Emulator, Fault, FaultKind, Options, Portico, Settings, Target, World,
    assert_refused, hint, personas, plugins, program, send_signal, world_of,
};
use reqwest::StatusCode;
use serde_json::Value;
use tokio::process::Command;

async fn ready(base: &str) -> Value {
    let ready = Browser::default().get(format!("{base}/readyz")).await;
    assert_eq!(ready.status, StatusCode::OK, "a provider does not make Portico unready: {ready:?}");
    assert!(!ready.body.contains('/'), "addresses are the operator's to know: {ready:?}");
    assert_eq!(ready.json()["status"], "ready");
    ready.json()
}

/// Begins a login and goes up to its callback, not yet called.
async fn up_to_callback(browser: &mut Browser, base: &str, provider: &str) -> url::Url {
    let redirect = browser.begin(base, provider, &hint(personas::ZOFIA.user_name)).await;
    assert_eq!(redirect.status, StatusCode::FOUND, "{redirect:?}");
    browser.get(redirect.location()).await.location()
}

async fn sign_in(base: &str, provider: &str) -> Browser {
    let mut browser = Browser::default();
    let callback = up_to_callback(&mut browser, base, provider).await;
    let end = browser.get(callback).await;
    assert_eq!(end.status, StatusCode::FOUND, "{end:?}");
    browser
}

/// A process that this one has started, as soon as there is one, and stopped where it stands: it goes on
/// when it is told to.
async fn stopped_child(of: &Portico) -> u32 {
    let children = || {
        let tasks = fs::read_dir(format!("/proc/{}/task", of.id())).unwrap().flatten();
        let listed = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
        let listed = listed.collect::<String>();
        listed.split_whitespace().next().and_then(|id| id.parse().ok())
    };
    let child = loop {
        match children() {
            Some(child) => break child,
            None => tokio::task::yield_now().await,
        }
    };
    send_signal(child, "STOP").await;
    child
}

fn assert_is_away(response: &Answer) {
    assert_refused(response, 503, "provider_away");
    assert!(response.headers.contains_key("retry-after"), "{response:?}");
}

/// Takes away what was compiled.
fn forget_compiled(folder: &Path) {
    fs::remove_dir_all(folder.join("providers.d/.compiled")).unwrap();
}

/// Takes away what was compiled of one plug-in alone: the name of an entry begins with its digest.
fn forget_compiled_of(folder: &Path, id: &str) {
    let folder = folder.join("providers.d");
    let lock: toml::Table =
        fs::read_to_string(folder.join("providers.lock")).unwrap().parse().unwrap();
    let granted = lock["provider"].as_array().unwrap();
    let granted = granted.iter().find(|entry| entry["id"].as_str() == Some(id)).unwrap();
    let digest = granted["digest"].as_str().unwrap().trim_start_matches("sha256:");
    let entries = fs::read_dir(folder.join(".compiled")).unwrap().map(|entry| entry.unwrap());
    let of_it = entries.filter(|it| it.file_name().to_str().unwrap().starts_with(digest));
    assert_ne!(of_it.map(|entry| fs::remove_file(entry.path()).unwrap()).count(), 0);
}

#[tokio::test]
async fn loading_plug_in_is_answered_503_while_others_are_served() {
    let World { emulator: _emulator, portico, settings, folder } = world_of(&["github"], &[]).await;
    let base = portico.base.clone();
    let mut person = sign_in(&base, "github").await;
    let mut late = Browser::default();
    let callback = up_to_callback(&mut late, &base, "github").await;
    portico.stop().await;

    forget_compiled(folder.path());
    let portico = Portico::open(&settings).await;
    let compiler = stopped_child(&portico).await;
    let health = Browser::default().get(format!("{base}/healthz")).await;
    assert_eq!(health.status, StatusCode::OK);
    assert_eq!(ready(&base).await["providers"]["github"]["status"], "loading");
    sign_in(&base, "azure").await;
    assert_is_away(&person.session(&base).await);
    assert_is_away(&Browser::default().begin(&base, "github", "").await);
    assert_is_away(&late.get(&callback).await);
    let unknown = Browser::default().begin(&base, "nowhere", "").await;
    assert_refused(&unknown, 404, "unknown_provider");

    send_signal(compiler, "CONT").await;
    portico.in_time_logs("every provider is loaded").await;
    assert_eq!(person.session(&base).await.status, StatusCode::OK);
    let ended = late.get(callback).await;
    assert_eq!(ended.status, StatusCode::FOUND, "the attempt was spent: {ended:?}");
    assert_eq!(ready(&base).await["providers"], Value::Null);
}

#[tokio::test]
async fn each_plug_in_is_offered_as_soon_as_it_is_loaded() {
    let World { portico, settings, folder, emulator: _emulator } =
        world_of(&["digitalocean", "github", "oidc"], &[]).await;
    let base = portico.base.clone();
    portico.stop().await;
    forget_compiled_of(folder.path(), "oidc");
    let portico = Portico::open(&settings).await;
    let compiler = stopped_child(&portico).await;
    for provider in ["github", "digitalocean"] {
        portico.in_time_logs(&format!("\"provider\":\"{provider}\"")).await;
        // It is offered in the moment after the line about it.
        while ready(&base).await["providers"][provider] != Value::Null {}
        sign_in(&base, provider).await;
    }
    assert_eq!(ready(&base).await["providers"]["oidc"]["status"], "loading");
    send_signal(compiler, "CONT").await;
    portico.in_time_logs("every provider is loaded").await;
    sign_in(&base, "oidc").await;
}

#[tokio::test]
async fn built_in_azure_does_not_serve_while_its_replacement_loads() {
    let World { portico, settings, folder, emulator: _emulator } =
        world_of(&["azure", "github"], &[]).await;
    let base = portico.base.clone();
    let mut person = sign_in(&base, "azure").await;
    portico.stop().await;
    forget_compiled_of(folder.path(), "azure");
    let portico = Portico::open(&settings).await;
    let compiler = stopped_child(&portico).await;
    assert_is_away(&Browser::default().begin(&base, "azure", "").await);
    assert_is_away(&person.session(&base).await);
    send_signal(compiler, "CONT").await;
    portico.in_time_logs("every provider is loaded").await;
    assert_eq!(person.session(&base).await.status, StatusCode::OK);
}

#[tokio::test]
async fn session_of_plug_in_removed_before_start_ends() {
    let World { portico, settings, folder, emulator: _emulator } =
        world_of(&["github", "oidc"], &[]).await;
    let base = portico.base.clone();
    let mut person = sign_in(&base, "github").await;
    portico.stop().await;
    fs::remove_file(folder.path().join("providers.d/github.wasm")).unwrap();
    let _portico = Portico::open(&settings).await;
    assert_refused(&person.session(&base).await, 401, "session_ended");
}

#[tokio::test]
async fn compiled_plug_ins_are_cached_in_configured_folder() {
    let World { portico, mut settings, folder, emulator: _emulator } =
        world_of(&["github"], &[]).await;
    portico.stop().await;
    forget_compiled(folder.path());
    let cache = folder.path().join("a/cache");
    settings.set("PORTICO_CACHE", cache.to_str().unwrap());
    let portico = Portico::start(&settings).await;
    sign_in(&portico.base, "github").await;
    for made in [&cache, &cache.join("compiled")] {
        assert_eq!(fs::metadata(made).unwrap().permissions().mode() & 0o777, 0o700, "{made:?}");
    }
    assert_eq!(fs::read_dir(cache.join("compiled")).unwrap().count(), 1);
    assert!(!folder.path().join("providers.d/.compiled").exists());
}

#[tokio::test]
async fn existing_cache_folder_keeps_its_mode() {
    let World { portico, mut settings, folder, emulator: _emulator } =
        world_of(&["github"], &[]).await;
    portico.stop().await;
    let cache = folder.path().join("shared");
    fs::create_dir(&cache).unwrap();
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o755)).unwrap();
    settings.set("PORTICO_CACHE", cache.to_str().unwrap());
    let portico = Portico::start(&settings).await;
    sign_in(&portico.base, "github").await;
    assert_eq!(fs::metadata(&cache).unwrap().permissions().mode() & 0o777, 0o755);
}

#[tokio::test]
async fn unusable_cache_is_logged_once_and_plug_ins_are_offered() {
    let world = world_of(&["digitalocean", "github"], &[("PORTICO_CACHE", "/proc/nowhere")]).await;
    let log = world.portico.log();
    assert_eq!(log.matches("name another folder in PORTICO_CACHE").count(), 1, "{log}");
    for provider in ["digitalocean", "github"] {
        sign_in(&world.portico.base, provider).await;
    }
}

/// `portico` with these arguments and the settings of the world of a plug-in.
async fn portico(
    folder: &Path,
    emulator: &Emulator,
    more: &[(&str, &str)],
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
        .envs(more.iter().copied())
        .output()
        .await
        .unwrap()
}

#[tokio::test]
async fn provider_add_fills_the_compiled_cache() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let named = [("PORTICO_CACHE", cache.to_str().unwrap())];
    let file: PathBuf = plugins::built("oidc");
    let add = ["provider", "add", "--yes", file.to_str().unwrap()];
    let added = portico(folder.path(), &emulator, &named, &add).await;
    assert!(added.status.success(), "{added:?}");
    assert_eq!(fs::read_dir(cache.join("compiled")).unwrap().count(), 1);
}

async fn emulator() -> (Emulator, tempfile::TempDir) {
    (Emulator::start(Options::default()).await.unwrap(), tempfile::tempdir().unwrap())
}

/// What `/readyz` says of this provider.
async fn reason(base: &str, provider: &str) -> String {
    let note = ready(base).await["providers"][provider].clone();
    assert_eq!(note["status"], "failing", "{note}");
    note["reason"].as_str().unwrap().to_owned()
}

/// The line that says why people cannot sign in with a provider.
fn failing_line(portico: &Portico, provider: &str) -> Value {
    let is_it = |line: &Value| {
        let message = line["fields"]["message"].as_str().unwrap_or_default();
        message.starts_with("people cannot sign in") && line["fields"]["provider"] == provider
    };
    let lines: Vec<_> = portico.log_lines().into_iter().filter(is_it).collect();
    assert_eq!(lines.len(), 1, "{}", portico.log());
    lines[0]["fields"].clone()
}

#[tokio::test]
async fn start_logs_wrong_issuer_with_requested_url_and_suggestion() {
    let (emulator, _) = emulator().await;
    let variables = Cloud::Oidc.plugin_variables(emulator.http_url());
    let right = &variables.iter().find(|(name, _)| name == "OIDC_ISSUER").unwrap().1;
    let right = right.trim_end_matches('/');
    for below in ["/account/page", "/authorize", "/a/b/c"] {
        let wrong = format!("{right}{below}");
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(&emulator, folder.path());
        plugins::grant(folder.path(), &["oidc"]);
        settings.set("PORTICO_KEYS", plugins::KEYS);
        for (name, value) in &variables {
            settings.set(name, value);
        }
        settings.set("OIDC_ISSUER", &wrong);
        let portico = Portico::start(&settings).await;
        assert!(!reason(&portico.base, "oidc").await.is_empty());
        let said = failing_line(&portico, "oidc");
        let asked = format!("{wrong}/.well-known/openid-configuration");
        let why = said["why"].as_str().unwrap();
        let likely = format!("OIDC_ISSUER={right}");
        assert!(why.contains(&asked) && why.contains(&likely), "{why}");
        assert_eq!(ready(&portico.base).await["providers"]["azure"], Value::Null);
        sign_in(&portico.base, "azure").await;

        let named = [("OIDC_ISSUER", wrong.as_str())];
        let listed = self::portico(folder.path(), &emulator, &named, &["provider", "list"]).await;
        let listed = String::from_utf8(listed.stdout).unwrap();
        assert!(listed.contains("failing") && listed.contains(&asked), "{listed}");
        assert!(listed.contains(&likely), "{listed}");
        let offline = ["provider", "list", "--offline", "--json"];
        let listed = self::portico(folder.path(), &emulator, &named, &offline).await;
        let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
        assert_eq!(listed[0]["state"], "offered", "{listed}");
    }
}

#[tokio::test]
async fn failed_provider_check_is_in_readyz_and_log() {
    for (target, kind, word) in [
        (Target::Discovery, FaultKind::OtherIssuer, "misconfigured"),
        (Target::Discovery, FaultKind::Garbage, "discovery_unreadable"),
        (Target::Keys, FaultKind::Garbage, "keys_unreadable"),
        (Target::Keys, FaultKind::Close, "unreachable"),
    ] {
        let (emulator, folder) = emulator().await;
        emulator.fault(Fault::always(target, kind));
        let settings = Settings::new(&emulator, folder.path());
        let portico = Portico::start(&settings).await;
        assert_eq!(reason(&portico.base, "azure").await, word);
        let why = failing_line(&portico, "azure")["why"].to_string();
        let asked = match target {
            Target::Keys => "/keys",
            _ => "/organizations/v2.0/.well-known/openid-configuration",
        };
        let root = emulator.http_url().as_str();
        assert!(why.contains(root) && why.contains(asked), "{why}");
    }
}

#[tokio::test]
async fn unreachable_provider_is_checked_again_until_it_recovers() {
    let (emulator, folder) = emulator().await;
    emulator.fault(Fault::always(Target::Discovery, FaultKind::Close));
    let settings = Settings::new(&emulator, folder.path());
    let portico = Portico::start(&settings).await;
    assert_eq!(reason(&portico.base, "azure").await, "unreachable");
    emulator.clear_faults();
    // Nobody waits for the next time it is asked.
    sign_in(&portico.base, "azure").await;
    portico.in_time_logs("people can sign in with this provider again").await;
    while ready(&portico.base).await["providers"] != Value::Null {}
    failing_line(&portico, "azure");
}

#[tokio::test]
async fn start_fetches_discovery_and_keys_once_per_provider() {
    for names in [&[][..], &["azure"], &["oidc"]] {
        let world = world_of(names, &[]).await;
        let asked = |end: &str| {
            let requests = world.emulator.requests().into_iter();
            requests
                .filter(|request| request.path.ends_with(end))
                .map(|it| it.path)
                .collect::<Vec<_>>()
        };
        let providers = 1 + usize::from(names == ["oidc"]);
        let log = || format!("{names:?}\n{}", world.portico.log());
        assert_eq!(asked("/openid-configuration").len(), providers, "{}", log());
        assert_eq!(asked("keys").len(), providers, "{}", log());
    }
}

#[tokio::test]
async fn provider_list_shows_built_in_provider_and_its_health() {
    let (emulator, folder) = emulator().await;
    let azure = [
        ("AZURE_TENANT_ID", personas::CONTOSO.id),
        ("AZURE_CLIENT_ID", personas::APPLICATION.client_id),
        ("AZURE_CLIENT_SECRET", personas::APPLICATION.client_secret),
        ("AZURE_AUTHORITY_HOST", emulator.http_url().as_str()),
    ];
    let list = async || {
        let listed =
            portico(folder.path(), &emulator, &azure, &["provider", "list", "--json"]).await;
        let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
        assert_eq!(listed[0]["id"], "azure", "{listed}");
        (listed[0]["state"].clone(), listed[0]["reason"].to_string())
    };
    assert_eq!(list().await.0, "offered");
    emulator.fault(Fault::always(Target::Keys, FaultKind::Status { code: 500, retry_after: None }));
    let (state, why) = list().await;
    assert!(state == "failing" && why.contains("/keys"), "{state} {why}");
}
