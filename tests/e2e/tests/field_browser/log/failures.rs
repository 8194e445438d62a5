//! What the log says of a login or request that fails.

use super::*;

#[tokio::test]
async fn failed_login_has_one_log_line_with_reason_and_check() {
    let world = world(&[("AZURE_ALLOWED_TENANTS", personas::CONTOSO.id)]).await;
    let base = &world.portico.base;
    let response = Browser::default().sign_in(base, personas::AMARA.user_name).await;
    let fields = line(&world, &response).await;
    assert_fields(
        &fields,
        &[
            ("message", "request refused"),
            ("outcome", "refused"),
            ("check", "tenant_not_allowed"),
            ("provider", "azure"),
            ("tenant", personas::TAILSPIN.id),
            ("subject", personas::AMARA.home().oid),
            ("address", "127.0.0.1"),
            ("method", "GET"),
            ("path", "/getAToken"),
        ],
    );
    assert_eq!(response.json()["correlation"], fields["correlation"]);
    assert!(fields["milliseconds"].is_u64(), "{fields}");
    assert_no_names(&fields);

    for (fault, outcome, check) in [
        (FaultKind::WrongNonce, "failed", "id_token_nonce"),
        (FaultKind::WrongAudience, "failed", "id_token_audience"),
        (FaultKind::Status { code: 500, retry_after: None }, "failed", "provider_unreachable"),
    ] {
        let mut browser = Browser::default();
        let callback = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
        world.emulator.fault(Fault::always(Target::Token, fault).for_grant("authorization_code"));
        let response = browser.get(callback).await;
        world.emulator.clear_faults();
        let fields = line(&world, &response).await;
        assert_fields(&fields, &[("outcome", outcome), ("check", check), ("provider", "azure")]);
        // Subject and tenant are logged only from a verified ID token.
        assert!(fields["subject"].is_null() && fields["tenant"].is_null(), "{fields}");
    }
    // At the callback of another provider, the line names the provider of the attempt.
    let mut browser = Browser::default();
    let mut callback = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
    callback.set_path("/api/callback/marked-canary");
    let fields = line(&world, &browser.get(callback).await).await;
    assert_fields(
        &fields,
        &[("outcome", "refused"), ("check", "other_provider"), ("provider", "azure")],
    );

    let response = Browser::default().sign_in(base, personas::JOAQUIN.user_name).await;
    let fields = line(&world, &response).await;
    assert_fields(
        &fields,
        &[("outcome", "refused"), ("check", "provider_refused"), ("provider", "azure")],
    );
    assert!(fields["detail"].as_str().unwrap().contains("access_denied"), "{fields}");
}

#[rstest]
#[case::query_of_session("GET", "/api/session?access_token=marked-4711", "/api/session", None)]
#[case::method_of_login("PUT", "/api/login/azure?login_hint=zofia", "/api/login/azure", None)]
#[case::query_of_login(
    "GET",
    "/api/login/azure?prompt=marked-4711",
    "/api/login/azure",
    Some("azure")
)]
#[case::unknown_provider("GET", "/api/login/nowhere", "/api/login/nowhere", None)]
#[case::unknown_login(
    "GET",
    "/getAToken?code=marked-4711&state=marked-4711",
    "/getAToken",
    Some("azure")
)]
#[case::missing_code("GET", "/getAToken", "/getAToken", Some("azure"))]
#[case::segment_that_may_be_a_secret(
    "GET",
    "/api/accounts/marked-4711/subscriptions",
    "/api/accounts/…/subscriptions",
    None
)]
#[case::query_of_unknown_path("GET", "/wp-login.php?a=b", "/wp-login.php", None)]
#[case::segment_of_unknown_path("GET", "/reset/marked-canary-4711", "/reset/…", None)]
#[case::logout_without_origin("POST", "/api/logout", "/api/logout", None)]
#[case::parameter_of_login(
    "GET",
    "/api/login/azure?tenant=a%2Fb",
    "/api/login/azure",
    Some("azure")
)]
#[tokio::test]
async fn refusal_log_line_has_method_path_provider_and_client_address(
    #[case] method: &str,
    #[case] path: &str,
    #[case] shown: &str,
    #[case] provider: Option<&str>,
) {
    let world = world(&[("PORTICO_TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    let base = &world.portico.base;
    let shape = |request: reqwest::RequestBuilder| {
        request.header("x-forwarded-for", "203.0.113.7, 192.0.2.44")
    };
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let url = format!("{base}{path}");
    let response = Browser::default().send(method.clone(), &url, shape).await;
    let fields = line(&world, &response).await;
    assert_fields(
        &fields,
        &[
            ("message", "request refused"),
            ("method", method.as_str()),
            ("path", shown),
            ("address", "192.0.2.44"),
        ],
    );
    assert_eq!(fields["provider"].as_str(), provider, "{fields}");

    assert!(!world.portico.log().contains("4711"), "{}", world.portico.log());
}

#[tokio::test]
async fn error_page_json_and_log_line_share_correlation_id() {
    let world = world(&[]).await;
    let url = format!("{}/getAToken?code=x&state=y", world.portico.base);
    let html = |request: reqwest::RequestBuilder| request.header("accept", "text/html");
    let page = Browser::default().send(Method::GET, &url, html).await;
    let fields = line(&world, &page).await;
    let correlation = fields["correlation"].as_str().unwrap();
    assert!(page.body.contains(correlation), "{}", page.body);
    let json = Browser::default().get(&url).await;
    let fields = line(&world, &json).await;
    assert_eq!(json.json()["correlation"], fields["correlation"]);
    // The header is exposed to apps by CORS.
    let shape =
        |request: reqwest::RequestBuilder| request.header("origin", "http://localhost:3000");
    let session = format!("{}/api/session", world.portico.base);
    let response = Browser::default().send(Method::GET, &session, shape).await;
    let exposed = response.headers["access-control-expose-headers"].to_str().unwrap();
    assert!(exposed.contains("x-correlation-id"), "{exposed}");
}
