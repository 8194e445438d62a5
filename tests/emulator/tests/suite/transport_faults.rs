//! Whole answers spoiled, at any endpoint.

use std::time::{Duration, Instant};

use portico_emulator::personas::CONTOSO;
use portico_emulator::{Fault, FaultKind, Target};
use reqwest::Response;
use serde_json::Value;

use crate::support::Party;

const KEYS: &str = "common/discovery/v2.0/keys";

/// The keys endpoint with a fault: an answer, or why there is none.
async fn keys(kind: FaultKind) -> reqwest::Result<Response> {
    let party = Party::new().await;
    party.emulator.fault(Fault::once(Target::Keys, kind));
    let spoiled = party.http.get(party.url(KEYS)).send().await;
    let after = party.get(KEYS).await;
    assert_eq!(after.status(), 200, "one fault, one time");
    assert!(after.json::<Value>().await.is_ok());
    spoiled
}

#[tokio::test]
async fn a_slow_answer_is_late_and_right() {
    let party = Party::new().await;
    party.emulator.fault(Fault::once(Target::Keys, FaultKind::Slow { millis: 150 }));
    let start = Instant::now();
    assert!(party.json(KEYS).await["keys"].is_array());
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_dripping_answer_comes_byte_by_byte() {
    let party = Party::new().await;
    party.emulator.fault(Fault::once(Target::Keys, FaultKind::Drip));
    let start = Instant::now();
    let mut response = party.get(KEYS).await;
    for _ in 0..3 {
        assert_eq!(response.chunk().await.unwrap().unwrap().len(), 1);
    }
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_hanging_endpoint_never_answers() {
    let party = Party::new().await;
    party.emulator.fault(Fault::once(Target::Keys, FaultKind::Hang));
    let request = party.http.get(party.url(KEYS)).timeout(Duration::from_millis(200));
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(party.get(KEYS).await.status(), 200);
}

#[tokio::test]
async fn a_status_comes_with_its_retry_after() {
    let response = keys(FaultKind::Status { code: 429, retry_after: Some(7) }).await.unwrap();
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "7");
    let response = keys(FaultKind::Status { code: 503, retry_after: None }).await.unwrap();
    assert_eq!(response.status(), 503);
    assert!(response.headers().get("retry-after").is_none());
}

#[tokio::test]
async fn garbage_is_ok_but_no_json() {
    let response = keys(FaultKind::Garbage).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("application/json"));
    assert!(response.json::<Value>().await.unwrap_err().is_decode());
}

#[tokio::test]
async fn a_truncated_answer_breaks_off() {
    let response = keys(FaultKind::Truncated).await.unwrap();
    assert!(response.content_length().unwrap() > 100);
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn a_huge_answer_has_every_byte_it_was_asked_for() {
    let mut response = keys(FaultKind::Huge { bytes: 3_000_001 }).await.unwrap();
    let mut bytes = 0;
    while let Some(chunk) = response.chunk().await.unwrap() {
        bytes += chunk.len();
    }
    assert_eq!(bytes, 3_000_001);
}

#[tokio::test]
async fn a_redirect_names_its_location() {
    let location = "https://evil.example/keys".to_owned();
    for code in [301, 302, 303, 307, 308, 200] {
        let fault = FaultKind::Redirect { location: location.clone(), code };
        let response = keys(fault).await.unwrap();
        assert_eq!(response.status(), code);
        assert_eq!(response.headers()["location"], location);
    }
}

#[tokio::test]
async fn a_closed_connection_answers_nothing() {
    let error = keys(FaultKind::Close).await.unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");
}

#[tokio::test]
async fn a_fault_hits_its_own_endpoint_and_lasts_until_cleared() {
    let party = Party::new().await;
    let kind = || FaultKind::Status { code: 500, retry_after: None };
    let targets = [
        (Target::Discovery, "common/v2.0/.well-known/openid-configuration"),
        (Target::Keys, KEYS),
        (Target::Token, "common/oauth2/v2.0/token"),
        (Target::Authorize, "common/oauth2/v2.0/authorize"),
        (Target::Subscriptions, "subscriptions"),
        (Target::Tenants, "tenants"),
    ];
    for (target, _) in targets {
        party.emulator.clear_faults();
        party.emulator.fault(Fault::always(target, kind()));
        for _ in 0..2 {
            for (other, path) in targets {
                assert_eq!(
                    party.get(path).await.status() == 500,
                    target == other,
                    "{target:?} at {path}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_fault_for_one_grant_leaves_the_others_alone() {
    let party = Party::new().await;
    let fault = Fault::always(Target::Token, FaultKind::Status { code: 503, retry_after: None });
    party.emulator.fault(fault.for_grant("refresh_token"));
    assert_eq!(party.post_token(CONTOSO.id, &party.client_credentials()).await.status(), 200);
    let mut form = party.client_credentials();
    form.insert("grant_type".to_owned(), "refresh_token".to_owned());
    assert_eq!(party.post_token(CONTOSO.id, &form).await.status(), 503);
}

#[tokio::test]
#[should_panic(expected = "this kind does not go with this target")]
async fn a_fault_that_could_never_happen_is_a_mistake_of_the_test() {
    let party = Party::new().await;
    party.emulator.fault(Fault::always(Target::Keys, FaultKind::NoNonce));
}
