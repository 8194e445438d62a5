//! A provider that lies, fails or is away: the contract's status, no session, nothing stored.

use std::time::{Duration, Instant};

use portico_e2e::{Browser, Fault, FaultKind, Target, World, assert_refused, hint, personas};

use serde_json::json;

use crate::world;

/// Signs in while the token endpoint has this fault, and expects the refusal.
async fn refused_by(world: &World, kind: FaultKind, status: u16, code: &str) {
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let shown = format!("{kind:?}");
    let callback = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
    world.emulator.fault(Fault::always(Target::Token, kind).for_grant("authorization_code"));
    let response = browser.get(callback).await;
    world.emulator.clear_faults();
    assert_eq!(response.status.as_u16(), status, "{shown}: {response:?}");
    assert_refused(&response, status, code);
    assert_eq!(browser.session(base).await.status.as_u16(), 401, "{shown}");
    let correlation = response.json()["correlation"].as_str().unwrap().to_owned();
    assert!(!world.portico.failure(&correlation).await.is_empty(), "{shown} is not in the log");
}

#[tokio::test]
async fn callback_refuses_invalid_id_token() {
    let world = world(&[]).await;
    for kind in [
        FaultKind::WrongIssuer,
        FaultKind::WrongAudience,
        FaultKind::Missing { name: "sub".into() },
        FaultKind::Missing { name: "iat".into() },
        FaultKind::Missing { name: "exp".into() },
        FaultKind::Missing { name: "aud".into() },
        FaultKind::Missing { name: "iss".into() },
        FaultKind::Missing { name: "tid".into() },
        FaultKind::Missing { name: "oid".into() },
        FaultKind::Expired,
        FaultKind::NotYetValid,
        FaultKind::IatInFuture,
        FaultKind::WrongNonce,
        FaultKind::NoNonce,
        FaultKind::AlgNone { spelling: "none".into() },
        FaultKind::AlgNone { spelling: "NoNe".into() },
        FaultKind::Hs256WithPublicKey,
        FaultKind::BadSignature,
        FaultKind::UnknownKid,
        FaultKind::NoKid,
        FaultKind::KeyInHeader,
        FaultKind::WrongTid,
        FaultKind::TidNotGuid,
        FaultKind::SetClaim { name: "aud".into(), value: json!(["other", "another"]) },
    ] {
        refused_by(&world, kind, 502, "provider_untrue").await;
    }
}

#[tokio::test]
async fn callback_maps_token_endpoint_failure_to_status_and_code() {
    let world = world(&[]).await;
    let elsewhere = world.emulator.http_url().join("elsewhere").unwrap();
    for kind in [
        FaultKind::Garbage,
        FaultKind::Huge { bytes: 50_000_000 },
        FaultKind::Redirect { location: elsewhere.to_string(), code: 307 },
    ] {
        refused_by(&world, kind, 502, "provider_untrue").await;
    }
    for kind in
        [FaultKind::Status { code: 500, retry_after: None }, FaultKind::Truncated, FaultKind::Close]
    {
        refused_by(&world, kind, 503, "provider_unreachable").await;
    }
    let invalid =
        FaultKind::OauthError { error: "invalid_grant".into(), description: String::new() };
    refused_by(&world, invalid, 403, "provider_refused").await;
    let ours = FaultKind::OauthError { error: "invalid_client".into(), description: String::new() };
    refused_by(&world, ours, 403, "registration_refused").await;
    let followed = world.emulator.requests().iter().any(|r| r.path == "/elsewhere");
    assert!(!followed, "a redirect of the token endpoint was followed");
}

#[tokio::test]
async fn callback_returns_504_after_ten_seconds_of_hanging_provider() {
    let world = world(&[]).await;
    let redirect = Instant::now();
    refused_by(&world, FaultKind::Hang, 504, "provider_timeout").await;
    let waited = redirect.elapsed();
    let expected = Duration::from_secs(9)..Duration::from_secs(14);
    assert!(expected.contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn begin_refuses_login_on_unusable_discovery_document() {
    for (kind, status, code) in [
        (FaultKind::OtherIssuer, 502, "provider_misconfigured"),
        (FaultKind::Status { code: 500, retry_after: None }, 503, "provider_unreachable"),
        (FaultKind::Garbage, 502, "provider_untrue"),
    ] {
        let world = world(&[]).await;
        world.emulator.fault(Fault::once(Target::Discovery, kind));
        let (base, mut browser) = (&world.portico.base, Browser::default());
        let url = format!("{base}/api/login/azure");
        let response = browser.get(&url).await;
        assert_refused(&response, status, code);
        assert!(response.headers.get("set-cookie").is_none());
        // The failure is not kept: the next login finds the provider well again.
        assert_eq!(browser.get(&url).await.status.as_u16(), 302);
    }
}

#[tokio::test]
async fn callback_fetches_rotated_key_once_and_succeeds() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    assert_eq!(browser.sign_in(base, personas::ZOFIA.user_name).await.status.as_u16(), 302);
    world.emulator.rotate_keys(false).unwrap();
    world.emulator.clear_requests();
    let response = Browser::default().sign_in(base, personas::ZOFIA.user_name).await;
    // The tokens of the first keys are refused by the emulator too, so only the sign-in counts.
    assert_eq!(response.status.as_u16(), 302, "{}", world.portico.log());
    let fetched = world.emulator.requests().iter().filter(|r| r.path.ends_with("/keys")).count();
    assert_eq!(fetched, 1);
}

#[tokio::test]
async fn failed_listing_signs_in_with_one_warning() {
    let next = |url: &str| FaultKind::NextLink { url: url.into() };
    let world = world(&[]).await;
    let base = &world.portico.base;
    for (kind, expected) in [
        (FaultKind::Status { code: 500, retry_after: None }, 0),
        (FaultKind::Status { code: 403, retry_after: None }, 0),
        (FaultKind::Status { code: 429, retry_after: Some(3_600) }, 0),
        (FaultKind::Garbage, 0),
        (FaultKind::Huge { bytes: 3_000_000 }, 0),
        (FaultKind::Close, 0),
        (FaultKind::Unauthorized { insufficient_claims: false }, 0),
        (next("https://evil.example/subscriptions?api-version=2022-12-01"), 3),
        (next("http://127.0.0.1:1/subscriptions?api-version=2022-12-01"), 3),
        (FaultKind::NextLinkCircle, 3),
    ] {
        let shown = format!("{kind:?}");
        world.emulator.fault(Fault::always(Target::Subscriptions, kind));
        let mut browser = Browser::default();
        let response = browser.sign_in(base, personas::ZOFIA.user_name).await;
        world.emulator.clear_faults();
        assert_eq!(response.status.as_u16(), 302, "{shown}: {response:?}");
        let session = browser.session(base).await.json();
        let account = &session["accounts"][0];
        let listed = account["subscriptions"].as_array().unwrap().len();
        let warnings = account["warnings"].as_array().unwrap();
        assert_eq!((listed, warnings.len()), (expected, 1), "{shown}: {account}");
    }
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

#[tokio::test]
async fn callback_with_wrong_or_missing_iss_redeems_no_code() {
    for send in ["wrong", "absent"] {
        let world = world(&[("AZURE_TENANT_ID", personas::CONTOSO.id)]).await;
        let lie = FaultKind::IssParameter { send: serde_json::from_value(json!(send)).unwrap() };
        world.emulator.fault(Fault::always(Target::Discovery, lie));
        let (base, mut browser) = (&world.portico.base, Browser::default());
        let response = browser.sign_in(base, personas::ZOFIA.user_name).await;
        assert_refused(&response, 400, "wrong_issuer");
        assert_eq!(portico_e2e::token_requests(&world.emulator), 0, "{send}");
    }
}

#[tokio::test]
async fn id_token_clock_skew_of_a_minute_is_accepted_and_of_ten_refused() {
    for (seconds, status) in [(55, 302), (-55, 302), (600, 502), (-4_200, 502)] {
        let world = world(&[]).await;
        world.emulator.fault(Fault::always(Target::Token, FaultKind::Clock { seconds }));
        let (base, mut browser) = (&world.portico.base, Browser::default());
        let response = browser.sign_in(base, personas::ZOFIA.user_name).await;
        assert_eq!(response.status.as_u16(), status, "{seconds} s: {response:?}");
    }
}
