//! Logout does not depend on the provider.

use std::time::Duration;

use portico_e2e::{
    Browser, Cloud, Fault, FaultKind, Portico, Target, World, hint, personas, world,
    world_with_plugins,
};
use reqwest::{StatusCode, header};
use rstest::rstest;
use tokio::time::timeout;

/// Signs in and restarts Portico. Returns the browser with its session.
async fn sign_in_and_restart(world: World) -> (World, Browser) {
    let mut browser = Browser::default();
    browser.sign_in(&world.portico.base, personas::ZOFIA.user_name).await;
    let World { emulator, portico, settings, folder } = world;
    portico.stop().await;
    let portico = Portico::start(&settings).await;
    (World { emulator, portico, settings, folder }, browser)
}

#[rstest]
#[case::hangs(FaultKind::Hang)]
#[case::drips(FaultKind::Drip)]
#[case::closes(FaultKind::Close)]
#[tokio::test]
async fn logout_sends_no_request_to_provider_that_hangs(#[case] kind: FaultKind) {
    let (world, mut browser) = sign_in_and_restart(world(&[]).await).await;
    let base = &world.portico.base;
    world.emulator.fault(Fault::always(Target::Discovery, kind.clone()));
    world.emulator.fault(Fault::always(Target::Keys, kind));
    world.emulator.clear_requests();
    let url = format!("{base}/api/logout");
    // Less than the timeout of a request to the provider, ten seconds.
    let logout = timeout(Duration::from_secs(8), browser.post(&url, base)).await;
    let response = logout.expect("the logout waits");
    assert_eq!(response.status, StatusCode::NO_CONTENT, "{response:?}");
    assert_eq!(browser.session(base).await.status, StatusCode::UNAUTHORIZED);
    assert!(world.emulator.requests().is_empty(), "{:?}", world.emulator.requests());
}

#[rstest]
#[case::with_application_token("application")]
#[case::with_user_token("user")]
#[tokio::test]
async fn logout_links_end_session_from_cached_discovery_document(#[case] lists_as: &str) {
    let world = world(&[("AZURE_SUBSCRIPTIONS_AS", lists_as)]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let requests = world.emulator.requests().len();
    let response = browser.post(&format!("{base}/api/logout"), base).await;
    let link = response.headers[header::LINK].to_str().unwrap();
    assert!(link.contains("/oauth2/v2.0/logout?client_id="), "{link}");
    assert_eq!(world.emulator.requests().len(), requests, "the provider was requested");
}

#[tokio::test]
async fn logout_links_end_session_of_plug_in_that_hangs() {
    let world = world_with_plugins(&["oidc"], &[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    let redirect = browser.begin(base, "oidc", &hint(personas::ZOFIA.user_name)).await;
    let callback = browser.get(redirect.location()).await.location();
    assert_eq!(browser.get(callback).await.status, StatusCode::FOUND);
    world.emulator.fault(Fault::always(Target::CloudDiscovery(Cloud::Oidc), FaultKind::Hang));
    let response = browser.post(&format!("{base}/api/logout"), base).await;
    assert!(response.headers[header::LINK].to_str().unwrap().contains("/logout?"), "{response:?}");
}
