//! Errors name the fault and the remedy: allowed methods, advice, HTML or JSON.

use portico_e2e::{Browser, assert_refused, world, world_with_plugins};
use reqwest::{Method, StatusCode, header};
use rstest::rstest;

#[rstest]
#[case::sign_in_page("/", "GET, HEAD")]
#[case::dashboard("/dashboard", "GET, HEAD")]
#[case::decision("/decide", "GET, HEAD, POST")]
#[case::azure_callback("/getAToken", "GET, HEAD")]
#[case::health("/healthz", "GET, HEAD")]
#[case::readiness("/readyz", "GET, HEAD")]
#[case::style_sheet("/assets/portico.css", "GET, HEAD")]
#[case::session("/api/session", "GET, HEAD")]
#[case::providers("/api/providers", "GET, HEAD")]
#[case::subscriptions("/api/accounts/x/subscriptions", "GET, HEAD")]
#[case::login("/api/login/azure", "GET, HEAD")]
#[case::callback("/api/callback/azure", "GET, HEAD")]
#[case::logout("/api/logout", "POST")]
#[tokio::test]
async fn method_not_allowed_lists_allowed_methods(#[case] path: &str, #[case] allowed: &str) {
    let world = world(&[]).await;
    let base = &world.portico.base;
    for method in ["PUT", "DELETE", "PATCH", "PROPFIND"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{base}{path}");
        let response = Browser::default().send(method.clone(), &url, |request| request).await;
        assert_refused(&response, 405, "method_not_allowed");
        assert_eq!(response.headers[header::ALLOW], allowed, "{method} {path}");
        assert!(response.json()["error"].as_str().unwrap().contains(allowed), "{response:?}");
    }
    let url = format!("{base}{path}");
    let options = Browser::default().send(Method::OPTIONS, &url, |request| request).await;
    assert_eq!(options.status, StatusCode::NO_CONTENT, "{path}");
    assert_eq!(options.headers[header::ALLOW], allowed, "{path}");
    assert_eq!(options.body, "", "{path}");
}

#[tokio::test]
async fn head_is_refused_where_get_is_not_allowed() {
    let world = world(&[]).await;
    let base = &world.portico.base;

    let head = Browser::default().send(Method::HEAD, &format!("{base}/api/logout"), |it| it).await;
    assert_eq!(head.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(head.headers[header::ALLOW], "POST");
}

#[tokio::test]
async fn options_is_404_on_unknown_path_and_405_for_preflight() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    for path in ["/nothing", "/api/nothing", "/api/login/", "/api/accounts//subscriptions"] {
        let url = format!("{base}{path}");
        let response = Browser::default().send(Method::OPTIONS, &url, |request| request).await;
        assert_refused(&response, 404, "not_found");
    }
    for path in ["/", "/decide", "/api/login/azure", "/healthz"] {
        let url = format!("{base}{path}");
        let other_origin =
            |request: reqwest::RequestBuilder| request.header("origin", "https://evil.example");
        let response = Browser::default().send(Method::OPTIONS, &url, other_origin).await;
        assert!(response.headers.get("access-control-allow-origin").is_none(), "{response:?}");
        let preflight = |request: reqwest::RequestBuilder| {
            other_origin(request).header("access-control-request-method", "GET")
        };
        let response = Browser::default().send(Method::OPTIONS, &url, preflight).await;
        assert_refused(&response, 405, "method_not_allowed");
    }
}

const FOR_DEVELOPERS: &str = "whoever made the page";
const SIGN_IN_AGAIN: &str = "sign in again";

#[rstest]
#[case::method(Method::PUT, "/", "", 405, FOR_DEVELOPERS)]
#[case::long_address(Method::GET, &format!("/?{}", "a".repeat(9_000)), "", 414, FOR_DEVELOPERS)]
#[case::large_body(Method::POST, "/api/logout", &"x".repeat(10_000), 413, FOR_DEVELOPERS)]
#[case::malformed_body(Method::POST, "/api/logout", "nonsense", 400, FOR_DEVELOPERS)]
#[case::parameter(Method::GET, "/api/login/azure?prompt=x", "", 400, FOR_DEVELOPERS)]
#[case::unknown_login(Method::GET, "/getAToken?code=x&state=y", "", 400, SIGN_IN_AGAIN)]
#[case::unknown_path(Method::GET, "/nothing", "", 404, "Check the address")]
#[tokio::test]
async fn error_page_advice_matches_the_error(
    #[case] method: Method,
    #[case] path: &str,
    #[case] body: &str,
    #[case] status: u16,
    #[case] advice: &str,
) {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let html = |request: reqwest::RequestBuilder| {
        let request = request.header("accept", "text/html").header("origin", base);
        request.body(body.to_owned())
    };
    let page = Browser::default().send(method, &format!("{base}{path}"), html).await;
    assert_eq!(page.status.as_u16(), status, "{page:?}");
    assert!(page.body.contains(advice), "{}", page.body);
    let says_sign_in = page.body.contains(SIGN_IN_AGAIN);
    assert_eq!(says_sign_in, advice == SIGN_IN_AGAIN, "{}", page.body);
}

#[rstest]
#[case::html(b"text/html")]
#[case::xhtml_and_html(b"application/xhtml+xml,text/html;q=0.9")]
#[case::not_ascii(b"x/\xff, text/html")]
#[tokio::test]
async fn accept_header_with_text_html_gets_html_error(#[case] accept: &[u8]) {
    let world = world(&[]).await;
    let url = format!("{}/api/session", world.portico.base);
    let accept = header::HeaderValue::from_bytes(accept).unwrap();
    let with_accept = |request: reqwest::RequestBuilder| request.header("accept", accept);
    let response = Browser::default().send(Method::GET, &url, with_accept).await;
    assert!(response.body.starts_with("<!doctype html>"), "{response:?}");
}

#[tokio::test]
async fn brak_kodu_body_is_answered_at_azure_callback_only() {
    let world = world_with_plugins(&["github"], &[]).await;
    for path in ["/getAToken", "/getAToken?state=x", "/getAToken?code=&state=x", "/getAToken?code"]
    {
        let response = Browser::default().get(format!("{}{path}", world.portico.base)).await;
        assert_eq!(response.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(response.body, r#"{"error": "Brak kodu"}"#, "{path}");
        assert_eq!(response.headers[header::CONTENT_TYPE], "application/json", "{path}");
    }
    for provider in ["azure", "github", "nowhere"] {
        for query in ["", "?state=x", "?code="] {
            let url = format!("{}/api/callback/{provider}{query}", world.portico.base);
            let response = Browser::default().get(&url).await;
            assert_refused(&response, 401, "no_code");
        }
    }
}
