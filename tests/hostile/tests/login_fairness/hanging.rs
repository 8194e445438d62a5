//! Identity providers that do not respond.

use super::*;

#[tokio::test]
async fn hanging_token_endpoint_blocks_no_login_at_other_providers() {
    let world =
        world_with_plugins(&["github", "google"], &[("PORTICO_LOGINS_AT_ONCE", "12")]).await;
    let base = &world.portico.base;
    for cloud in [Cloud::GitHub, Cloud::Google] {
        world.emulator.fault(Fault::always(Target::CloudToken(cloud), FaultKind::Hang));
    }
    let mut hanging = JoinSet::new();
    for n in 0..40 {
        let base = base.clone();
        hanging.spawn(async move {
            let mut browser = Browser::default();
            let provider = if n % 2 == 0 { "github" } else { "google" };
            let query = hint(personas::ZOFIA.user_name);
            let callback = browser.up_to_callback_of(&base, provider, &query).await;
            browser.get(callback).await.status.as_u16()
        });
    }
    assert_azure_logins_succeed(hanging, base).await;
    tried(50);
}

/// Waits until the hanging logins hold all permits of their providers and further ones are refused, and
/// signs users in at other providers meanwhile.
async fn assert_azure_logins_succeed(mut hanging: JoinSet<u16>, base: &str) {
    let first = hanging.join_next().await.unwrap().unwrap();
    assert_eq!(first, 503);
    for _ in 0..10 {
        let ended = Browser::default().sign_in(base, personas::ZOFIA.user_name).await;
        assert_eq!(ended.status, StatusCode::FOUND, "{ended:?}");
    }
    let responses = hanging.join_all().await;
    assert!(responses.iter().all(|status| matches!(status, 503 | 504)), "{responses:?}");
}

#[tokio::test]
async fn hanging_discovery_blocks_no_login_at_other_providers() {
    let world = world_with_plugins(&["google"], &[("PORTICO_LOGINS_AT_ONCE", "4")]).await;
    let base = &world.portico.base;
    world.emulator.fault(Fault::always(Target::CloudDiscovery(Cloud::Google), FaultKind::Hang));
    let mut hanging = JoinSet::new();
    for _ in 0..20 {
        let url = format!("{base}/api/login/google");
        hanging.spawn(async move { Browser::default().get(url).await.status.as_u16() });
    }
    assert_azure_logins_succeed(hanging, base).await;
    tried(30);
}
