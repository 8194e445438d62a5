//! Transport faults.

use std::time::{Duration, Instant};

use portico_emulator::personas::CONTOSO;
use portico_emulator::{Fault, FaultKind, Target};
use reqwest::Response;
use serde_json::Value;

use crate::support::RelyingParty;

const KEYS: &str = "common/discovery/v2.0/keys";

/// The response of the key set endpoint with a fault.
async fn keys(kind: FaultKind) -> reqwest::Result<Response> {
    let rp = RelyingParty::new().await;
    rp.emulator.fault(Fault::once(Target::Keys, kind));
    let faulty = rp.http.get(rp.url(KEYS)).send().await;
    let after = rp.get(KEYS).await;
    assert_eq!(after.status(), 200, "one fault, one time");
    assert!(after.json::<Value>().await.is_ok());
    faulty
}

#[tokio::test]
async fn slow_fault_delays_correct_response() {
    let rp = RelyingParty::new().await;
    rp.emulator.fault(Fault::once(Target::Keys, FaultKind::Slow { millis: 150 }));
    let start = Instant::now();
    assert!(rp.json(KEYS).await["keys"].is_array());
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn drip_fault_sends_one_byte_chunks() {
    let rp = RelyingParty::new().await;
    rp.emulator.fault(Fault::once(Target::Keys, FaultKind::Drip));
    let start = Instant::now();
    let mut response = rp.get(KEYS).await;
    for _ in 0..3 {
        assert_eq!(response.chunk().await.unwrap().unwrap().len(), 1);
    }
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn hang_fault_sends_no_response() {
    let rp = RelyingParty::new().await;
    rp.emulator.fault(Fault::once(Target::Keys, FaultKind::Hang));
    let request = rp.http.get(rp.url(KEYS)).timeout(Duration::from_millis(200));
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(rp.get(KEYS).await.status(), 200);
}

#[tokio::test]
async fn held_fault_sends_correct_response_once_faults_are_cleared() {
    let rp = RelyingParty::new().await;
    rp.emulator.fault(Fault::always(Target::Keys, FaultKind::Held));
    let mut held = tokio::spawn(rp.http.get(rp.url(KEYS)).send());
    while rp.emulator.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(tokio::time::timeout(Duration::from_millis(100), &mut held).await.is_err());
    rp.emulator.clear_faults();
    let response = held.await.unwrap().unwrap();
    assert!(response.json::<Value>().await.unwrap()["keys"].is_array());
}

#[tokio::test]
async fn status_fault_sets_status_and_retry_after() {
    let response = keys(FaultKind::Status { code: 429, retry_after: Some(7) }).await.unwrap();
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "7");
    let response = keys(FaultKind::Status { code: 503, retry_after: None }).await.unwrap();
    assert_eq!(response.status(), 503);
    assert!(response.headers().get("retry-after").is_none());
}

#[tokio::test]
async fn garbage_fault_returns_200_without_json() {
    let response = keys(FaultKind::Garbage).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("application/json"));
    assert!(response.json::<Value>().await.unwrap_err().is_decode());
}

#[tokio::test]
async fn truncated_fault_ends_body_before_content_length() {
    let response = keys(FaultKind::Truncated).await.unwrap();
    assert!(response.content_length().unwrap() > 100);
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn huge_fault_sends_exact_number_of_bytes() {
    let mut response = keys(FaultKind::Huge { bytes: 3_000_001 }).await.unwrap();
    let mut bytes = 0;
    while let Some(chunk) = response.chunk().await.unwrap() {
        bytes += chunk.len();
    }
    assert_eq!(bytes, 3_000_001);
}

#[tokio::test]
async fn redirect_fault_sets_status_and_location() {
    let location = "https://evil.example/keys".to_owned();
    for code in [301, 302, 303, 307, 308, 200] {
        let fault = FaultKind::Redirect { location: location.clone(), code };
        let response = keys(fault).await.unwrap();
        assert_eq!(response.status(), code);
        assert_eq!(response.headers()["location"], location);
    }
}

#[tokio::test]
async fn close_fault_closes_connection_without_response() {
    let error = keys(FaultKind::Close).await.unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");
}

#[tokio::test]
async fn fault_applies_to_its_target_until_cleared() {
    let rp = RelyingParty::new().await;
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
        rp.emulator.clear_faults();
        rp.emulator.fault(Fault::always(target, kind()));
        for _ in 0..2 {
            for (other, path) in targets {
                assert_eq!(
                    rp.get(path).await.status() == 500,
                    target == other,
                    "{target:?} at {path}"
                );
            }
        }
    }
}

#[tokio::test]
async fn fault_for_grant_applies_to_that_grant_type_only() {
    let rp = RelyingParty::new().await;
    let fault = Fault::always(Target::Token, FaultKind::Status { code: 503, retry_after: None });
    rp.emulator.fault(fault.for_grant("refresh_token"));
    assert_eq!(rp.post_token(CONTOSO.id, &rp.client_credentials()).await.status(), 200);
    let mut form = rp.client_credentials();
    form.insert("grant_type".to_owned(), "refresh_token".to_owned());
    assert_eq!(rp.post_token(CONTOSO.id, &form).await.status(), 503);
}

#[tokio::test]
#[should_panic(expected = "this kind does not go with this target")]
async fn fault_panics_if_kind_does_not_apply_to_target() {
    let rp = RelyingParty::new().await;
    rp.emulator.fault(Fault::always(Target::Keys, FaultKind::NoNonce));
}
