//! Discovery document, key set and instance discovery.

use portico_emulator::personas::CONTOSO;
use portico_emulator::{Fault, FaultKind, SentIssuer, Target};
use rstest::rstest;
use serde_json::json;

use crate::support::{RelyingParty, redirect_params};
use portico_emulator::personas::ZOFIA;

const METADATA: &str = "v2.0/.well-known/openid-configuration";

#[tokio::test]
async fn tenant_metadata_names_issuer_and_endpoints() {
    let rp = RelyingParty::new().await;
    let base = rp.emulator.http_url().as_str().trim_end_matches('/').to_owned();
    let metadata = rp.json(&format!("{}/{METADATA}", CONTOSO.id)).await;
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
async fn multi_tenant_metadata_has_issuer_template() {
    let rp = RelyingParty::new().await;
    for tenant in ["organizations", "common"] {
        let metadata = rp.json(&format!("{tenant}/{METADATA}")).await;
        let issuer = format!("{}{{tenantid}}/v2.0", rp.emulator.http_url());
        assert_eq!(metadata["issuer"], issuer);
    }
}

#[tokio::test]
async fn unknown_tenant_has_no_metadata_keys_or_tokens() {
    let rp = RelyingParty::new().await;
    for path in [METADATA, "discovery/v2.0/keys"] {
        let response = rp.get(&format!("11111111-2222-4333-8444-555555555555/{path}")).await;
        assert_eq!(response.status(), 400);
        let body: serde_json::Value = response.json().await.unwrap();
        assert_eq!(body["error"], "invalid_tenant");
        assert_eq!(body["error_codes"], json!([90002]));
    }
    let refused = rp.token("nowhere", &rp.client_credentials()).await;
    crate::support::assert_refused(&refused, 400, "invalid_request", 90002);
}

#[tokio::test]
async fn published_urls_have_host_of_request() {
    let rp = RelyingParty::new().await;
    let mut url = rp.url(&format!("common/{METADATA}"));
    url.set_host(Some("localhost")).unwrap();
    let metadata: serde_json::Value =
        rp.http.get(url.clone()).send().await.unwrap().json().await.unwrap();
    let expected = format!("{}/common/oauth2/v2.0/token", url.origin().ascii_serialization());
    assert_eq!(metadata["token_endpoint"], expected);
}

#[tokio::test]
async fn key_set_has_two_keys_with_issuer() {
    let rp = RelyingParty::new().await;
    let keys = rp.json(&format!("{}/discovery/v2.0/keys", CONTOSO.id)).await;
    let keys = keys["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0]["kid"], keys[1]["kid"]);
    for key in keys {
        assert_eq!(
            (&key["kty"], &key["use"], &key["e"]),
            (&json!("RSA"), &json!("sig"), &json!("AQAB"))
        );
        assert_eq!(key["issuer"], format!("{}{}/v2.0", rp.emulator.http_url(), CONTOSO.id));
    }
}

#[tokio::test]
async fn instance_discovery_names_host_of_request() {
    let rp = RelyingParty::new().await;
    let found = rp.json("common/discovery/instance?api-version=1.1&authorization_endpoint=x").await;
    let host = rp.emulator.http_url().authority();
    assert_eq!(found["metadata"][0]["aliases"], json!([host]));
    let endpoint = format!("{}common/{METADATA}", rp.emulator.http_url());
    assert_eq!(found["tenant_discovery_endpoint"], endpoint);
}

#[tokio::test]
async fn metadata_fault_changes_issuer_or_any_member_once() {
    let rp = RelyingParty::new().await;
    let path = format!("{}/{METADATA}", CONTOSO.id);
    let honest = rp.json(&path).await;
    rp.emulator.fault(Fault::once(Target::Discovery, FaultKind::OtherIssuer));
    assert_eq!(rp.json(&path).await["issuer"], "https://sts.other.example/v2.0");
    let kind = FaultKind::SetMember { name: "token_endpoint".to_owned(), value: json!(7) };
    rp.emulator.fault(Fault::once(Target::Discovery, kind));
    assert_eq!(rp.json(&path).await["token_endpoint"], 7);
    assert_eq!(rp.json(&path).await, honest);
}

#[tokio::test]
async fn key_set_fault_leaves_one_key_without_kid_or_names_other_issuer() {
    let rp = RelyingParty::new().await;
    rp.emulator.fault(Fault::once(Target::Keys, FaultKind::OneKey));
    let keys = rp.json("common/discovery/v2.0/keys").await;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    assert!(keys["keys"][0].get("kid").is_none());
    rp.emulator.fault(Fault::once(Target::Keys, FaultKind::OtherKeyIssuer));
    let keys = rp.json("common/discovery/v2.0/keys").await;
    assert_eq!(keys["keys"][1]["issuer"], "https://sts.other.example/v2.0");
}

#[rstest]
#[case::right(SentIssuer::Right, Some("{root}{tenant}/v2.0"))]
#[case::wrong(SentIssuer::Wrong, Some("https://sts.other.example/v2.0"))]
#[case::absent(SentIssuer::Absent, None)]
#[tokio::test]
async fn iss_parameter_fault_advertises_iss_and_sends_it_until_cleared(
    #[case] send: SentIssuer,
    #[case] expected: Option<&str>,
) {
    let rp = RelyingParty::new().await;
    let root = rp.emulator.http_url().as_str();
    let expected = expected.map(|iss| iss.replace("{root}", root).replace("{tenant}", CONTOSO.id));
    rp.emulator.fault(Fault::always(Target::Discovery, FaultKind::IssParameter { send }));
    let metadata = rp.json(&format!("common/{METADATA}")).await;
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    let sent = redirect_params(&rp.authorize("common", &rp.request(&ZOFIA)).await);
    assert_eq!(sent.get("iss"), expected.as_ref());
    rp.emulator.clear_faults();
    assert!(!rp.callback("common", &rp.request(&ZOFIA)).await.contains_key("iss"));
}
