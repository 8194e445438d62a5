//! Navigations are accepted with any `Origin`; scripts only from the dashboard.

use portico_e2e::{Browser, Response, assert_refused, hint, personas, world};
use reqwest::{Method, StatusCode};
use rstest::rstest;

const DASHBOARD: &str = "http://localhost:3000";

const ORIGINS: [&str; 4] =
    ["null", "https://evil.example", "https://login.microsoftonline.com", ""];

/// Sends a cross-site navigation with this `Origin`.
async fn navigate(browser: &mut Browser, url: &str, origin: &str) -> Response {
    let navigation = |request: reqwest::RequestBuilder| {
        let request = request.header("origin", origin).header("sec-fetch-mode", "navigate");
        request.header("sec-fetch-dest", "document").header("sec-fetch-site", "cross-site")
    };
    browser.send(Method::GET, url, navigation).await
}

#[rstest]
#[tokio::test]
async fn navigation_login_succeeds_with_any_origin_header(
    #[values("null", "https://evil.example", "https://login.microsoftonline.com", "")] origin: &str,
    #[values("/getAToken", "/api/callback/azure")] path: &str,
) {
    let world = world(&[]).await;
    let mut browser = Browser::default();
    let query = hint(personas::ZOFIA.user_name);
    let begin = format!("{}/api/login/azure?{query}", world.portico.base);
    let redirect = navigate(&mut browser, &begin, origin).await;
    assert_eq!(redirect.status, StatusCode::FOUND, "{redirect:?}");
    let mut callback = browser.get(redirect.location()).await.location();
    // The code is redeemed with the redirect URI of the attempt, whichever path gets the callback.
    callback.set_path(path);
    let response = navigate(&mut browser, callback.as_str(), origin).await;
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}");
    assert!(response.headers.get("access-control-allow-origin").is_none());
    assert!(response.sets_session_cookie(), "{response:?}");
}

#[tokio::test]
async fn navigation_to_page_succeeds_with_any_origin_header() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    for origin in ORIGINS {
        for path in ["/", "/dashboard"] {
            let page = navigate(&mut browser, &format!("{base}{path}"), origin).await;
            assert_eq!(page.status, StatusCode::OK, "{origin:?} {path}: {page:?}");
        }
    }
}

#[tokio::test]
async fn script_of_other_origin_can_neither_log_in_nor_read() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    let callback = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
    let begin = format!("{base}/api/login/azure");
    for url in [begin.as_str(), callback.as_str()] {
        let script = |request: reqwest::RequestBuilder| {
            request.header("origin", "https://evil.example").header("sec-fetch-mode", "cors")
        };
        let response = browser.send(Method::GET, url, script).await;
        assert_refused(&response, 403, "not_a_navigation");
        assert!(response.headers.get("access-control-allow-origin").is_none());
        for origin in ["https://evil.example", DASHBOARD] {
            let preflight = |request: reqwest::RequestBuilder| {
                request.header("origin", origin).header("access-control-request-method", "GET")
            };
            let response = browser.send(Method::OPTIONS, url, preflight).await;
            assert_refused(&response, 405, "method_not_allowed");
            assert!(response.headers.get("access-control-allow-origin").is_none());
        }
    }
    for path in ["/api/session", "/api/providers", "/api/accounts/x/subscriptions", "/api/nothing"]
    {
        for origin in ORIGINS {
            let response = navigate(&mut browser, &format!("{base}{path}"), origin).await;
            assert_refused(&response, 403, "wrong_origin");
        }
    }
    assert!(browser.get(callback).await.sets_session_cookie());
}

#[rstest]
#[case::other_origin(
    "https://evil.example",
    "POST",
    "content-type",
    "wrong_origin",
    "https://evil.example"
)]
#[case::null_origin("null", "POST", "content-type", "wrong_origin", "null")]
#[case::put(DASHBOARD, "PUT", "content-type", "wrong_method", "PUT")]
#[case::patch(DASHBOARD, "PATCH", "x-a", "wrong_method", "PATCH")]
#[case::authorization_header(DASHBOARD, "POST", "authorization", "wrong_header", "authorization")]
#[case::one_of_two_headers(
    DASHBOARD,
    "POST",
    "content-type, x-requested-with",
    "wrong_header",
    "x-requested-with"
)]
#[case::malformed_headers(DASHBOARD, "POST", "content-type,,x", "wrong_header", "content-type")]
#[tokio::test]
async fn cors_refusal_names_origin_method_or_header(
    #[case] origin: &str,
    #[case] method: &str,
    #[case] headers: &str,
    #[case] code: &str,
    #[case] named: &str,
) {
    let world = world(&[]).await;
    let url = format!("{}/api/logout", world.portico.base);
    let preflight = |request: reqwest::RequestBuilder| {
        let request = request.header("origin", origin);
        let request = request.header("access-control-request-method", method);
        request.header("access-control-request-headers", headers)
    };
    let response = Browser::default().send(Method::OPTIONS, &url, preflight).await;
    assert_refused(&response, 403, code);
    let error = response.json()["error"].as_str().unwrap().to_owned();
    assert!(error.contains(named), "{named} is not in {error:?}");
}

#[tokio::test]
async fn logout_without_origin_header_is_refused() {
    let world = world(&[]).await;
    let url = format!("{}/api/logout", world.portico.base);

    let response = Browser::default().send(Method::POST, &url, |request| request).await;
    assert_refused(&response, 403, "wrong_origin");
    assert!(
        response.json()["error"].as_str().unwrap().contains("no Origin header"),
        "{response:?}"
    );
}
