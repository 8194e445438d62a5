//! A certified OpenID provider that replaces a refresh token at each use, and revokes all of its family
//! when one is used twice.

use portico_e2e::{TokenFamily, world_with_openid_provider};
use serde_json::json;

use super::*;

#[tokio::test]
async fn readers_at_once_cause_one_refresh_and_revoke_no_family() {
    let (world, provider) = world_with_openid_provider(json!({}), &[]).await;
    let base = world.portico.base.clone();
    let mut browser = Browser::default();
    provider.set_access_token_lifetime(3).await;
    let response = provider.sign_in(&mut browser, &base, "kari").await;
    assert_eq!(response.status.as_u16(), 302, "{response:?}");
    // That of the token that the refresh brings.
    provider.set_access_token_lifetime(3_600).await;
    provider.delay_refreshes(Duration::from_secs(9)).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut readers = JoinSet::new();
    for _ in 0..100 {
        let (mut browser, base) = (browser.clone(), base.clone());
        readers.spawn(async move { browser.session(&base).await });
    }
    for session in readers.join_all().await {
        assert_eq!(session.status.as_u16(), 200, "{session:?}");
    }
    world.portico.wait_for_slow_log("\"outcome\":\"refreshed\"").await;
    let state = provider.state().await;
    assert_eq!((state.refreshes, state.refused.len()), (1, 0), "{state:?}");
    let family = TokenFamily { account: "kari".into(), alive: true, usable: 1 };
    assert_eq!(state.families, [family]);
    assert_eq!(account(&browser.session(&base).await)["token"], "ok");
}
