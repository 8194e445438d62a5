//! Hostile plug-ins against the running program: only their own logins fail, within a bounded time, and
//! the log names the violated rule.

use std::{
    path::Path,
    process::Output,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use portico_e2e::{
    Browser, Cloud, Emulator, Options, Portico, Response, Settings, hint, personas, plugins,
};
use portico_hostile::tried;
use portico_wasm::testing::{Hostile, When, hostile};

/// The limit of a plug-in is one second of processor time; a machine that runs other tests is slower.
const TIMEOUT: Duration = Duration::from_secs(5);

fn add(folder: &Path, plugin: &Hostile) -> Output {
    let file = folder.join(format!("{}.hostile", plugin.name));
    std::fs::write(&file, &plugin.component).unwrap();
    plugins::command(&folder.join("providers.d"), plugins::KEYS)
        .args(["provider", "add", "--yes"])
        .arg(file)
        .env("PORTICO_LOG", "error")
        .output()
        .unwrap()
}

/// Configures a hostile plug-in: any user may sign in at the emulated provider.
fn configure(settings: &mut Settings, emulator: &Emulator, name: &str) {
    let prefix = name.replace('-', "_").to_ascii_uppercase();
    for (variable, value) in Cloud::Oidc.plugin_variables(emulator.http_url()) {
        for setting in ["CLIENT_ID", "CLIENT_SECRET", "ALLOWED_TENANTS", "ISSUER"] {
            if variable == format!("OIDC_{setting}") {
                settings.set(&format!("{prefix}_{setting}"), &value);
            }
        }
    }
}

#[test]
fn add_refuses_invalid_component_and_names_the_rule() {
    let folder = tempfile::tempdir().unwrap();
    let all: Vec<_> = hostile().into_iter().filter(|it| it.when == When::Load).collect();
    assert!(all.len() >= 15, "{}", all.len());
    for plugin in &all {
        let output = add(folder.path(), plugin);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{} was granted: {error}", plugin.name);
        let (name, breaks) = (plugin.name, plugin.breaks);
        assert!(error.contains(breaks), "{name}: {error:?} lacks {breaks:?}");
    }
    let files = std::fs::read_dir(folder.path().join("providers.d")).unwrap();
    let files: Vec<_> = files.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, [".compiled"], "files of refused plug-ins remain");
    tried(all.len());
}

/// Concurrent logins with Azure: their number, and how many of them failed.
#[derive(Default)]
struct AzureLogins {
    stop: AtomicBool,
    total: AtomicUsize,
    failed: AtomicUsize,
}

impl AzureLogins {
    /// Signs in repeatedly until it is stopped.
    async fn run(&self, base: &str) {
        while !self.stop.load(Ordering::Relaxed) {
            let mut browser = Browser::default();
            let response = browser.sign_in(base, personas::ZOFIA.user_name).await;
            let session = browser.session(base).await.json();
            let complete =
                session["accounts"][0]["subscriptions"].as_array().map(Vec::len) == Some(7);
            self.total.fetch_add(1, Ordering::Relaxed);
            if response.status != 302 || !complete {
                self.failed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// Signs in with this plug-in. Returns the last response, what `/api/session` responds when no listing is
/// in progress any more, and the duration of the request that ran the plug-in.
async fn log_in(base: &str, name: &str) -> (Response, Response, Duration) {
    let mut browser = Browser::default();
    let sent_at = Instant::now();
    let url = format!("{base}/api/login/{name}?{}", hint(personas::ZOFIA.user_name));
    let redirect = browser.get(&url).await;
    if redirect.status != 302 {
        let session = browser.session(base).await;
        return (redirect, session, sent_at.elapsed());
    }
    let callback = browser.get(redirect.location()).await.location();
    let sent_at = Instant::now();
    let response = browser.get(callback).await;
    let took = sent_at.elapsed();
    (response, browser.session(base).await, took)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_plug_in_fails_only_its_own_logins_and_the_rule_is_logged() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("PORTICO_KEYS", plugins::KEYS);
    let all: Vec<_> = hostile().into_iter().filter(|it| it.when != When::Load).collect();
    assert!(all.len() >= 15, "{}", all.len());
    for plugin in &all {
        let output = add(folder.path(), plugin);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{}: {error}", plugin.name);
        configure(&mut settings, &emulator, plugin.name);
    }
    let portico = Portico::start(&settings).await;
    let others = Arc::new(AzureLogins::default());
    let running = tokio::spawn({
        let (others, base) = (others.clone(), portico.base.clone());
        async move { others.run(&base).await }
    });

    for plugin in &all {
        assert_only_its_logins_fail(&portico, plugin).await;
    }

    others.stop.store(true, Ordering::Relaxed);
    running.await.unwrap();
    let (total, failed) =
        (others.total.load(Ordering::Relaxed), others.failed.load(Ordering::Relaxed));
    println!(
        "{} hostile plug-ins; {total} concurrent logins of others, {failed} of them failed",
        all.len()
    );
    assert!(total >= 10, "only {total} concurrent logins of others");
    assert_eq!(failed, 0, "of {total} logins");
    tried(all.len());
}

/// Signs in with the plug-in: it is not offered, its login fails, or it obeyed a refusal. Where a login
/// did not wait for the end of its listing, the account says that the plug-in broke a rule.
async fn assert_only_its_logins_fail(portico: &Portico, plugin: &Hostile) {
    let (name, breaks) = (plugin.name, plugin.breaks);
    let (response, session, took) = log_in(&portico.base, name).await;
    assert!(took < TIMEOUT, "{name} took {took:?}: {response:?}");
    if plugin.when == When::Configure {
        assert_eq!(response.status, 404, "{name} is offered");
    } else if response.status == 302 && breaks.is_empty() {
        // A refused request makes its listing empty; the login succeeds.
        assert_eq!(session.status, 200, "{name}");
    } else if response.status == 302 {
        let account = &session.json()["accounts"][0];
        let warning = account["warnings"][0].as_str().unwrap_or_default();
        assert!(warning.contains("broke a rule"), "{name}, whose login succeeded: {account}");
        assert_eq!(account["subscriptions"], serde_json::json!([]), "{name}");
    } else {
        assert_eq!(response.status, 502, "{name}: {}", response.body);
        assert!(session.status == 401 && !response.sets_session_cookie(), "{name}");
        assert!(response.body.contains("Hostile"), "{name}: {}", response.body);
    }
    // The log arrives through a pipe, possibly after the response.
    let responded_at = Instant::now();
    while !portico.log().contains(breaks) {
        assert!(responded_at.elapsed() < TIMEOUT, "{name}: the log lacks {breaks:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
