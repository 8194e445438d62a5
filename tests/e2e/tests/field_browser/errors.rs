//! A failed login with `return_to` redirects to the app with an OAuth error.

use std::collections::HashMap;

use portico_e2e::{
    Browser, Fault, FaultKind, Response, Target, World, assert_refused, personas, token_requests,
    world,
};
use reqwest::{Method, StatusCode};
use rstest::rstest;

const APP: &str = "http://localhost:3000/costs?view=all";

fn oauth_error(error: &str) -> FaultKind {
    FaultKind::OauthError { error: error.into(), description: "the provider's own words".into() }
}

/// Begins a login with this query; the provider returns this error.
async fn refused_with(world: &World, error: &str, query: &str) -> (Browser, Response) {
    world.emulator.fault(Fault::always(Target::Authorize, oauth_error(error)));
    let mut browser = Browser::default();
    let response = {
        let callback = browser.up_to_callback(&world.portico.base, query).await;
        browser.get(callback).await
    };
    world.emulator.clear_faults();
    (browser, response)
}

fn returning(to: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("login_hint", personas::ZOFIA.user_name).append_pair("return_to", to);
    query.finish()
}

/// Asserts that a response redirects to the app with this error.
async fn assert_error_at_app(world: &World, response: &Response, error: &str) {
    assert_eq!(response.status, StatusCode::FOUND, "{error}: {response:?}");
    assert!(!response.sets_session_cookie(), "{error}: {response:?}");
    let location = response.location();
    assert!(location.as_str().starts_with(APP), "{error}: {location}");
    let query: HashMap<_, _> = location.query_pairs().into_owned().collect();
    assert_eq!(query["error"], error, "{location}");
    assert_eq!(query["view"], "all");
    assert!(!query["error_description"].is_empty(), "{location}");
    assert!(!query["error_description"].contains("the provider's own words"), "{location}");
    let header = response.headers["x-correlation-id"].to_str().unwrap();
    assert_eq!(query["correlation"], header);
    assert_eq!(
        world.portico.failure(header).await.len(),
        1,
        "{error} has not exactly one log line"
    );
}

#[rstest]
#[case::access_denied("access_denied", "access_denied")]
#[case::login_required("login_required", "login_required")]
#[case::interaction_required("interaction_required", "interaction_required")]
#[case::consent_required("consent_required", "consent_required")]
#[case::account_selection_required("account_selection_required", "account_selection_required")]
#[case::temporarily_unavailable("temporarily_unavailable", "temporarily_unavailable")]
#[case::server_error("server_error", "server_error")]
#[case::invalid_scope("invalid_scope", "invalid_scope")]
// Unregistered codes are not passed on.
#[case::vendor_code("AADB2C90118", "access_denied")]
#[case::markup("<script>", "access_denied")]
#[tokio::test]
async fn provider_error_returns_to_app_as_registered_code(
    #[case] provider_error: &str,
    #[case] expected: &str,
) {
    let world = world(&[]).await;
    let (mut browser, response) = refused_with(&world, provider_error, &returning(APP)).await;
    assert_error_at_app(&world, &response, expected).await;
    assert_eq!(browser.session(&world.portico.base).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(token_requests(&world.emulator), 0);
}

#[tokio::test]
async fn prompt_none_without_provider_session_returns_login_required() {
    let world = world(&[]).await;
    let mut browser = Browser::default();
    let query = format!("prompt=none&return_to={APP}");
    let callback = browser.up_to_callback(&world.portico.base, &query).await;
    let response = browser.get(callback).await;
    assert_error_at_app(&world, &response, "login_required").await;

    // Without `return_to`, the page says that the person is not signed in, not that they declined.
    let mut browser = Browser::default();
    let callback = browser.up_to_callback(&world.portico.base, "prompt=none").await;
    let html = |request: reqwest::RequestBuilder| request.header("accept", "text/html");
    let page = browser.send(Method::GET, callback.as_str(), html).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.body.contains("You are not signed in at Microsoft Azure"), "{}", page.body);
    assert!(!page.body.contains("declined"), "{}", page.body);
    for error in ["interaction_required", "consent_required", "account_selection_required"] {
        let (_, response) = refused_with(&world, error, "").await;
        assert_refused(&response, 403, "provider_refused");
        let text = response.json()["error"].as_str().unwrap().to_owned();
        assert!(text.contains("was asked not to"), "{error}: {text}");
    }
}

#[tokio::test]
async fn tenant_not_allowed_and_declined_consent_return_access_denied() {
    let world = world(&[("AZURE_ALLOWED_TENANTS", personas::CONTOSO.id)]).await;
    for person in [&personas::AMARA, &personas::JOAQUIN] {
        let mut browser = Browser::default();
        let query = format!("login_hint={}&return_to={APP}", person.user_name);
        let callback = browser.up_to_callback(&world.portico.base, &query).await;
        let response = browser.get(callback).await;
        assert_error_at_app(&world, &response, "access_denied").await;
        // Without `return_to`, the error is a page.
        let refused = Browser::default().sign_in(&world.portico.base, person.user_name).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");
    }
}

#[rstest]
#[case::invalid_grant(oauth_error("invalid_grant"), "access_denied")]
#[case::invalid_client(oauth_error("invalid_client"), "server_error")]
#[case::wrong_nonce(FaultKind::WrongNonce, "server_error")]
#[case::garbage(FaultKind::Garbage, "server_error")]
#[case::status_500(FaultKind::Status { code: 500, retry_after: None }, "temporarily_unavailable")]
#[tokio::test]
async fn token_endpoint_failure_returns_to_app_as_error(
    #[case] fault: FaultKind,
    #[case] expected: &str,
) {
    let world = world(&[]).await;
    let mut browser = Browser::default();
    let callback = browser.up_to_callback(&world.portico.base, &returning(APP)).await;
    world.emulator.fault(Fault::always(Target::Token, fault).for_grant("authorization_code"));
    let response = browser.get(callback).await;
    world.emulator.clear_faults();
    assert_error_at_app(&world, &response, expected).await;
}

#[tokio::test]
async fn error_redirect_goes_to_no_foreign_origin_or_portico_page() {
    let world = world(&[]).await;
    let own = |path: &str| format!("{}{path}", world.portico.base);
    for to in [
        "https://evil.example/",
        "//evil.example/",
        "http://localhost:3001/",
        "javascript:alert(1)",
        "/",
        "/dashboard",
        "/decide",
        "/api/session",
        "/getAToken",
        "",
        &own("/reports"),
    ] {
        let (_, response) = refused_with(&world, "access_denied", &returning(to)).await;
        assert_refused(&response, 403, "provider_refused");
        assert!(response.headers.get("location").is_none(), "{to}: {response:?}");
    }
    // Any other path of the host may be an app behind the same proxy.
    let (_, response) =
        refused_with(&world, "access_denied", &returning("/reports?error=x&a=b%20c")).await;
    let location = response.location();
    assert_eq!((location.host_str(), location.path()), (Some("127.0.0.1"), "/reports"));
    let errors: Vec<_> = location.query_pairs().filter(|(name, _)| name == "error").collect();
    assert_eq!(errors, [("error".into(), "access_denied".into())]);
}

#[tokio::test]
async fn error_of_other_browser_or_provider_is_not_redirected() {
    let world = world(&[]).await;
    let mut browser = Browser::default();
    let callback = browser.up_to_callback(&world.portico.base, &returning(APP)).await;
    let denied = callback.as_str().replace("code=", "x=") + "&error=access_denied";
    assert_refused(&Browser::default().get(&denied).await, 400, "unknown_login");
    let elsewhere = denied.replace("/getAToken", "/api/callback/github");
    assert_refused(&browser.get(&elsewhere).await, 400, "other_provider");
    // That request spent the attempt.
    assert_refused(&browser.get(&denied).await, 400, "unknown_login");

    let callback = browser.up_to_callback(&world.portico.base, &returning(APP)).await;
    let denied = callback.as_str().replace("code=", "x=") + "&error=access_denied";
    let other_issuer = format!("{denied}&iss=https://evil.example/");
    assert_refused(&browser.get(&other_issuer).await, 400, "wrong_issuer");
}

#[tokio::test]
async fn failed_login_leaves_existing_session_unchanged() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let session = browser.session(base).await.json();
    world.emulator.fault(Fault::always(Target::Authorize, oauth_error("access_denied")));
    let callback = browser.up_to_callback(base, &returning(APP)).await;
    world.emulator.clear_faults();
    let response = browser.get(callback).await;
    assert_error_at_app(&world, &response, "access_denied").await;
    assert_eq!(browser.session(base).await.json(), session);
}
