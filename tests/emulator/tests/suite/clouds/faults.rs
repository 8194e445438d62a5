//! Faults aimed at one cloud.

use portico_emulator::personas::ZOFIA;
use portico_emulator::{Cloud, Fault, FaultKind, Target};
use serde_json::{Value, json};

use super::support::{access, error, redemption};
use crate::support::Party;

#[tokio::test]
async fn a_transport_fault_hits_the_endpoint_of_its_own_cloud() {
    let party = Party::new().await;
    for cloud in Cloud::ALL {
        let tokens = party.cloud_sign_in(cloud, &ZOFIA).await;
        for (target, at_token) in
            [(Target::CloudToken(cloud), true), (Target::CloudListing(cloud), false)]
        {
            party.emulator.clear_faults();
            let kind = FaultKind::Status { code: 503, retry_after: None };
            party.emulator.fault(Fault::always(target, kind));
            for other in Cloud::ALL {
                let form = redemption(other, "forged");
                let token = party.cloud_token(other, &form).await.0;
                assert_eq!(token == 503, at_token && other == cloud, "{target:?} at {other:?}");
                let listing = party.listing_status(other, access(&tokens)).await;
                assert_eq!(listing == 503, !at_token && other == cloud, "{target:?} at {other:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_fault_for_one_grant_finds_it_in_aws_json_too() {
    let party = Party::new().await;
    for cloud in [Cloud::Aws, Cloud::GitLab] {
        let kind = FaultKind::Status { code: 503, retry_after: None };
        let fault = Fault::always(Target::CloudToken(cloud), kind).for_grant("refresh_token");
        party.emulator.fault(fault);
        party.cloud_sign_in(cloud, &ZOFIA).await;
        let form = super::support::refresh(cloud, "any");
        assert_eq!(party.cloud_token(cloud, &form).await.0, 503, "{cloud:?}");
    }
    let requests = party.emulator.requests();
    let aws = requests.iter().find(|entry| entry.path == "/aws/token").unwrap();
    assert_eq!(aws.grant_type.as_deref(), Some("authorization_code"));
    assert!(aws.form.is_empty());
}

#[tokio::test]
async fn an_oauth_error_on_request_comes_word_for_word() {
    let party = Party::new().await;
    for cloud in Cloud::ALL {
        let kind = || FaultKind::OauthError {
            error: "temporarily_unavailable".to_owned(),
            description: "<b>later</b>".to_owned(),
        };
        party.emulator.fault(Fault::once(Target::CloudAuthorize(cloud), kind()));
        let answer = party.cloud_callback(cloud, &party.cloud_request(cloud, &ZOFIA)).await;
        assert_eq!(answer["error"], "temporarily_unavailable");
        party.emulator.fault(Fault::once(Target::CloudToken(cloud), kind()));
        let code = party.cloud_code(cloud, &ZOFIA).await;
        let (_, body) = party.cloud_token(cloud, &redemption(cloud, &code)).await;
        assert_eq!(error(&body), "temporarily_unavailable");
        assert!(body.to_string().contains("<b>later</b>"));
        assert_eq!(party.cloud_token(cloud, &redemption(cloud, &code)).await.0, 200);
    }
}

#[tokio::test]
async fn a_listing_can_echo_the_callers_token_or_any_text_or_refuse_it() {
    let party = Party::new().await;
    for cloud in Cloud::ALL {
        let tokens = party.cloud_sign_in(cloud, &ZOFIA).await;
        let target = Target::CloudListing(cloud);
        let listing = async || {
            let call = party.call(cloud, &party.listing(cloud), access(&tokens));
            call.send().await.unwrap().text().await.unwrap()
        };
        assert!(!listing().await.contains(access(&tokens)));
        party.emulator.fault(Fault::once(target, FaultKind::EchoToken));
        assert!(listing().await.contains(access(&tokens)), "{cloud:?}");
        let names = FaultKind::SetNames { text: "any text".to_owned() };
        party.emulator.fault(Fault::once(target, names));
        assert!(listing().await.contains("any text"));
        let kind = FaultKind::Unauthorized { insufficient_claims: false };
        party.emulator.fault(Fault::once(target, kind));
        assert_eq!(party.listing_status(cloud, access(&tokens)).await, 401);
        assert!(party.listing_status(cloud, access(&tokens)).await < 300);
    }
}

#[tokio::test]
async fn resource_manager_can_echo_the_callers_token_too() {
    let party = Party::new().await;
    let tokens = party.sign_in("organizations", &ZOFIA).await;
    let token = tokens["access_token"].as_str().unwrap();
    party.emulator.fault(Fault::once(Target::Subscriptions, FaultKind::EchoToken));
    let page = party.arm_get("subscriptions?api-version=2022-12-01", token).await;
    let page: Value = page.json().await.unwrap();
    assert_eq!(page["value"][0]["displayName"], token);
}

#[tokio::test]
async fn what_leads_to_the_next_page_can_be_anything_or_lead_round_in_a_circle() {
    let party = Party::new().await;
    for cloud in Cloud::ALL {
        let tokens = party.cloud_sign_in(cloud, &ZOFIA).await;
        let listing = async || {
            let call = party.call(cloud, &party.listing(cloud), access(&tokens));
            let response = call.send().await.unwrap();
            let headers = format!("{:?}", response.headers());
            headers + &response.text().await.unwrap()
        };
        let url = "https://evil.example/next".to_owned();
        let target = Target::CloudListing(cloud);
        party.emulator.fault(Fault::once(target, FaultKind::NextLink { url: url.clone() }));
        assert!(listing().await.contains(&url), "{cloud:?}");
        let honest = listing().await;
        party.emulator.fault(Fault::once(target, FaultKind::NextLinkCircle));
        assert_ne!(listing().await, honest, "{cloud:?}");
    }
}

#[tokio::test]
async fn an_account_can_be_spoiled_where_a_cloud_has_one() {
    let party = Party::new().await;
    for (cloud, path) in [
        (Cloud::GitHub, "/api/user"),
        (Cloud::DigitalOcean, "/v2/account"),
        (Cloud::Heroku, "/account"),
    ] {
        let tokens = party.cloud_sign_in(cloud, &ZOFIA).await;
        let target = Target::CloudAccount(cloud);
        party.emulator.fault(Fault::once(target, FaultKind::EchoToken));
        let account = party.call_json(cloud, path, access(&tokens)).await;
        assert!(account.to_string().contains(access(&tokens)));
        party.emulator.fault(Fault::once(target, FaultKind::Garbage));
        let response = party.call(cloud, &party.at(cloud, path), access(&tokens));
        assert!(response.send().await.unwrap().json::<Value>().await.is_err());
    }
}

#[tokio::test]
async fn a_fault_that_a_cloud_cannot_have_is_refused() {
    let party = Party::new().await;
    let cases = [
        (json!({ "target": { "cloud_token": "gitlab" }, "kind": { "type": "no_nonce" } }), 204),
        (json!({ "target": { "cloud_token": "github" }, "kind": { "type": "no_nonce" } }), 422),
        (json!({ "target": { "cloud_token": "google" }, "kind": { "type": "wrong_tid" } }), 422),
        (json!({ "target": { "cloud_keys": "aws" }, "kind": { "type": "hang" } }), 422),
        (json!({ "target": { "cloud_account": "google" }, "kind": { "type": "hang" } }), 422),
        (json!({ "target": { "cloud_token": "moon" }, "kind": { "type": "hang" } }), 422),
        (json!({ "target": { "cloud_token": "aws" }, "kind": { "type": "echo_token" } }), 422),
        (json!({ "target": "subscriptions", "kind": { "type": "echo_token" } }), 204),
        (
            json!({
                "target": { "cloud_listing": "aws" },
                "kind": { "type": "unauthorized", "insufficient_claims": true },
            }),
            422,
        ),
    ];
    for (fault, expected) in cases {
        let url = party.url("_emulator/faults");
        let response = party.http.post(url).json(&fault).send().await.unwrap();
        assert_eq!(response.status(), expected, "{fault}");
    }
}
