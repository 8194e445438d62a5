//! Discovery documents of another issuer or with invalid endpoints, endpoints that redirect, and users of
//! other tenants.

mod tenants;

use portico_e2e::{Browser, Emulator, FaultKind, Options, Target, hint, personas};
use rstest::rstest;
use serde_json::json;

use crate::scenario::{
    HostileScenario, Refusal, TestClient, claim, invalid_response, member, parameter,
};

/// Asserts that beginning a login is refused and sets no attempt cookie.
async fn assert_begin_refused(scenario: &HostileScenario, fault: FaultKind, expected: Refusal) {
    scenario.inject(Target::Discovery, &[fault]);
    let mut client = TestClient::default();
    let url = format!("{}/api/login/azure", scenario.base());
    let response = scenario.assert_refused(&mut client, &url, expected).await;
    assert!(response.headers.get("set-cookie").is_none(), "{response:?}");
    scenario.emulator().clear_faults();
}

#[tokio::test]
async fn begin_refuses_discovery_document_of_another_issuer() {
    let other = Refusal::new(502, "provider_misconfigured").with_check("discovery_issuer");
    let scenario = HostileScenario::start(&[("AZURE_TENANT_ID", personas::CONTOSO.id)]).await;
    let host = scenario.emulator().http_url().as_str();
    let right = format!("{host}{}/v2.0", personas::CONTOSO.id);
    assert_begin_refused(&scenario, FaultKind::OtherIssuer, other).await;
    for wrong in [
        String::new(),
        format!("{right}/"),
        format!(" {right}"),
        format!("{right}?x"),
        format!("{right}#"),
        right.to_uppercase(),
        right.replace("http:", "https:"),
        right.replace("127.0.0.1", "localhost"),
        right.replace("http://", "http://x@"),
        right.replace("/v2.0", "/v1.0"),
        right.replace("/v2.0", ""),
        right.replace(personas::CONTOSO.id, personas::FABRIKAM.id),
        right.replace(personas::CONTOSO.id, "common"),
        format!("https://evil.example/?{right}"),
        "<script>alert(1)</script>".to_owned(),
        "x".repeat(100_000),
    ] {
        assert_begin_refused(&scenario, member("issuer", wrong), other).await;
    }
    let unreadable = invalid_response("discovery_unreadable");
    for nonsense in [json!(null), json!(7), json!([right]), json!({})] {
        assert_begin_refused(&scenario, member("issuer", nonsense), unreadable).await;
    }
    // The failure is not cached: the login begins once the document is valid.
    let mut client = TestClient::default();
    client.at_callback(&scenario).await;
}

#[tokio::test]
async fn begin_refuses_discovery_document_with_another_issuer_template() {
    let other = Refusal::new(502, "provider_misconfigured").with_check("discovery_issuer");
    let scenario = HostileScenario::start(&[]).await;
    for template in ["https://evil.example/{tenantid}/v2.0", "{tenantid}", "http://{tenantid}/v2.0"]
    {
        assert_begin_refused(&scenario, member("issuer", template), other).await;
    }
}

#[rstest]
#[case::authorization_endpoint("authorization_endpoint")]
#[case::token_endpoint("token_endpoint")]
#[case::jwks_uri("jwks_uri")]
#[case::end_session_endpoint("end_session_endpoint")]
#[tokio::test]
async fn begin_refuses_invalid_endpoint_in_discovery_document(#[case] name: &str) {
    let scenario = HostileScenario::start(&[]).await;
    for endpoint in [
        "http://evil.example/",
        "https://user:password@evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://evil.example/",
        "http://0x7f.1.evil.example/",
    ] {
        let expected = invalid_response("discovery_endpoint");
        assert_begin_refused(&scenario, member(name, endpoint), expected).await;
    }
    // The end-session endpoint is optional: a value that is no URL is ignored.
    if name == "end_session_endpoint" {
        return;
    }
    for no_url in [json!("/relative"), json!(""), json!(7), json!(["https://a.example"])] {
        let expected = invalid_response("discovery_unreadable");
        assert_begin_refused(&scenario, member(name, no_url), expected).await;
    }
}

#[rstest]
#[case::of_authorization("authorization_endpoint")]
#[case::of_tokens("token_endpoint")]
#[case::of_end_session("end_session_endpoint")]
#[tokio::test]
async fn begin_refuses_endpoint_whose_query_sets_a_reserved_parameter(#[case] name: &str) {
    let scenario = HostileScenario::start(&[]).await;
    for query in [
        "client_id=evil",
        "redirect_uri=https://evil.example/",
        "request_uri=https://evil.example/request",
        "p=b2c_1_signin&state=x",
        "Redirect_Uri=https://evil.example/",
        "redirect%5furi=https://evil.example/",
        "%72edirect_uri=https://evil.example/",
        "redirect%255Furi=https://evil.example/",
        "redirect.uri=https://evil.example/",
        "redirect+uri=https://evil.example/",
        "redirect_uri[]=https://evil.example/",
        "p=1;redirect_uri=https://evil.example/",
        "p=1%26redirect_uri=https://evil.example/",
        "code_challenge_method=plain",
        "prompt=none",
        "id_token_hint=x",
        "post_logout_redirect_uri=https://evil.example/",
    ] {
        let endpoint = format!("https://login.example/x?{query}");
        let expected = invalid_response("endpoint_parameter");
        assert_begin_refused(&scenario, member(name, endpoint), expected).await;
    }
    let fragment = member(name, "https://login.example/x#client_id=evil");
    assert_begin_refused(&scenario, fragment, invalid_response("discovery_endpoint")).await;
}

#[tokio::test]
async fn begin_keeps_other_parameters_of_the_authorization_endpoint() {
    let scenario = HostileScenario::start(&[]).await;
    let endpoint = member("authorization_endpoint", "https://login.example/?p=1");
    scenario.inject(Target::Discovery, &[endpoint]);
    let mut browser = Browser::default();
    let response = browser.get(format!("{}/api/login/azure", scenario.base())).await;
    let location = response.location();
    assert!(location.as_str().starts_with("https://login.example/?p=1&response_type=code&"));
}

const REDIRECTS: [u16; 8] = [300, 301, 302, 303, 305, 307, 308, 399];

/// A redirect to this path of an emulator.
fn redirect(to: &Emulator, path: &str, code: u16) -> FaultKind {
    let location = to.http_url().join(&format!("common/{path}")).unwrap().to_string();
    FaultKind::Redirect { location, code }
}

#[tokio::test]
async fn discovery_redirect_is_not_followed() {
    let scenario = HostileScenario::start(&[]).await;
    let path = "v2.0/.well-known/openid-configuration";
    // If it were followed, the login would begin.
    let fault = redirect(scenario.emulator(), path, 300);
    assert_begin_refused(&scenario, fault, invalid_response("discovery_redirects")).await;
}

/// If redirects were followed, those to the provider would succeed, and those to another host would
/// reach it.
#[tokio::test]
async fn endpoint_redirect_is_not_followed() {
    let scenario = HostileScenario::start(&[]).await;
    let evil = Emulator::start(Options::default()).await.unwrap();
    for code in REDIRECTS {
        for to in [scenario.emulator(), &evil] {
            let mut client = TestClient::default();
            let callback = client.at_callback(&scenario).await;
            scenario.inject(Target::Keys, &[redirect(to, "discovery/v2.0/keys", code)]);
            let redemptions = scenario.redemptions();
            let expected = invalid_response("key_endpoint_redirects");
            scenario.assert_refused(&mut client, callback, expected).await;
            assert_eq!(scenario.redemptions(), redemptions, "a code was redeemed without keys");
            scenario.emulator().clear_faults();
        }
    }
    for code in REDIRECTS {
        for to in [scenario.emulator(), &evil] {
            let redemptions = scenario.redemptions();
            let fault = redirect(to, "oauth2/v2.0/token", code);
            let expected = invalid_response("token_endpoint_redirects");
            scenario.assert_login_refused(&[fault], expected).await;
            assert_eq!(scenario.redemptions(), redemptions + 1, "a redirect was followed");
        }
    }
    assert!(evil.requests().is_empty(), "{:?}", evil.requests());
}
