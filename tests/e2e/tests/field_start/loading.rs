//! Plug-ins that are still being loaded while Portico serves.

use std::{fs, path::Path};

use portico_e2e::{
    Browser, Portico, Response, World, assert_refused, send_signal, world_with_plugins,
};
use reqwest::StatusCode;
use serde_json::Value;

use crate::{begin_up_to_callback, ready, remove_compiled, sign_in};

/// Waits for a child process of Portico, the compiler, and stops it with SIGSTOP. SIGCONT resumes it.
async fn stop_compiler(portico: &Portico) -> u32 {
    let children = || {
        let tasks = fs::read_dir(format!("/proc/{}/task", portico.id())).unwrap().flatten();
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

fn assert_provider_away(response: &Response) {
    assert_refused(response, 503, "provider_away");
    assert!(response.headers.contains_key("retry-after"), "{response:?}");
}

/// Removes the cache entries of one plug-in. The name of an entry begins with the digest of its file.
fn remove_compiled_of(folder: &Path, id: &str) {
    let folder = folder.join("providers.d");
    let lock: toml::Table =
        fs::read_to_string(folder.join("providers.lock")).unwrap().parse().unwrap();
    let entries = lock["provider"].as_array().unwrap();
    let entry = entries.iter().find(|entry| entry["id"].as_str() == Some(id)).unwrap();
    let digest = entry["digest"].as_str().unwrap().trim_start_matches("sha256:");
    let entries = fs::read_dir(folder.join(".compiled")).unwrap().map(|entry| entry.unwrap());
    let of_plugin = entries.filter(|it| it.file_name().to_str().unwrap().starts_with(digest));
    assert_ne!(of_plugin.map(|entry| fs::remove_file(entry.path()).unwrap()).count(), 0);
}

#[tokio::test]
async fn loading_plug_in_is_answered_503_while_others_are_served() {
    let World { emulator: _emulator, portico, settings, folder } =
        world_with_plugins(&["github"], &[]).await;
    let base = portico.base.clone();
    let mut person = sign_in(&base, "github").await;
    let mut late = Browser::default();
    let callback = begin_up_to_callback(&mut late, &base, "github").await;
    portico.stop().await;

    remove_compiled(folder.path());
    let portico = Portico::open(&settings).await;
    let compiler = stop_compiler(&portico).await;
    let health = Browser::default().get(format!("{base}/healthz")).await;
    assert_eq!(health.status, StatusCode::OK);
    assert_eq!(ready(&base).await["providers"]["github"]["status"], "loading");
    sign_in(&base, "azure").await;
    assert_provider_away(&person.session(&base).await);
    assert_provider_away(&Browser::default().begin(&base, "github", "").await);
    assert_provider_away(&late.get(&callback).await);
    let unknown = Browser::default().begin(&base, "nowhere", "").await;
    assert_refused(&unknown, 404, "unknown_provider");

    send_signal(compiler, "CONT").await;
    portico.wait_for_slow_log("every provider is loaded").await;
    assert_eq!(person.session(&base).await.status, StatusCode::OK);
    let response = late.get(callback).await;
    assert_eq!(response.status, StatusCode::FOUND, "the attempt was spent: {response:?}");
    assert_eq!(ready(&base).await["providers"], Value::Null);
}

#[tokio::test]
async fn each_plug_in_is_offered_as_soon_as_it_is_loaded() {
    let World { portico, settings, folder, emulator: _emulator } =
        world_with_plugins(&["digitalocean", "github", "oidc"], &[]).await;
    let base = portico.base.clone();
    portico.stop().await;
    remove_compiled_of(folder.path(), "oidc");
    let portico = Portico::open(&settings).await;
    let compiler = stop_compiler(&portico).await;
    for provider in ["github", "digitalocean"] {
        portico.wait_for_slow_log(&format!("\"provider\":\"{provider}\"")).await;
        // The plug-in is offered shortly after its log line is written.
        while ready(&base).await["providers"][provider] != Value::Null {}
        sign_in(&base, provider).await;
    }
    assert_eq!(ready(&base).await["providers"]["oidc"]["status"], "loading");
    send_signal(compiler, "CONT").await;
    portico.wait_for_slow_log("every provider is loaded").await;
    sign_in(&base, "oidc").await;
}

#[tokio::test]
async fn built_in_azure_does_not_serve_while_its_replacement_loads() {
    let World { portico, settings, folder, emulator: _emulator } =
        world_with_plugins(&["azure", "github"], &[]).await;
    let base = portico.base.clone();
    let mut person = sign_in(&base, "azure").await;
    portico.stop().await;
    remove_compiled_of(folder.path(), "azure");
    let portico = Portico::open(&settings).await;
    let compiler = stop_compiler(&portico).await;
    assert_provider_away(&Browser::default().begin(&base, "azure", "").await);
    assert_provider_away(&person.session(&base).await);
    send_signal(compiler, "CONT").await;
    portico.wait_for_slow_log("every provider is loaded").await;
    assert_eq!(person.session(&base).await.status, StatusCode::OK);
}

#[tokio::test]
async fn session_of_plug_in_removed_before_start_ends() {
    let World { portico, settings, folder, emulator: _emulator } =
        world_with_plugins(&["github", "oidc"], &[]).await;
    let base = portico.base.clone();
    let mut person = sign_in(&base, "github").await;
    portico.stop().await;
    fs::remove_file(folder.path().join("providers.d/github.wasm")).unwrap();
    let _portico = Portico::open(&settings).await;
    assert_refused(&person.session(&base).await, 401, "session_ended");
}
