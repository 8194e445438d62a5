//! Logouts that wait for nobody.

use std::time::Duration;

use portico_e2e::{
    Browser, Cloud, Fault, FaultKind, Portico, Target, World, hint, personas, world, world_of,
};
use reqwest::{StatusCode, header};
use tokio::time::timeout;

/// A session that lives, at a Portico that was started anew and has asked no provider anything.
async fn started_anew(world: World) -> (World, Browser) {
    let mut browser = Browser::default();
    browser.sign_in(&world.portico.base, personas::ZOFIA.user_name).await;
    let World { emulator, portico, settings, folder } = world;
    portico.stop().await;
    let portico = Portico::start(&settings).await;
    (World { emulator, portico, settings, folder }, browser)
}

#[tokio::test]
async fn logout_sends_no_request_to_provider_that_hangs() {
    for kind in [FaultKind::Hang, FaultKind::Drip, FaultKind::Close] {
        let (world, mut browser) = started_anew(world(&[]).await).await;
        let base = &world.portico.base;
        world.emulator.fault(Fault::always(Target::Discovery, kind.clone()));
        world.emulator.fault(Fault::always(Target::Keys, kind.clone()));
        world.emulator.clear_requests();
        let url = format!("{base}/api/logout");
        // A provider is given up after ten seconds.
        let answered = timeout(Duration::from_secs(8), browser.post(&url, base)).await;
        let response = answered.unwrap_or_else(|_| panic!("{kind:?}: the logout waits"));
        assert_eq!(response.status, StatusCode::NO_CONTENT, "{response:?}");
        assert_eq!(browser.session(base).await.status, StatusCode::UNAUTHORIZED);
        assert!(world.emulator.requests().is_empty(), "{:?}", world.emulator.requests());
    }
}

#[tokio::test]
async fn logout_links_end_session_from_cached_discovery_document() {
    for lists_as in ["application", "user"] {
        let world = world(&[("AZURE_SUBSCRIPTIONS_AS", lists_as)]).await;
        let base = &world.portico.base;
        let mut browser = Browser::default();
        browser.sign_in(base, personas::ZOFIA.user_name).await;
        let asked = world.emulator.requests().len();
        let response = browser.post(&format!("{base}/api/logout"), base).await;
        let link = response.headers[header::LINK].to_str().unwrap();
        assert!(link.contains("/oauth2/v2.0/logout?client_id="), "{lists_as}: {link}");
        assert_eq!(world.emulator.requests().len(), asked, "{lists_as}: it was asked for");
    }
    let world = world_of(&["oidc"], &[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    let redirect = browser.begin(base, "oidc", &hint(personas::ZOFIA.user_name)).await;
    let callback = browser.get(redirect.location()).await.location();
    assert_eq!(browser.get(callback).await.status, StatusCode::FOUND);
    world.emulator.fault(Fault::always(Target::CloudDiscovery(Cloud::Oidc), FaultKind::Hang));
    let response = browser.post(&format!("{base}/api/logout"), base).await;
    assert!(response.headers[header::LINK].to_str().unwrap().contains("/logout?"), "{response:?}");
}
