//! The folder of plug-ins is watched: plug-ins are added, replaced and removed without a restart, and
//! no login fails.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use portico_e2e::{Browser, Cloud, World, hint, personas, plugins, world_of};
use reqwest::{Method, RequestBuilder, StatusCode};
use rstest::rstest;
use serde_json::Value;

/// Number of swaps under load. `PORTICO_SWAPS=100` is the full run.
const SWAPS: usize = 8;

/// Polls `condition` for up to 30 s. Portico looks at the folder twice a second.
async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} did not happen within 30 s");
}

async fn offered_providers(world: &World) -> Vec<String> {
    let url = format!("{}/api/providers", world.portico.base);
    let providers = Browser::default().get(url).await.json();
    let ids = providers.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// `providerFaults` of `/readyz`, which names no path since anybody may read it.
async fn fault_count(world: &World) -> u64 {
    let ready = Browser::default().get(format!("{}/readyz", world.portico.base)).await;
    assert_eq!(ready.status, StatusCode::OK, "a plug-in does not make Portico unready");
    let folder = world.folder.path().to_str().unwrap();
    assert!(!ready.body.contains(folder) && !ready.body.contains('/'), "{ready:?}");
    ready.json()["providerFaults"].as_u64().unwrap_or_default()
}

/// Waits for a fault in the log that contains `text`.
async fn logged_fault(world: &World, text: &str) {
    let is_fault =
        |line: &Value| line["fields"]["fault"].as_str().is_some_and(|fault| fault.contains(text));
    world.portico.logged(|it| it.log_lines().iter().any(is_fault)).await;
}

async fn log_in(base: &str, provider: &str) -> StatusCode {
    let mut browser = Browser::default();
    let query = hint(personas::ZOFIA.user_name);
    let redirect = browser.get(format!("{base}/api/login/{provider}?{query}")).await;
    if redirect.status != StatusCode::FOUND {
        return redirect.status;
    }
    let callback = browser.get(redirect.location()).await.location();
    browser.get(callback).await.status
}

fn folder(world: &World) -> PathBuf {
    world.folder.path().join("providers.d")
}

fn github_variables(world: &World) -> Vec<(String, String)> {
    Cloud::GitHub.plugin_variables(world.emulator.http_url())
}

/// The component with an unused custom section (WebAssembly core specification, section 5.5.3), which
/// changes its digest.
fn with_other_digest(component: &Path, mark: u8) -> Vec<u8> {
    let mut component = std::fs::read(component).unwrap();
    component.extend([0, 3, 1, b'm', mark]);
    component
}

#[tokio::test]
async fn plug_in_added_is_offered_and_removed_is_withdrawn() {
    let world = world_of(&["oidc"], &[]).await;
    // Its settings are in portico.toml, which is read again when the plug-in is added.
    let table: String = github_variables(&world)
        .into_iter()
        .map(|(name, value)| {
            let key = name.trim_start_matches("GITHUB_").to_ascii_lowercase();
            format!("{key} = \"{value}\"\n")
        })
        .collect();
    assert_eq!(offered_providers(&world).await, ["azure", "oidc"]);
    std::fs::write(
        world.folder.path().join("portico.toml"),
        format!("[providers.github]\n{table}"),
    )
    .unwrap();
    plugins::add(&folder(&world), &plugins::built("github"), plugins::KEYS);
    until("github is offered", async || {
        offered_providers(&world).await.contains(&"github".to_owned())
    })
    .await;
    assert_eq!(log_in(&world.portico.base, "github").await, StatusCode::FOUND);
    assert_eq!(fault_count(&world).await, 0);

    std::fs::remove_file(folder(&world).join("github.wasm")).unwrap();
    until("github is gone", async || offered_providers(&world).await == ["azure", "oidc"]).await;
    assert_eq!(log_in(&world.portico.base, "github").await, StatusCode::NOT_FOUND);
    assert_eq!(log_in(&world.portico.base, "oidc").await, StatusCode::FOUND);
}

/// A browser that is signed in with GitHub.
async fn signed_in_with_github(world: &World) -> Browser {
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let redirect = browser.begin(base, "github", &hint(personas::ZOFIA.user_name)).await;
    let callback = browser.get(redirect.location()).await.location();
    browser.get(callback).await;
    assert_eq!(browser.session(base).await.status, StatusCode::OK);
    browser
}

#[tokio::test]
async fn session_of_removed_plug_in_ends_at_next_request() {
    let world = world_of(&["github"], &[]).await;
    let (base, mut browser) = (&world.portico.base, signed_in_with_github(&world).await);
    let mut azure = Browser::default();
    azure.sign_in(base, personas::ZOFIA.user_name).await;
    let file = folder(&world).join("github.wasm");
    let component = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    until("github is gone", async || offered_providers(&world).await == ["azure"]).await;
    portico_e2e::assert_refused(&browser.session(base).await, 401, "session_ended");
    assert_eq!(azure.session(base).await.status, StatusCode::OK);
    std::fs::write(&file, component).unwrap();
    until("github is back", async || {
        offered_providers(&world).await.contains(&"github".to_owned())
    })
    .await;
    assert_eq!(browser.session(base).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn session_of_plug_in_that_fails_to_load_is_answered_503_and_kept() {
    let world = world_of(&["github"], &[]).await;
    let mut browser = signed_in_with_github(&world).await;
    let file = folder(&world).join("github.wasm");
    let component = std::fs::read(&file).unwrap();
    // The loaded version continues to serve.
    std::fs::write(&file, b"no component").unwrap();
    until("the fault is counted", async || fault_count(&world).await > 0).await;
    assert_eq!(browser.session(&world.portico.base).await.status, StatusCode::OK);

    let World { emulator, portico, settings, folder } = world;
    portico.stop().await;
    let portico = portico_e2e::Portico::start(&settings).await;
    let world = World { emulator, portico, settings, folder };
    let base = &world.portico.base;
    portico_e2e::assert_refused(&browser.session(base).await, 503, "provider_away");
    std::fs::write(&file, component).unwrap();
    until("github is back", async || {
        offered_providers(&world).await.contains(&"github".to_owned())
    })
    .await;
    assert_eq!(browser.session(base).await.status, StatusCode::OK);
}

#[rstest]
#[case::garbage(|_: &Path| b"not a component".to_vec())]
#[case::truncated(|file: &Path| {
    let component = std::fs::read(file).unwrap();
    component[..component.len() / 2].to_vec()
})]
#[case::other_digest(|file: &Path| with_other_digest(file, 1))]
#[tokio::test]
async fn broken_plug_in_file_leaves_previous_version_serving(#[case] broken: fn(&Path) -> Vec<u8>) {
    let world = world_of(&["github"], &[]).await;
    let file = folder(&world).join("github.wasm");
    let component = std::fs::read(&file).unwrap();
    std::fs::write(&file, broken(&file)).unwrap();
    until("the fault is counted", async || fault_count(&world).await > 0).await;
    logged_fault(&world, "github: its file has changed since it was granted").await;
    logged_fault(&world, "The version before goes on serving").await;
    assert_eq!(log_in(&world.portico.base, "github").await, StatusCode::FOUND);
    world.portico.logged(|it| it.log().contains("a plug-in cannot be offered")).await;
    std::fs::write(&file, &component).unwrap();
    until("the fault is gone", async || fault_count(&world).await == 0).await;
}

#[tokio::test]
async fn broken_lock_leaves_loaded_plug_ins_serving() {
    let world = world_of(&["github"], &[]).await;
    std::fs::write(folder(&world).join("providers.lock"), "nonsense").unwrap();
    until("the fault is counted", async || fault_count(&world).await > 0).await;
    logged_fault(&world, "providers.lock cannot be understood").await;
    assert_eq!(log_in(&world.portico.base, "github").await, StatusCode::FOUND);
}

#[tokio::test]
async fn plug_in_without_grant_or_settings_is_named_and_not_offered() {
    let world = world_of(&["oidc"], &[("OIDC_ISSUER", "no address")]).await;
    assert_eq!(offered_providers(&world).await, ["azure"]);
    std::fs::copy(plugins::built("github"), folder(&world).join("github.wasm")).unwrap();
    std::fs::write(folder(&world).join("Git Hub.wasm"), "").unwrap();
    until("three faults", async || fault_count(&world).await == 3).await;
    for fault in [
        "Git Hub.wasm: its name is no provider's id",
        "github: it was not granted: run `portico provider add",
        "oidc: the setting issuer must be an address",
    ] {
        logged_fault(&world, fault).await;
    }
    assert_eq!(offered_providers(&world).await, ["azure"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plug_in_swapped_under_load_fails_no_login() {
    let swaps = std::env::var("PORTICO_SWAPS").ok().and_then(|it| it.parse().ok()).unwrap_or(SWAPS);
    let world = world_of(&["github"], &[]).await;
    let builds = [1, 2].map(|mark| {
        let file = world.folder.path().join(format!("build-{mark}.wasm"));
        std::fs::write(&file, with_other_digest(&plugins::built("github"), mark)).unwrap();
        file
    });
    let stop = Arc::new(AtomicBool::new(false));
    let (logins, failed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let people: Vec<_> = (0..4)
        .map(|_| {
            let (stop, logins, failed) = (stop.clone(), logins.clone(), failed.clone());
            let base = world.portico.base.clone();
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let status = log_in(&base, "github").await;
                    logins.fetch_add(1, Ordering::Relaxed);
                    failed.fetch_add(usize::from(status != StatusCode::FOUND), Ordering::Relaxed);
                }
            })
        })
        .collect();
    let loaded = || world.portico.log().matches("plug-in loaded").count();
    let started = std::time::Instant::now();
    for swap in 0..swaps {
        let before = loaded();
        let (folder, file) = (folder(&world), builds[swap % 2].clone());
        let add = move || plugins::add(&folder, &file, plugins::KEYS);
        tokio::task::spawn_blocking(add).await.unwrap();
        until("the swap", async || loaded() > before).await;
    }
    stop.store(true, Ordering::Relaxed);
    for person in people {
        person.await.unwrap();
    }
    let (logins, failed) = (logins.load(Ordering::Relaxed), failed.load(Ordering::Relaxed));
    let rate = logins as f64 / started.elapsed().as_secs_f64();
    println!("{swaps} swaps under {logins} logins ({rate:.0}/s), {failed} failed");
    assert!(logins > 2 * swaps, "only {logins} logins");
    assert_eq!(failed, 0, "of {logins} logins\n{}", world.portico.log());
}

#[tokio::test]
async fn login_completes_on_plug_in_version_it_began_with() {
    let world = world_of(&["github"], &[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let query = hint(personas::ZOFIA.user_name);
    let redirect = browser.begin(base, "github", &query).await;
    let callback = browser.get(redirect.location()).await.location();
    let loaded = || world.portico.log().matches("plug-in loaded").count();
    let (before, file) = (loaded(), world.folder.path().join("another.wasm"));
    std::fs::write(&file, with_other_digest(&plugins::built("github"), 1)).unwrap();
    plugins::add(&folder(&world), &file, plugins::KEYS);
    until("the swap", async || loaded() > before).await;
    let response = browser.get(callback).await;
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}");
    let session: Value = browser.session(base).await.json();
    assert_eq!(session["accounts"][0]["subscriptions"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn callback_of_removed_plug_in_is_refused() {
    let world = world_of(&["github"], &[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let redirect = browser.begin(base, "github", &hint(personas::ZOFIA.user_name)).await;
    let callback = browser.get(redirect.location()).await.location();
    std::fs::remove_file(folder(&world).join("github.wasm")).unwrap();
    until("github is gone", async || offered_providers(&world).await == ["azure"]).await;
    portico_e2e::assert_refused(&browser.get(callback).await, 404, "unknown_provider");
    assert_eq!(browser.session(base).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn decision_for_removed_plug_in_is_refused_until_it_is_back() {
    let world = world_of(&["github"], &[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    browser.begins_on(&[("sec-fetch-site", "cross-site")]);
    let redirect = browser.begin(base, "github", &hint(personas::HARUKI.user_name)).await;
    let callback = browser.get(redirect.location()).await.location();
    let decision = browser.get(callback).await.location();
    let page = browser.get(decision.clone()).await.body;
    let label = page.split_once("name=\"login\" value=\"").unwrap().1.split('"').next().unwrap();
    let body = format!("login={label}&choice=connect");
    let mut connect = async || {
        let form = |request: RequestBuilder| request.header("origin", base).body(body.clone());
        browser.send(Method::POST, decision.as_str(), form).await
    };

    let file = folder(&world).join("github.wasm");
    let component = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    until("github is gone", async || offered_providers(&world).await == ["azure"]).await;
    let refused = connect().await;
    portico_e2e::assert_refused(&refused, 404, "unknown_provider");
    assert!(refused.body.contains("github is no longer offered"), "{refused:?}");

    std::fs::write(&file, component).unwrap();
    until("github is back", async || {
        offered_providers(&world).await.contains(&"github".to_owned())
    })
    .await;
    assert_eq!(connect().await.status, StatusCode::SEE_OTHER);
    let session: Value = browser.session(base).await.json();
    assert_eq!(session["accounts"].as_array().unwrap().len(), 2);
}
