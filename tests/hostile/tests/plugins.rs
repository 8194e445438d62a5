//! Hostile plug-ins against the running program: only their own logins fail, within a bounded time, and
//! the log names the violated rule.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    path::Path,
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use portico_e2e::{
    Browser, Cloud, Emulator, Options, Portico, Response, Settings, hint, personas, plugins,
    program,
};
use portico_hostile::tried;
use portico_wasm::testing::{Hostile, When, hostile};

/// The limit is one second; a machine that runs other tests concurrently is slower.
const SOON: Duration = Duration::from_secs(5);

fn add(folder: &Path, it: &Hostile) -> Output {
    let file = folder.join(format!("{}.hostile", it.name));
    std::fs::write(&file, &it.component).unwrap();
    Command::new(program("portico"))
        .args(["provider", "add", "--yes"])
        .arg(file)
        .env_clear()
        .env("PORTICO_PROVIDERS", folder.join("providers.d"))
        .env("PORTICO_STORE", "memory:")
        .env("PORTICO_KEYS", plugins::KEYS)
        .env("PORTICO_CONFIG", "")
        .env("PORTICO_LOG", "error")
        .output()
        .unwrap()
}

/// Configures a hostile plug-in: any user may sign in at the emulated provider.
fn configure(settings: &mut Settings, emulator: &Emulator, name: &str) {
    let prefix = name.replace('-', "_").to_ascii_uppercase();
    for (variable, value) in Cloud::Oidc.plugin_variables(emulator.http_url()) {
        for wanted in ["CLIENT_ID", "CLIENT_SECRET", "ALLOWED_TENANTS", "ISSUER"] {
            if variable == format!("OIDC_{wanted}") {
                settings.set(&format!("{prefix}_{wanted}"), &value);
            }
        }
    }
}

#[test]
fn add_refuses_invalid_component_and_names_the_rule() {
    let folder = tempfile::tempdir().unwrap();
    let all: Vec<_> = hostile().into_iter().filter(|it| it.when == When::Load).collect();
    assert!(all.len() >= 15, "{}", all.len());
    for it in &all {
        let output = add(folder.path(), it);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{} was granted: {said}", it.name);
        assert!(said.contains(it.breaks), "{}: {said:?} lacks {:?}", it.name, it.breaks);
    }
    let kept = std::fs::read_dir(folder.path().join("providers.d")).unwrap();
    let kept: Vec<_> = kept.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(kept, [".compiled"], "something of them was kept");
    tried(all.len());
}

/// Counts logins with Azure beside the hostile ones, and how many of them failed.
#[derive(Default)]
struct Others {
    stop: AtomicBool,
    logins: AtomicUsize,
    failed: AtomicUsize,
}

impl Others {
    async fn sign_in(&self, base: &str) {
        while !self.stop.load(Ordering::Relaxed) {
            let mut browser = Browser::default();
            let answer = browser.sign_in(base, personas::ZOFIA.user_name).await;
            let listed = browser.session(base).await.json();
            let whole = listed["accounts"][0]["subscriptions"].as_array().map(Vec::len) == Some(7);
            self.logins.fetch_add(1, Ordering::Relaxed);
            if answer.status != 302 || !whole {
                self.failed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// Signs in with this plug-in. Returns the last response, whether a session exists, and the duration of
/// the plug-in's part.
async fn log_in(base: &str, name: &str) -> (Response, bool, Duration) {
    let mut browser = Browser::default();
    let begun = Instant::now();
    let url = format!("{base}/api/login/{name}?{}", hint(personas::ZOFIA.user_name));
    let first = browser.get(&url).await;
    if first.status != 302 {
        return (first, false, begun.elapsed());
    }
    let callback = browser.get(first.location()).await.location();
    let begun = Instant::now();
    let answer = browser.get(callback).await;
    let took = begun.elapsed();
    let signed_in = browser.session(base).await.status == 200;
    (answer, signed_in, took)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_plug_in_fails_only_its_own_logins_and_the_rule_is_logged() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("PORTICO_KEYS", plugins::KEYS);
    let all: Vec<_> = hostile().into_iter().filter(|it| it.when != When::Load).collect();
    assert!(all.len() >= 15, "{}", all.len());
    for it in &all {
        let output = add(folder.path(), it);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{}: {said}", it.name);
        configure(&mut settings, &emulator, it.name);
    }
    let portico = Portico::start(&settings).await;
    let (base, others) = (portico.base.clone(), Arc::new(Others::default()));
    let beside = tokio::spawn({
        let (others, base) = (others.clone(), base.clone());
        async move { others.sign_in(&base).await }
    });

    for it in &all {
        let (answer, signed_in, took) = log_in(&base, it.name).await;
        println!("{:<32} {} {:?} {}", it.name, answer.status, took, answer.body);
        assert!(took < SOON, "{} took {took:?}", it.name);
        if it.when == When::Configure {
            assert_eq!(answer.status, 404, "{} is offered", it.name);
        } else if answer.status == 302 {
            // It asked for what it may not have, was refused, and gave up: a login without a list.
            assert!(it.breaks.is_empty(), "{} broke a rule and signed somebody in", it.name);
        } else {
            assert_eq!(answer.status, 502, "{}: {}", it.name, answer.body);
            assert!(!signed_in && !answer.sets_session_cookie(), "{}", it.name);
            assert!(answer.body.contains("Hostile"), "{}: {}", it.name, answer.body);
        }
        // The log comes by a pipe of its own, a moment after the answer.
        let written = Instant::now();
        while !portico.log().contains(it.breaks) {
            assert!(written.elapsed() < SOON, "{}: the log lacks {:?}", it.name, it.breaks);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    others.stop.store(true, Ordering::Relaxed);
    beside.await.unwrap();
    let (logins, failed) =
        (others.logins.load(Ordering::Relaxed), others.failed.load(Ordering::Relaxed));
    println!(
        "{} hostile plug-ins; {logins} logins of others beside them, {failed} failed",
        all.len()
    );
    assert!(logins >= 10, "only {logins} logins went on beside them");
    assert_eq!(failed, 0, "of {logins} logins");
    tried(all.len());
}
