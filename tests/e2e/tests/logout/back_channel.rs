//! OpenID Connect Back-Channel Logout, with `oidc-provider`.

use portico_e2e::{
    Browser, EventStream, OpenIdProvider, Portico, Response, World, personas,
    world_with_openid_provider,
};
use reqwest::{Method, RequestBuilder, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::assert_ended;

const PATH: &str = "/api/backchannel-logout/oidc";

/// A provider that sends logout tokens with `sid`, or without.
async fn world(with_sessions: bool) -> (World, OpenIdProvider) {
    let client = json!({
        "backchannel_logout_uri": PATH,
        "backchannel_logout_session_required": with_sessions,
    });
    world_with_openid_provider(json!({ "client": client }), &[]).await
}

async fn signed_in(world: &World, provider: &OpenIdProvider, account: &str) -> Browser {
    let mut browser = Browser::default();
    let response = provider.sign_in(&mut browser, &world.portico.base, account).await;
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}\n{}", world.portico.log());
    assert_eq!(browser.session(&world.portico.base).await.status, 200);
    browser
}

fn form(token: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", token).finish()
}

/// Sends a logout token as a provider does: without a cookie or an `Origin`.
async fn send(world: &World, path: &str, body: String) -> Response {
    let shape = |request: RequestBuilder| {
        request.header("content-type", "application/x-www-form-urlencoded").body(body)
    };
    Browser::default().send(Method::POST, &format!("{}{path}", world.portico.base), shape).await
}

fn assert_refused(response: &Response, token: &str) {
    assert_eq!(response.status, 400, "{response:?}");
    assert_eq!(response.headers["cache-control"], "no-store");
    let body = response.json();
    assert_eq!(body["error"], "invalid_request", "{body}");
    assert!(token.is_empty() || !response.body.contains(token), "{body}");
}

#[tokio::test]
async fn sign_out_at_the_provider_ends_the_session_that_came_from_it_and_tells_open_pages() {
    let (world, provider) = world(true).await;
    let base = &world.portico.base;
    let mut laptop = signed_in(&world, &provider, "kari").await;
    let mut phone = signed_in(&world, &provider, "kari").await;
    let mut other = signed_in(&world, &provider, "liv").await;
    let mut page = EventStream::open(&mut laptop, base).await;
    provider.end_session(&mut laptop).await;
    assert_ended(&mut laptop, base).await;
    let end = page.next_named("end").await;
    assert_eq!(end, json!({ "code": "session_ended", "reason": "ended_elsewhere" }));
    for browser in [&mut phone, &mut other] {
        assert_eq!(browser.session(base).await.status, 200, "another session at the provider");
    }
    assert!(!provider.log().contains("backchannel.error"), "{}", provider.log());

    // Signing in again begins a session as ever.
    provider.sign_in(&mut laptop, base, "kari").await;
    assert_eq!(laptop.session(base).await.status, 200);
}

#[tokio::test]
async fn sign_out_of_a_person_ends_all_their_sessions() {
    let (world, provider) = world(false).await;
    let base = &world.portico.base;
    let mut browsers =
        [signed_in(&world, &provider, "kari").await, signed_in(&world, &provider, "kari").await];
    let mut other = signed_in(&world, &provider, "liv").await;
    let token = provider.logout_token("kari", json!({ "sid": null }), json!({})).await;
    let response = send(&world, PATH, form(&token)).await;
    assert_eq!((response.status.as_u16(), response.body.as_str()), (200, ""));
    for browser in &mut browsers {
        assert_ended(browser, base).await;
    }
    assert_eq!(other.session(base).await.status, 200);
}

#[tokio::test]
async fn sign_out_disconnects_an_account_from_a_session_that_began_elsewhere() {
    let (world, provider) = world(true).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    provider.sign_in(&mut browser, base, "kari").await;
    let accounts = async |browser: &mut Browser| {
        let session = browser.session(base).await.json();
        let accounts = session["accounts"].as_array().unwrap().clone();
        accounts.iter().map(|it| it["provider"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(accounts(&mut browser).await, ["azure", "oidc"]);
    provider.sign_out("kari").await;
    assert_eq!(accounts(&mut browser).await, ["azure"]);
}

#[tokio::test]
async fn session_is_found_by_its_sid_after_a_restart() {
    let (world, provider) = world(true).await;
    let mut browser = signed_in(&world, &provider, "kari").await;
    let World { emulator: _emulator, portico, settings, folder: _folder } = world;
    let base = portico.base.clone();
    portico.stop().await;
    let _portico = Portico::start(&settings).await;
    assert_eq!(browser.session(&base).await.status, 200);
    provider.sign_out("kari").await;
    assert_ended(&mut browser, &base).await;
}

#[tokio::test]
async fn logout_of_an_unknown_session_is_answered_like_that_of_a_known_one() {
    let (world, provider) = world(true).await;
    let mut browser = signed_in(&world, &provider, "kari").await;
    let token = provider.logout_token("kari", json!({ "sid": "unknown" }), json!({})).await;
    let response = send(&world, PATH, form(&token)).await;
    assert_eq!((response.status.as_u16(), response.body.as_str()), (200, ""));
    assert_eq!(response.headers["cache-control"], "no-store");
    assert_eq!(browser.session(&world.portico.base).await.status, 200);
}

#[rstest]
#[case::no_events(json!({ "events": null }), json!({}), "logout_token_event")]
#[case::other_event(json!({ "events": { "urn:other": {} } }), json!({}), "logout_token_event")]
#[case::nonce(json!({ "nonce": "n" }), json!({}), "logout_token_nonce")]
#[case::wrong_audience(json!({ "aud": "another" }), json!({}), "id_token_audience")]
#[case::wrong_issuer(json!({ "iss": "https://elsewhere.example" }), json!({}), "id_token_issuer")]
#[case::unsigned(json!({}), json!({ "alg": "none" }), "id_token_algorithm")]
#[case::client_secret(json!({}), json!({ "alg": "HS256" }), "id_token_algorithm")]
#[case::expired(json!({ "iat": 1_700_000_000, "exp": 1_700_000_120 }), json!({}), "id_token_expired")]
#[case::no_expiry(json!({ "exp": null }), json!({}), "id_token_expired")]
#[case::no_id(json!({ "jti": null }), json!({}), "logout_token_id")]
#[case::nobody(json!({ "sub": null, "sid": null }), json!({}), "logout_token_subject")]
#[case::access_token(json!({}), json!({ "typ": "at+jwt" }), "logout_token_type")]
#[case::id_token(
    json!({ "events": null, "jti": null, "nonce": "n" }),
    json!({ "typ": null }),
    "logout_token_event"
)]
#[tokio::test]
async fn garbled_token_is_refused_and_logged_by_its_check(
    #[case] claims: Value,
    #[case] header: Value,
    #[case] check: &str,
) {
    let (world, provider) = world(true).await;
    let mut browser = signed_in(&world, &provider, "kari").await;
    let token = provider.logout_token("kari", claims, header).await;
    assert_refused(&send(&world, PATH, form(&token)).await, &token);
    assert_eq!(browser.session(&world.portico.base).await.status, 200);
    world.portico.logged(|portico| portico.log().contains(check)).await;
    assert!(!world.portico.log().contains(&token), "the token is in the log");
}

#[tokio::test]
async fn repeated_token_is_refused() {
    let (world, provider) = world(true).await;
    let base = &world.portico.base;
    let mut browser = signed_in(&world, &provider, "kari").await;
    let token = provider.logout_token("kari", json!({ "sid": null }), json!({})).await;
    assert_eq!(send(&world, PATH, form(&token)).await.status, 200);
    assert_ended(&mut browser, base).await;
    provider.sign_in(&mut browser, base, "kari").await;
    assert_refused(&send(&world, PATH, form(&token)).await, &token);
    assert_eq!(browser.session(base).await.status, 200);
    world.portico.logged(|portico| portico.log().contains("logout_token_replayed")).await;
}

#[tokio::test]
async fn request_that_is_no_logout_is_refused() {
    let (world, provider) = world(true).await;
    let mut browser = signed_in(&world, &provider, "kari").await;
    let token = provider.logout_token("kari", json!({}), json!({})).await;
    for body in [String::new(), form(""), form("a.b.c"), format!("{0}&{0}", form(&token))] {
        assert_refused(&send(&world, PATH, body).await, &token);
    }
    let unknown = send(&world, "/api/backchannel-logout/nobody", form(&token)).await;
    assert_eq!(unknown.status, 404, "{unknown:?}");
    let other = send(&world, "/api/backchannel-logout/azure", form(&token)).await;
    assert_refused(&other, &token);
    let huge = send(&world, PATH, form(&"x".repeat(5_000))).await;
    assert_eq!((huge.status.as_u16(), &huge.json()["error"]), (413, &json!("invalid_request")));
    let query = format!("{}{PATH}?{}", world.portico.base, form(&token));
    assert_eq!(Browser::default().get(query).await.status, 405);
    assert_eq!(browser.session(&world.portico.base).await.status, 200);
}
