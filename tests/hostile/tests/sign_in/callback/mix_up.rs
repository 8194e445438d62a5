//! Authorization responses of another identity provider (RFC 9207).

use super::*;

/// Whether the discovery document announces `iss` in authorization responses.
#[rstest]
#[case::if_the_provider_announces_iss(true)]
#[case::if_the_provider_announces_no_iss(false)]
#[tokio::test]
async fn callback_refuses_another_issuer(#[case] announced: bool) {
    let scenario = HostileScenario::start(&[("AZURE_TENANT_ID", personas::CONTOSO.id)]).await;
    if announced {
        scenario.inject(Target::Discovery, &[FaultKind::IssParameter { send: SentIssuer::Right }]);
    }
    let host = scenario.emulator().http_url().as_str();
    let right = format!("{host}{}/v2.0", personas::CONTOSO.id);
    for wrong in [
        format!("{right}/"),
        right.to_uppercase(),
        format!("{right}#"),
        format!("{right}?"),
        format!(" {right}"),
        format!("{right}\0"),
        right.replace("http:", "https:"),
        right.replace("127.0.0.1", "localhost"),
        right.replace("/v2.0", ""),
        right.replace("v2.0", "v2%2E0"),
        right.replace(personas::CONTOSO.id, personas::FABRIKAM.id),
        right.replace(personas::CONTOSO.id, "{tenantid}"),
        right.replace(personas::CONTOSO.id, "organizations"),
        format!("{host}x/../{}/v2.0", personas::CONTOSO.id),
        "https://sts.other.example/v2.0".to_owned(),
        "null".to_owned(),
    ] {
        let mut client = TestClient::default();
        let callback = client.at_callback(&scenario).await;
        let wrong = with_parameter(&callback, "iss", Some(&wrong));
        scenario.assert_refused(&mut client, wrong, bad_request("wrong_issuer")).await;
    }
    let mut client = TestClient::default();
    for absent in [None, Some("")].into_iter().filter(|_| announced) {
        let callback = client.at_callback(&scenario).await;
        let absent = with_parameter(&callback, "iss", absent);
        scenario.assert_refused(&mut client, absent, bad_request("wrong_issuer")).await;
    }
    assert_eq!(scenario.redemptions(), 0);
    let callback = client.at_callback(&scenario).await;
    assert_eq!(callback.query_pairs().any(|(name, _)| name == "iss"), announced);
    assert_eq!(client.browser.get(callback).await.status, 302);
}

#[tokio::test]
async fn callback_refuses_issuer_that_matches_no_tenant_template() {
    let scenario = HostileScenario::start(&[]).await;
    let host = scenario.emulator().http_url().as_str();
    for tenant in ["", "{tenantid}", "a/b", "../x", "a.b", "a b", "a%2fb", "a?b", "a#b", "ż"] {
        let mut client = TestClient::default();
        let callback = client.at_callback(&scenario).await;
        let wrong = format!("{host}{tenant}/v2.0");
        let wrong = with_parameter(&callback, "iss", Some(&wrong));
        scenario.assert_refused(&mut client, wrong, bad_request("wrong_issuer")).await;
    }
}

/// Signs in with the plug-in `oidc` and returns the callback's URL without calling it.
async fn at_callback_of_oidc(scenario: &HostileScenario, client: &mut TestClient) -> url::Url {
    let query = hint(personas::ZOFIA.user_name);
    client.browser.up_to_callback_of(scenario.base(), "oidc", &query).await
}

#[tokio::test]
async fn callback_refuses_a_code_at_another_providers_redirect_uri() {
    let scenario = HostileScenario::start_with_plugins(&["oidc"], &[]).await;
    for path in ["/api/callback/oidc", "/api/callback/nowhere"] {
        let mut client = TestClient::default();
        let callback = client.at_callback(&scenario).await;
        let mut mixed = callback.clone();
        mixed.set_path(path);
        scenario.assert_refused(&mut client, mixed, bad_request("other_provider")).await;
        scenario.assert_refused(&mut client, callback, bad_request("unknown_login")).await;
    }
    for path in ["/getAToken", "/api/callback/azure"] {
        let mut client = TestClient::default();
        let callback = at_callback_of_oidc(&scenario, &mut client).await;
        let mut mixed = callback.clone();
        mixed.set_path(path);
        scenario.assert_refused(&mut client, mixed, bad_request("other_provider")).await;
        scenario.assert_refused(&mut client, callback, bad_request("unknown_login")).await;
    }
    // A response with the code and `iss` of another provider (RFC 9207 section 2.4).
    let mut client = TestClient::default();
    let (azure, oidc) =
        (client.at_callback(&scenario).await, at_callback_of_oidc(&scenario, &mut client).await);
    let mixed = with_parameter(&azure, "code", Some(&parameter(&oidc, "code")));
    let mixed = with_parameter(&mixed, "iss", Some(&parameter(&oidc, "iss")));
    scenario.assert_refused(&mut client, mixed, bad_request("wrong_issuer")).await;
    let mixed = with_parameter(&oidc, "iss", None);
    scenario.assert_refused(&mut client, mixed, bad_request("wrong_issuer")).await;
    assert_eq!(scenario.redemptions(), 0);
}
