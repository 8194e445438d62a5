//! Logins and sessions of a plug-in that is removed or fails to load.

use super::*;

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
    let world = world_with_plugins(&["github"], &[]).await;
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
    let world = world_with_plugins(&["github"], &[]).await;
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

#[tokio::test]
async fn callback_of_removed_plug_in_is_refused() {
    let world = world_with_plugins(&["github"], &[]).await;
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
    let world = world_with_plugins(&["github"], &[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    browser.set_login_headers(&[("sec-fetch-site", "cross-site")]);
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
