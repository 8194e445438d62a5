//! Front-channel logout as Entra ID does it, with the emulator.

use portico_e2e::{Browser, Chromium, TokenSettings, World, personas, world};
use rstest::rstest;
use url::Url;

use crate::assert_ended;

async fn entra_with_sessions() -> World {
    let world = world(&[]).await;
    let settings = TokenSettings { session_ids: true, ..TokenSettings::default() };
    world.emulator.set_tokens(settings);
    world.emulator.register_logout_urls(vec![address(&world.portico.base)]);
    world
}

fn address(base: &str) -> String {
    format!("{base}/api/frontchannel-logout/azure")
}

/// Signs Zofia in, and returns the id of the browser's session at the emulated Entra.
async fn signed_in(world: &World) -> (Browser, String) {
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let session = browser.session(base).await.json();
    let sid = session["user"]["sid"].as_str().unwrap().to_owned();
    (browser, sid)
}

/// The address with these parameters.
fn logout(base: &str, parameters: &[(&str, &str)]) -> String {
    Url::parse_with_params(&address(base), parameters).unwrap().into()
}

#[tokio::test]
async fn frame_with_the_sid_ends_that_session_only_without_a_cookie() {
    let world = entra_with_sessions().await;
    let base = &world.portico.base;
    let (mut laptop, sid) = signed_in(&world).await;
    let (mut phone, _) = signed_in(&world).await;
    // Twice: the second finds nothing, and is answered alike.
    for _ in 0..2 {
        let response = Browser::default().get(logout(base, &[("sid", &sid)])).await;
        assert_eq!((response.status.as_u16(), response.body.as_str()), (200, ""));
        assert_eq!(response.headers["cache-control"], "no-store");
        assert!(!response.headers.contains_key("x-frame-options"), "{response:?}");
        let policy = response.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors *"), "{policy}");
        assert_ended(&mut laptop, base).await;
    }
    assert_eq!(phone.session(base).await.status, 200);
    assert!(!world.portico.log().contains(&sid), "the log has the id of the session");
}

#[tokio::test]
async fn frame_with_another_sid_or_issuer_ends_nothing_and_is_answered_alike() {
    let world = entra_with_sessions().await;
    let base = &world.portico.base;
    let (mut browser, sid) = signed_in(&world).await;
    let own = browser.session(base).await.json()["user"]["iss"].as_str().unwrap().to_owned();
    for parameters in [
        vec![("sid", "00000000-0000-0000-0000-000000000000")],
        vec![("sid", sid.as_str()), ("iss", "https://elsewhere.example")],
    ] {
        let response = Browser::default().get(logout(base, &parameters)).await;
        assert_eq!((response.status.as_u16(), response.body.as_str()), (200, ""));
        assert_eq!(browser.session(base).await.status, 200, "{parameters:?}");
    }
    let response = Browser::default().get(logout(base, &[("sid", &sid), ("iss", &own)])).await;
    assert_eq!(response.status, 200);
    assert_ended(&mut browser, base).await;
}

#[rstest]
#[case::no_sid(vec![], 400)]
#[case::empty_sid(vec![("sid", String::new())], 400)]
#[case::long_sid(vec![("sid", "x".repeat(256))], 400)]
#[case::repeated_sid(vec![("sid", "a".into()), ("sid", "b".into())], 400)]
#[tokio::test]
async fn frame_without_one_sid_is_refused(
    #[case] parameters: Vec<(&str, String)>,
    #[case] status: u16,
) {
    let world = entra_with_sessions().await;
    let parameters: Vec<_> = parameters.iter().map(|(name, it)| (*name, it.as_str())).collect();
    let response = Browser::default().get(logout(&world.portico.base, &parameters)).await;
    assert_eq!(response.status, status, "{response:?}");
    assert_eq!(response.headers["x-frame-options"], "DENY");
}

#[tokio::test]
async fn sign_out_at_entra_in_chromium_ends_the_session_by_the_frame() {
    let world = entra_with_sessions().await;
    let base = &world.portico.base;
    let chromium = Chromium::start().await;
    let hint = personas::ZOFIA.user_name;
    let begin = format!("{base}/api/login/azure?return_to=/dashboard&login_hint={hint}");
    chromium.client.goto(&begin).await.unwrap();
    let dashboard = Url::parse(&format!("{base}/dashboard")).unwrap();
    chromium.client.wait().for_url(&dashboard).await.unwrap();
    let end = world.emulator.http_url().join("organizations/oauth2/v2.0/logout").unwrap();
    chromium.client.goto(end.as_str()).await.unwrap();
    chromium.wait_for("iframe").await;
    // Another page would cancel the frame while it loads.
    world.portico.logged(|portico| portico.log().contains("provider logout")).await;
    chromium.client.goto(&format!("{base}/api/session")).await.unwrap();
    let text = chromium.texts("body").await.join("\n");
    assert!(text.contains("signed out at the cloud"), "{text}");
}
