//! The folder of plug-ins is watched: plug-ins are added, replaced and removed without a restart, and
//! no login fails.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod removal;
mod swap;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use portico_e2e::{Browser, Cloud, World, hint, personas, plugins, world_with_plugins};
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
    Browser::default().sign_in_with(base, provider, personas::ZOFIA.user_name).await.status
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
    let world = world_with_plugins(&["oidc"], &[]).await;
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

#[rstest]
#[case::garbage(|_: &Path| b"not a component".to_vec())]
#[case::truncated(|file: &Path| {
    let component = std::fs::read(file).unwrap();
    component[..component.len() / 2].to_vec()
})]
#[case::other_digest(|file: &Path| with_other_digest(file, 1))]
#[tokio::test]
async fn broken_plug_in_file_leaves_previous_version_serving(#[case] broken: fn(&Path) -> Vec<u8>) {
    let world = world_with_plugins(&["github"], &[]).await;
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
    let world = world_with_plugins(&["github"], &[]).await;
    std::fs::write(folder(&world).join("providers.lock"), "nonsense").unwrap();
    until("the fault is counted", async || fault_count(&world).await > 0).await;
    logged_fault(&world, "providers.lock cannot be understood").await;
    assert_eq!(log_in(&world.portico.base, "github").await, StatusCode::FOUND);
}

#[tokio::test]
async fn plug_in_without_grant_or_settings_is_named_and_not_offered() {
    let world = world_with_plugins(&["oidc"], &[("OIDC_ISSUER", "no address")]).await;
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
