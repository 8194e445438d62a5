//! Hostile discovery documents and endpoints, and users of other tenants: rows 9, 10, 16 and 17.

mod tenants;

use portico_e2e::{Browser, Emulator, FaultKind, Options, Target, personas};
use reqwest::Method;
use serde_json::json;

use crate::scenario::{HostileScenario, Refusal, TestClient, claim, invalid_response, member};

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
    for named in [
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
        assert_begin_refused(&scenario, member("issuer", named), other).await;
    }
    let unreadable = invalid_response("discovery_unreadable");
    for nonsense in [json!(null), json!(7), json!([right]), json!({})] {
        assert_begin_refused(&scenario, member("issuer", nonsense), unreadable).await;
    }
    // The failure is not kept: an honest document is believed again.
    let mut client = TestClient::default();
    client.at_callback(&scenario).await;

    let many = HostileScenario::start(&[]).await;
    for template in ["https://evil.example/{tenantid}/v2.0", "{tenantid}", "http://{tenantid}/v2.0"]
    {
        assert_begin_refused(&many, member("issuer", template), other).await;
    }
}

#[tokio::test]
async fn begin_refuses_invalid_endpoint_in_discovery_document() {
    let scenario = HostileScenario::start(&[]).await;
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"] {
        for endpoint in [
            "http://evil.example/",
            "https://user:password@evil.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "ftp://evil.example/",
            "http://0x7f.1.evil.example/",
        ] {
            assert_begin_refused(
                &scenario,
                member(name, endpoint),
                invalid_response("discovery_endpoint"),
            )
            .await;
        }
        // An address to sign out at may be left out, so one that is none is left out.
        let is_optional = name == "end_session_endpoint";
        let nonsense = [json!("/relative"), json!(""), json!(7), json!(["https://a.example"])];
        for nonsense in nonsense.into_iter().filter(|_| !is_optional) {
            assert_begin_refused(
                &scenario,
                member(name, nonsense),
                invalid_response("discovery_unreadable"),
            )
            .await;
        }
    }
}

#[tokio::test]
async fn begin_refuses_endpoint_whose_query_sets_a_reserved_parameter() {
    let scenario = HostileScenario::start(&[]).await;
    for name in ["authorization_endpoint", "token_endpoint", "end_session_endpoint"] {
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
            assert_begin_refused(
                &scenario,
                member(name, endpoint),
                invalid_response("endpoint_parameter"),
            )
            .await;
        }
        let fragment = member(name, "https://login.example/x#client_id=evil");
        assert_begin_refused(&scenario, fragment, invalid_response("discovery_endpoint")).await;
    }
    // A provider's own parameters stay.
    scenario.inject(
        Target::Discovery,
        &[member("authorization_endpoint", "https://login.example/?p=1")],
    );
    let response =
        TestClient::default().browser.get(format!("{}/api/login/azure", scenario.base())).await;
    let location = response.location();
    assert!(location.as_str().starts_with("https://login.example/?p=1&response_type=code&"));
}

#[tokio::test]
async fn endpoint_redirect_is_not_followed() {
    let scenario = HostileScenario::start(&[]).await;
    let evil = Emulator::start(Options::default()).await.unwrap();
    for code in [300, 301, 302, 303, 305, 307, 308, 399] {
        // The first would do what was asked, if it were followed; the second would take it away.
        for root in [scenario.emulator().http_url(), evil.http_url()] {
            let to = |path: &str| {
                let location = root.join(&format!("common/{path}")).unwrap().to_string();
                FaultKind::Redirect { location, code }
            };
            let discovery = to("v2.0/.well-known/openid-configuration");
            // Fetched once, then kept: a siege that has it cannot be led astray with it.
            let fresh = scenario.redemptions() == 0 && code == 300;
            if fresh && root == scenario.emulator().http_url() {
                assert_begin_refused(&scenario, discovery, invalid_response("discovery_redirects"))
                    .await;
            }
            let mut client = TestClient::default();
            let callback = client.at_callback(&scenario).await;
            scenario.inject(Target::Keys, &[to("discovery/v2.0/keys")]);
            let redemptions = scenario.redemptions();
            let expected = invalid_response("key_endpoint_redirects");
            scenario.assert_refused(&mut client, callback, expected).await;
            assert_eq!(scenario.redemptions(), redemptions, "a code was spent without keys");
            scenario.emulator().clear_faults();
        }
    }
    for code in [300, 301, 302, 303, 305, 307, 308, 399] {
        for root in [scenario.emulator().http_url(), evil.http_url()] {
            let location = root.join("common/oauth2/v2.0/token").unwrap().to_string();
            let redemptions = scenario.redemptions();
            let redirect = FaultKind::Redirect { location, code };
            scenario
                .assert_login_refused(&[redirect], invalid_response("token_endpoint_redirects"))
                .await;
            assert_eq!(scenario.redemptions(), redemptions + 1, "a redirect was followed");
        }
    }
    assert!(evil.requests().is_empty(), "{:?}", evil.requests());
}
