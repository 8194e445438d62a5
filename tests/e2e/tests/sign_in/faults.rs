//! Faults of the identity provider and the cloud: status and code of the contract, and no session.

use std::time::{Duration, Instant};

use portico_e2e::{Browser, Fault, FaultKind, Target, World, assert_refused, hint, personas};
use rstest::rstest;
use serde_json::json;

use crate::world;

/// Signs in while the token endpoint has this fault, and asserts the error, its log line and that there
/// is no session.
async fn assert_token_fault_refused(world: &World, kind: FaultKind, status: u16, code: &str) {
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let fault = format!("{kind:?}");
    let callback = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
    world.emulator.fault(Fault::always(Target::Token, kind).for_grant("authorization_code"));
    let response = browser.get(callback).await;
    world.emulator.clear_faults();
    assert_eq!(response.status.as_u16(), status, "{fault}: {response:?}");
    assert_refused(&response, status, code);
    assert_eq!(browser.session(base).await.status.as_u16(), 401, "{fault}");
    let correlation = response.json()["correlation"].as_str().unwrap().to_owned();
    assert!(!world.portico.failure(&correlation).await.is_empty(), "{fault} is not in the log");
}

#[rstest]
#[case::wrong_issuer(FaultKind::WrongIssuer)]
#[case::wrong_audience(FaultKind::WrongAudience)]
#[case::no_sub(FaultKind::Missing { name: "sub".into() })]
#[case::no_iat(FaultKind::Missing { name: "iat".into() })]
#[case::no_exp(FaultKind::Missing { name: "exp".into() })]
#[case::no_aud(FaultKind::Missing { name: "aud".into() })]
#[case::no_iss(FaultKind::Missing { name: "iss".into() })]
#[case::no_tid(FaultKind::Missing { name: "tid".into() })]
#[case::no_oid(FaultKind::Missing { name: "oid".into() })]
#[case::expired(FaultKind::Expired)]
#[case::not_yet_valid(FaultKind::NotYetValid)]
#[case::iat_in_future(FaultKind::IatInFuture)]
#[case::wrong_nonce(FaultKind::WrongNonce)]
#[case::no_nonce(FaultKind::NoNonce)]
#[case::alg_none(FaultKind::AlgNone { spelling: "none".into() })]
#[case::alg_none_in_mixed_case(FaultKind::AlgNone { spelling: "NoNe".into() })]
#[case::hs256_with_public_key(FaultKind::Hs256WithPublicKey)]
#[case::bad_signature(FaultKind::BadSignature)]
#[case::unknown_kid(FaultKind::UnknownKid)]
#[case::no_kid(FaultKind::NoKid)]
#[case::key_in_header(FaultKind::KeyInHeader)]
#[case::wrong_tid(FaultKind::WrongTid)]
#[case::tid_not_guid(FaultKind::TidNotGuid)]
#[case::two_audiences(FaultKind::SetClaim { name: "aud".into(), value: json!(["other", "another"]) })]
#[tokio::test]
async fn callback_refuses_invalid_id_token(#[case] kind: FaultKind) {
    let world = world(&[]).await;
    assert_token_fault_refused(&world, kind, 502, "provider_untrue").await;
}

fn oauth_error(error: &str) -> FaultKind {
    FaultKind::OauthError { error: error.into(), description: String::new() }
}

#[rstest]
#[case::garbage(FaultKind::Garbage, 502, "provider_untrue")]
#[case::huge_body(FaultKind::Huge { bytes: 50_000_000 }, 502, "provider_untrue")]
#[case::status_500(FaultKind::Status { code: 500, retry_after: None }, 503, "provider_unreachable")]
#[case::truncated_body(FaultKind::Truncated, 503, "provider_unreachable")]
#[case::closed_connection(FaultKind::Close, 503, "provider_unreachable")]
#[case::invalid_grant(oauth_error("invalid_grant"), 403, "provider_refused")]
#[case::invalid_client(oauth_error("invalid_client"), 403, "registration_refused")]
#[tokio::test]
async fn callback_maps_token_endpoint_failure_to_status_and_code(
    #[case] kind: FaultKind,
    #[case] status: u16,
    #[case] code: &str,
) {
    assert_token_fault_refused(&world(&[]).await, kind, status, code).await;
}

#[tokio::test]
async fn callback_follows_no_redirect_of_the_token_endpoint() {
    let world = world(&[]).await;
    let elsewhere = world.emulator.http_url().join("elsewhere").unwrap();
    let kind = FaultKind::Redirect { location: elsewhere.to_string(), code: 307 };
    assert_token_fault_refused(&world, kind, 502, "provider_untrue").await;
    let is_followed = world.emulator.requests().iter().any(|it| it.path == "/elsewhere");
    assert!(!is_followed, "the redirect was followed");
}

#[tokio::test]
async fn callback_returns_504_after_ten_seconds_of_hanging_provider() {
    let world = world(&[]).await;
    let started = Instant::now();
    assert_token_fault_refused(&world, FaultKind::Hang, 504, "provider_timeout").await;
    let elapsed = started.elapsed();
    let expected = Duration::from_secs(9)..Duration::from_secs(14);
    assert!(expected.contains(&elapsed), "{elapsed:?}");
}

#[rstest]
#[case::other_issuer(FaultKind::OtherIssuer, 502, "provider_misconfigured")]
#[case::status_500(FaultKind::Status { code: 500, retry_after: None }, 503, "provider_unreachable")]
#[case::garbage(FaultKind::Garbage, 502, "provider_untrue")]
#[tokio::test]
async fn begin_refuses_login_on_unusable_discovery_document(
    #[case] kind: FaultKind,
    #[case] status: u16,
    #[case] code: &str,
) {
    let world = world(&[]).await;
    world.emulator.fault(Fault::once(Target::Discovery, kind));
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let url = format!("{base}/api/login/azure");
    let response = browser.get(&url).await;
    assert_refused(&response, status, code);
    assert!(response.headers.get("set-cookie").is_none());
    // The failure is not cached.
    assert_eq!(browser.get(&url).await.status.as_u16(), 302);
}

#[tokio::test]
async fn callback_fetches_rotated_key_once_and_succeeds() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    assert_eq!(browser.sign_in(base, personas::ZOFIA.user_name).await.status.as_u16(), 302);
    world.emulator.rotate_keys(false).unwrap();
    world.emulator.clear_requests();
    let response = Browser::default().sign_in(base, personas::ZOFIA.user_name).await;
    // The listing is not asserted: the emulator refuses the application token of the former key.
    assert_eq!(response.status.as_u16(), 302, "{}", world.portico.log());
    let fetched = world.emulator.requests().iter().filter(|r| r.path.ends_with("/keys")).count();
    assert_eq!(fetched, 1);
}

fn next_link(url: &str) -> FaultKind {
    FaultKind::NextLink { url: url.into() }
}

#[rstest]
#[case::status_500(FaultKind::Status { code: 500, retry_after: None }, 0)]
#[case::status_403(FaultKind::Status { code: 403, retry_after: None }, 0)]
#[case::long_retry_after(FaultKind::Status { code: 429, retry_after: Some(3_600) }, 0)]
#[case::garbage(FaultKind::Garbage, 0)]
#[case::huge_page(FaultKind::Huge { bytes: 3_000_000 }, 0)]
#[case::closed_connection(FaultKind::Close, 0)]
#[case::unauthorized(FaultKind::Unauthorized { insufficient_claims: false }, 0)]
#[case::next_link_to_other_host(
    next_link("https://evil.example/subscriptions?api-version=2022-12-01"),
    3
)]
#[case::next_link_to_loopback(
    next_link("http://127.0.0.1:1/subscriptions?api-version=2022-12-01"),
    3
)]
#[case::next_link_in_circle(FaultKind::NextLinkCircle, 3)]
#[tokio::test]
async fn failed_listing_signs_in_with_one_warning(
    #[case] kind: FaultKind,
    #[case] expected: usize,
) {
    let world = world(&[]).await;
    let base = &world.portico.base;

    world.emulator.fault(Fault::always(Target::Subscriptions, kind));
    let mut browser = Browser::default();
    let response = browser.sign_in(base, personas::ZOFIA.user_name).await;
    assert_eq!(response.status.as_u16(), 302, "{response:?}");
    let session = browser.session(base).await.json();
    world.emulator.clear_faults();
    let account = &session["accounts"][0];
    let listed = account["subscriptions"].as_array().unwrap().len();
    let warnings = account["warnings"].as_array().unwrap();
    assert_eq!((listed, warnings.len()), (expected, 1), "{account}");
}

#[tokio::test]
async fn listing_waits_for_short_retry_after() {
    let world = world(&[]).await;
    let busy = FaultKind::Status { code: 429, retry_after: Some(1) };
    world.emulator.fault(Fault::once(Target::Subscriptions, busy));
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let session = browser.session(base).await.json();
    assert_eq!(session["accounts"][0]["subscriptions"].as_array().unwrap().len(), 7);
}

#[rstest]
#[case::wrong("wrong")]
#[case::absent("absent")]
#[tokio::test]
async fn callback_with_wrong_or_missing_iss_redeems_no_code(#[case] send: &str) {
    let world = world(&[("AZURE_TENANT_ID", personas::CONTOSO.id)]).await;
    let fault = FaultKind::IssParameter { send: serde_json::from_value(json!(send)).unwrap() };
    world.emulator.fault(Fault::always(Target::Discovery, fault));
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let response = browser.sign_in(base, personas::ZOFIA.user_name).await;
    assert_refused(&response, 400, "wrong_issuer");
    assert_eq!(portico_e2e::token_requests(&world.emulator), 0, "{send}");
}

#[rstest]
#[case::a_minute_ahead(55, 302)]
#[case::a_minute_behind(-55, 302)]
#[case::ten_minutes_ahead(600, 502)]
#[case::over_an_hour_behind(-4_200, 502)]
#[tokio::test]
async fn id_token_clock_skew_of_a_minute_is_accepted_and_of_ten_refused(
    #[case] seconds: i64,
    #[case] status: u16,
) {
    let world = world(&[]).await;
    world.emulator.fault(Fault::always(Target::Token, FaultKind::Clock { seconds }));
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let response = browser.sign_in(base, personas::ZOFIA.user_name).await;
    assert_eq!(response.status.as_u16(), status, "{seconds} s: {response:?}");
}
