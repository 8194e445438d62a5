//! The callback of a login: which requests complete it, and which are refused.

use portico_e2e::{Browser, assert_refused, hint, personas, token_requests};
use reqwest::{StatusCode, header};
use rstest::rstest;
use serde_json::json;

use crate::world;

#[tokio::test]
async fn azure_callback_without_code_answers_brak_kodu() {
    let world = world(&[]).await;
    for path in ["/getAToken", "/getAToken?state=x", "/getAToken?code="] {
        let url = format!("{}{path}", world.portico.base);
        let response = Browser::default().get(url).await;
        assert_eq!(response.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(response.json(), json!({"error": "Brak kodu"}), "{path}");
        assert_eq!(response.headers[header::CONTENT_TYPE], "application/json");
        assert!(response.headers.get(header::SET_COOKIE).is_none());
    }
}

#[tokio::test]
async fn callback_matching_no_login_is_refused_and_redeems_no_code() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let callback = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
    let unknown = format!("{base}/getAToken?code=x&state={}", "a".repeat(43));
    assert_refused(&browser.get(unknown).await, 400, "unknown_login");
    assert_refused(&browser.get(format!("{base}/getAToken?code=x")).await, 400, "missing_state");
    let repeated = format!("{callback}&state=other");
    assert_refused(&browser.get(repeated).await, 400, "repeated_parameter");
    let repeated = format!("{callback}&code=other");
    assert_refused(&browser.get(repeated).await, 400, "repeated_parameter");
    assert_refused(&Browser::default().get(&callback).await, 400, "unknown_login");
    assert_eq!(token_requests(&world.emulator), 0);
    assert_eq!(browser.session(base).await.status, StatusCode::UNAUTHORIZED);
    // The login of this browser is still in progress.
    assert_eq!(browser.get(&callback).await.status, StatusCode::FOUND);
}

#[tokio::test]
async fn repeated_callback_redeems_its_code_once() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let callback = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
    assert_eq!(browser.get(&callback).await.status, StatusCode::FOUND);
    let tokens = token_requests(&world.emulator);
    let again = browser.get(&callback).await;
    assert_eq!(again.location().as_str(), "http://localhost:3000/dashboard");
    assert!(!again.sets_session_cookie(), "{again:?}");
    assert_eq!(token_requests(&world.emulator), tokens);
    assert_eq!(browser.session(base).await.status, StatusCode::OK);
}

#[tokio::test]
async fn concurrent_logins_of_one_browser_succeed() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let one = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
    let two = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
    assert_eq!(browser.get(one).await.status, StatusCode::FOUND);
    assert_eq!(browser.get(two).await.status, StatusCode::FOUND);
}

#[tokio::test]
async fn declined_consent_is_refused_without_token_request() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let response = browser.sign_in(base, personas::JOAQUIN.user_name).await;
    assert_refused(&response, 403, "provider_refused");
    assert_eq!(token_requests(&world.emulator), 0);
}

#[tokio::test]
async fn login_from_tenant_not_allowed_is_refused() {
    let world = world(&[("AZURE_ALLOWED_TENANTS", personas::CONTOSO.id)]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let response = browser.sign_in(base, personas::AMARA.user_name).await;
    assert_refused(&response, 403, "tenant_not_allowed");
    let query =
        format!("login_hint={}&tenant={}", personas::AMARA.user_name, personas::TAILSPIN.id);
    let callback = browser.up_to_callback(base, &query).await;
    assert_refused(&browser.get(callback).await, 403, "tenant_not_allowed");
}

#[rstest]
#[case::path("/reports?x=1", "{base}/reports?x=1")]
#[case::dashboard_origin("https://app.example/costs", "https://app.example/costs")]
#[case::other_origin("https://evil.example/", "https://app.example/dashboard")]
#[case::scheme_relative("//evil.example", "https://app.example/dashboard")]
#[case::backslash("/\\evil.example", "https://app.example/dashboard")]
#[tokio::test]
async fn return_to_is_followed_on_portico_and_dashboard_origins_only(
    #[case] return_to: &str,
    #[case] expected: &str,
) {
    let world = world(&[("DASHBOARD_URL", "https://app.example/dashboard")]).await;
    let base = &world.portico.base;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("login_hint", personas::ZOFIA.user_name).append_pair("return_to", return_to);
    let mut browser = Browser::default();
    let callback = browser.up_to_callback(base, &query.finish()).await;
    let end = browser.get(callback).await.location();
    assert_eq!(end.as_str(), expected.replace("{base}", base));
}
