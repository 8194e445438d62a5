//! Faults of one cloud.

use portico_emulator::personas::ZOFIA;
use portico_emulator::{Cloud, Fault, FaultKind, Target};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{access_token, code_request, error, member, refresh_request};
use crate::support::RelyingParty;

#[tokio::test]
async fn transport_fault_applies_to_endpoint_of_its_cloud_only() {
    let rp = RelyingParty::new().await;
    for cloud in Cloud::ALL {
        let tokens = rp.cloud_sign_in(cloud, &ZOFIA).await;
        for (target, at_token) in
            [(Target::CloudToken(cloud), true), (Target::CloudListing(cloud), false)]
        {
            rp.emulator.clear_faults();
            let kind = FaultKind::Status { code: 503, retry_after: None };
            rp.emulator.fault(Fault::always(target, kind));
            for other in Cloud::ALL {
                let form = code_request(other, "forged");
                let token = rp.cloud_token(other, &form).await.0;
                assert_eq!(token == 503, at_token && other == cloud, "{target:?} at {other:?}");
                let listing = rp.listing_status(other, access_token(&tokens)).await;
                assert_eq!(listing == 503, !at_token && other == cloud, "{target:?} at {other:?}");
            }
        }
    }
}

#[tokio::test]
async fn set_member_fault_changes_token_response_of_cloud_for_its_grant() {
    let rp = RelyingParty::new().await;
    for cloud in [Cloud::Oidc, Cloud::Google] {
        let kind = FaultKind::SetMember { name: "token_type".to_owned(), value: json!("pop") };
        let fault = Fault::always(Target::CloudToken(cloud), kind).for_grant("refresh_token");
        let tokens = rp.cloud_sign_in(cloud, &ZOFIA).await;
        let token = member(&tokens, "refresh_token").unwrap();
        rp.emulator.fault(fault);
        assert_eq!(rp.cloud_sign_in(cloud, &ZOFIA).await["token_type"], "Bearer");
        let (status, refreshed) = rp.cloud_token(cloud, &refresh_request(cloud, token)).await;
        assert_eq!((status, &refreshed["token_type"]), (200, &json!("pop")), "{cloud:?}");
        assert!(refreshed["access_token"].is_string());
    }
}

#[tokio::test]
async fn fault_for_grant_reads_grant_type_of_form_and_aws_json() {
    let rp = RelyingParty::new().await;
    for cloud in [Cloud::Aws, Cloud::GitLab] {
        let kind = FaultKind::Status { code: 503, retry_after: None };
        let fault = Fault::always(Target::CloudToken(cloud), kind).for_grant("refresh_token");
        rp.emulator.fault(fault);
        rp.cloud_sign_in(cloud, &ZOFIA).await;
        let form = super::support::refresh_request(cloud, "any");
        assert_eq!(rp.cloud_token(cloud, &form).await.0, 503, "{cloud:?}");
    }
    let requests = rp.emulator.requests();
    let aws = requests.iter().find(|entry| entry.path == "/aws/token").unwrap();
    assert_eq!(aws.grant_type.as_deref(), Some("authorization_code"));
    assert!(aws.form.is_empty());
}

#[tokio::test]
async fn cloud_oauth_error_fault_returns_error_and_description_unchanged() {
    let rp = RelyingParty::new().await;
    for cloud in Cloud::ALL {
        let kind = || FaultKind::OauthError {
            error: "temporarily_unavailable".to_owned(),
            description: "<b>later</b>".to_owned(),
        };
        rp.emulator.fault(Fault::once(Target::CloudAuthorize(cloud), kind()));
        let answer = rp.cloud_callback(cloud, &rp.cloud_request(cloud, &ZOFIA)).await;
        assert_eq!(answer["error"], "temporarily_unavailable");
        rp.emulator.fault(Fault::once(Target::CloudToken(cloud), kind()));
        let code = rp.cloud_code(cloud, &ZOFIA).await;
        let (_, body) = rp.cloud_token(cloud, &code_request(cloud, &code)).await;
        assert_eq!(error(&body), "temporarily_unavailable");
        assert!(body.to_string().contains("<b>later</b>"));
        assert_eq!(rp.cloud_token(cloud, &code_request(cloud, &code)).await.0, 200);
    }
}

#[tokio::test]
async fn cloud_listing_faults_echo_token_set_names_or_refuse_token() {
    let rp = RelyingParty::new().await;
    for cloud in Cloud::ALL {
        let tokens = rp.cloud_sign_in(cloud, &ZOFIA).await;
        let target = Target::CloudListing(cloud);
        let listing = async || {
            let call = rp.call(cloud, &rp.listing(cloud), access_token(&tokens));
            call.send().await.unwrap().text().await.unwrap()
        };
        assert!(!listing().await.contains(access_token(&tokens)));
        rp.emulator.fault(Fault::once(target, FaultKind::EchoToken));
        assert!(listing().await.contains(access_token(&tokens)), "{cloud:?}");
        let names = FaultKind::SetNames { text: "any text".to_owned() };
        rp.emulator.fault(Fault::once(target, names));
        assert!(listing().await.contains("any text"));
        let kind = FaultKind::Unauthorized { insufficient_claims: false };
        rp.emulator.fault(Fault::once(target, kind));
        assert_eq!(rp.listing_status(cloud, access_token(&tokens)).await, 401);
        assert!(rp.listing_status(cloud, access_token(&tokens)).await < 300);
    }
}

#[tokio::test]
async fn echo_token_fault_sets_subscription_name_to_token() {
    let rp = RelyingParty::new().await;
    let tokens = rp.sign_in("organizations", &ZOFIA).await;
    let token = tokens["access_token"].as_str().unwrap();
    rp.emulator.fault(Fault::once(Target::Subscriptions, FaultKind::EchoToken));
    let page = rp.arm_get("subscriptions?api-version=2022-12-01", token).await;
    let page: Value = page.json().await.unwrap();
    assert_eq!(page["value"][0]["displayName"], token);
}

#[tokio::test]
async fn cloud_next_link_faults_set_any_pointer_or_first_page() {
    let rp = RelyingParty::new().await;
    for cloud in Cloud::ALL {
        let tokens = rp.cloud_sign_in(cloud, &ZOFIA).await;
        let listing = async || {
            let call = rp.call(cloud, &rp.listing(cloud), access_token(&tokens));
            let response = call.send().await.unwrap();
            let headers = format!("{:?}", response.headers());
            headers + &response.text().await.unwrap()
        };
        let url = "https://evil.example/next".to_owned();
        let target = Target::CloudListing(cloud);
        rp.emulator.fault(Fault::once(target, FaultKind::NextLink { url: url.clone() }));
        assert!(listing().await.contains(&url), "{cloud:?}");
        let honest = listing().await;
        rp.emulator.fault(Fault::once(target, FaultKind::NextLinkCircle));
        assert_ne!(listing().await, honest, "{cloud:?}");
    }
}

#[tokio::test]
async fn account_faults_echo_token_or_send_garbage() {
    let rp = RelyingParty::new().await;
    for (cloud, path) in [
        (Cloud::GitHub, "/api/user"),
        (Cloud::DigitalOcean, "/v2/account"),
        (Cloud::Heroku, "/account"),
    ] {
        let tokens = rp.cloud_sign_in(cloud, &ZOFIA).await;
        let target = Target::CloudAccount(cloud);
        rp.emulator.fault(Fault::once(target, FaultKind::EchoToken));
        let account = rp.call_json(cloud, path, access_token(&tokens)).await;
        assert!(account.to_string().contains(access_token(&tokens)));
        rp.emulator.fault(Fault::once(target, FaultKind::Garbage));
        let response = rp.call(cloud, &rp.at(cloud, path), access_token(&tokens));
        assert!(response.send().await.unwrap().json::<Value>().await.is_err());
    }
}

#[rstest]
#[case::id_token_fault(json!({ "target": { "cloud_token": "gitlab" }, "kind": { "type": "no_nonce" } }), 204)]
#[case::cloud_without_id_token(json!({ "target": { "cloud_token": "github" }, "kind": { "type": "no_nonce" } }), 422)]
#[case::cloud_without_tid(json!({ "target": { "cloud_token": "google" }, "kind": { "type": "wrong_tid" } }), 422)]
#[case::cloud_without_keys(json!({ "target": { "cloud_keys": "aws" }, "kind": { "type": "hang" } }), 422)]
#[case::cloud_without_account(json!({ "target": { "cloud_account": "google" }, "kind": { "type": "hang" } }), 422)]
#[case::unknown_cloud(json!({ "target": { "cloud_token": "moon" }, "kind": { "type": "hang" } }), 422)]
#[case::listing_fault_at_token(json!({ "target": { "cloud_token": "aws" }, "kind": { "type": "echo_token" } }), 422)]
#[case::listing_fault(json!({ "target": "subscriptions", "kind": { "type": "echo_token" } }), 204)]
#[case::claims_challenge_outside_azure(
    json!({ "target": { "cloud_listing": "aws" }, "kind": { "type": "unauthorized", "insufficient_claims": true } }),
    422
)]
#[tokio::test]
async fn faults_endpoint_refuses_fault_that_cloud_cannot_have(
    #[case] fault: Value,
    #[case] expected: u16,
) {
    let rp = RelyingParty::new().await;
    let url = rp.url("_emulator/faults");
    let response = rp.http.post(url).json(&fault).send().await.unwrap();
    assert_eq!(response.status(), expected);
}
