//! Metadata, keys and instance discovery.

use portico_emulator::personas::CONTOSO;
use portico_emulator::{Fault, FaultKind, SentIssuer, Target};
use serde_json::json;

use crate::support::{Party, answer};
use portico_emulator::personas::ZOFIA;

const METADATA: &str = "v2.0/.well-known/openid-configuration";

#[tokio::test]
async fn metadata_of_a_tenant_names_its_issuer_and_endpoints() {
    let party = Party::new().await;
    let base = party.emulator.http_url().as_str().trim_end_matches('/').to_owned();
    let metadata = party.json(&format!("{}/{METADATA}", CONTOSO.id)).await;
    let root = format!("{base}/{}", CONTOSO.id);
    assert_eq!(metadata["issuer"], format!("{root}/v2.0"));
    assert_eq!(metadata["authorization_endpoint"], format!("{root}/oauth2/v2.0/authorize"));
    assert_eq!(metadata["token_endpoint"], format!("{root}/oauth2/v2.0/token"));
    assert_eq!(metadata["end_session_endpoint"], format!("{root}/oauth2/v2.0/logout"));
    assert_eq!(metadata["jwks_uri"], format!("{root}/discovery/v2.0/keys"));
    assert_eq!(metadata["id_token_signing_alg_values_supported"], json!(["RS256"]));
    assert!(metadata.get("authorization_response_iss_parameter_supported").is_none());
}

#[tokio::test]
async fn metadata_of_organizations_and_common_has_a_template_for_its_issuer() {
    let party = Party::new().await;
    for tenant in ["organizations", "common"] {
        let metadata = party.json(&format!("{tenant}/{METADATA}")).await;
        let issuer = format!("{}{{tenantid}}/v2.0", party.emulator.http_url());
        assert_eq!(metadata["issuer"], issuer);
    }
}

#[tokio::test]
async fn an_unknown_tenant_has_no_metadata_no_keys_and_no_tokens() {
    let party = Party::new().await;
    for path in [METADATA, "discovery/v2.0/keys"] {
        let response = party.get(&format!("11111111-2222-4333-8444-555555555555/{path}")).await;
        assert_eq!(response.status(), 400);
        let body: serde_json::Value = response.json().await.unwrap();
        assert_eq!(body["error"], "invalid_tenant");
        assert_eq!(body["error_codes"], json!([90002]));
    }
    let refused = party.token("nowhere", &party.client_credentials()).await;
    crate::support::assert_refused(&refused, 400, "invalid_request", 90002);
}

#[tokio::test]
async fn every_url_follows_the_name_that_the_request_used() {
    let party = Party::new().await;
    let mut url = party.url(&format!("common/{METADATA}"));
    url.set_host(Some("localhost")).unwrap();
    let metadata: serde_json::Value =
        party.http.get(url.clone()).send().await.unwrap().json().await.unwrap();
    let expected = format!("{}/common/oauth2/v2.0/token", url.origin().ascii_serialization());
    assert_eq!(metadata["token_endpoint"], expected);
}

#[tokio::test]
async fn the_key_set_holds_two_keys_that_say_whose_they_are() {
    let party = Party::new().await;
    let keys = party.json(&format!("{}/discovery/v2.0/keys", CONTOSO.id)).await;
    let keys = keys["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0]["kid"], keys[1]["kid"]);
    for key in keys {
        assert_eq!(
            (&key["kty"], &key["use"], &key["e"]),
            (&json!("RSA"), &json!("sig"), &json!("AQAB"))
        );
        assert_eq!(key["issuer"], format!("{}{}/v2.0", party.emulator.http_url(), CONTOSO.id));
    }
}

#[tokio::test]
async fn instance_discovery_names_the_host_that_was_asked() {
    let party = Party::new().await;
    let found =
        party.json("common/discovery/instance?api-version=1.1&authorization_endpoint=x").await;
    let host = party.emulator.http_url().authority();
    assert_eq!(found["metadata"][0]["aliases"], json!([host]));
    let endpoint = format!("{}common/{METADATA}", party.emulator.http_url());
    assert_eq!(found["tenant_discovery_endpoint"], endpoint);
}

#[tokio::test]
async fn metadata_can_lie_about_its_issuer_or_any_member() {
    let party = Party::new().await;
    let path = format!("{}/{METADATA}", CONTOSO.id);
    let honest = party.json(&path).await;
    party.emulator.fault(Fault::once(Target::Discovery, FaultKind::OtherIssuer));
    assert_eq!(party.json(&path).await["issuer"], "https://sts.other.example/v2.0");
    let kind = FaultKind::SetMember { name: "token_endpoint".to_owned(), value: json!(7) };
    party.emulator.fault(Fault::once(Target::Discovery, kind));
    assert_eq!(party.json(&path).await["token_endpoint"], 7);
    assert_eq!(party.json(&path).await, honest);
}

#[tokio::test]
async fn a_key_set_can_hold_one_key_without_a_name_or_keys_of_another_issuer() {
    let party = Party::new().await;
    party.emulator.fault(Fault::once(Target::Keys, FaultKind::OneKey));
    let keys = party.json("common/discovery/v2.0/keys").await;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    assert!(keys["keys"][0].get("kid").is_none());
    party.emulator.fault(Fault::once(Target::Keys, FaultKind::OtherKeyIssuer));
    let keys = party.json("common/discovery/v2.0/keys").await;
    assert_eq!(keys["keys"][1]["issuer"], "https://sts.other.example/v2.0");
}

#[tokio::test]
async fn the_iss_parameter_is_sent_right_wrong_or_not_at_all_once_it_is_advertised() {
    let party = Party::new().await;
    let right = format!("{}{}/v2.0", party.emulator.http_url(), CONTOSO.id);
    let wrong = "https://sts.other.example/v2.0".to_owned();
    let cases = [
        (SentIssuer::Right, Some(right)),
        (SentIssuer::Wrong, Some(wrong)),
        (SentIssuer::Absent, None),
    ];
    for (send, expected) in cases {
        party.emulator.clear_faults();
        party.emulator.fault(Fault::always(Target::Discovery, FaultKind::IssParameter { send }));
        let metadata = party.json(&format!("common/{METADATA}")).await;
        assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
        let sent = answer(&party.authorize("common", &party.request(&ZOFIA)).await);
        assert_eq!(sent.get("iss"), expected.as_ref());
    }
    party.emulator.clear_faults();
    assert!(!party.callback("common", &party.request(&ZOFIA)).await.contains_key("iss"));
}
