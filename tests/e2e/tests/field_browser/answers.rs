//! Answers that say what is wrong and what to do.

use portico_e2e::{Browser, assert_refused, world, world_of};
use reqwest::{Method, StatusCode, header};

#[tokio::test]
async fn method_not_allowed_lists_allowed_methods() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    for (path, allowed) in [
        ("/", "GET, HEAD"),
        ("/dashboard", "GET, HEAD"),
        ("/decide", "GET, HEAD, POST"),
        ("/getAToken", "GET, HEAD"),
        ("/healthz", "GET, HEAD"),
        ("/readyz", "GET, HEAD"),
        ("/assets/portico.css", "GET, HEAD"),
        ("/api/session", "GET, HEAD"),
        ("/api/providers", "GET, HEAD"),
        ("/api/accounts/x/subscriptions", "GET, HEAD"),
        ("/api/login/azure", "GET, HEAD"),
        ("/api/callback/azure", "GET, HEAD"),
        ("/api/logout", "POST"),
    ] {
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
        let evil =
            |request: reqwest::RequestBuilder| request.header("origin", "https://evil.example");
        let response = Browser::default().send(Method::OPTIONS, &url, evil).await;
        assert!(response.headers.get("access-control-allow-origin").is_none(), "{response:?}");
        let preflight = |request: reqwest::RequestBuilder| {
            evil(request).header("access-control-request-method", "GET")
        };
        let response = Browser::default().send(Method::OPTIONS, &url, preflight).await;
        assert_refused(&response, 405, "method_not_allowed");
    }
}

#[tokio::test]
async fn error_page_advice_matches_the_error() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let long = format!("{base}/?{}", "a".repeat(9_000));
    let logout = format!("{base}/api/logout");
    let sign_in_again = "sign in again";
    for (method, url, body, status, advised) in [
        (Method::PUT, format!("{base}/"), "", 405, "whoever made the page"),
        (Method::GET, long, "", 414, "whoever made the page"),
        (Method::POST, logout.clone(), &*"x".repeat(10_000), 413, "whoever made the page"),
        (Method::POST, logout, "nonsense", 400, "whoever made the page"),
        (Method::GET, format!("{base}/api/login/azure?prompt=x"), "", 400, "whoever made the page"),
        (Method::GET, format!("{base}/getAToken?code=x&state=y"), "", 400, sign_in_again),
        (Method::GET, format!("{base}/nothing"), "", 404, "Check the address"),
    ] {
        let page = |request: reqwest::RequestBuilder| {
            let request = request.header("accept", "text/html").header("origin", base);
            request.body(body.to_owned())
        };
        let page = Browser::default().send(method, &url, page).await;
        assert_eq!(page.status.as_u16(), status, "{url}: {page:?}");
        assert!(page.body.contains(advised), "{url}: {}", page.body);
        let again = advised == sign_in_again;
        assert_eq!(page.body.contains(sign_in_again), again, "{url}: {}", page.body);
    }
}

#[tokio::test]
async fn accept_header_with_text_html_gets_html_error() {
    let world = world(&[]).await;
    let url = format!("{}/api/session", world.portico.base);
    for accepted in
        [&b"text/html"[..], b"application/xhtml+xml,text/html;q=0.9", b"x/\xff, text/html"]
    {
        let accepted = header::HeaderValue::from_bytes(accepted).unwrap();
        let shape = |request: reqwest::RequestBuilder| request.header("accept", accepted);
        let response = Browser::default().send(Method::GET, &url, shape).await;
        assert!(response.body.starts_with("<!doctype html>"), "{response:?}");
    }
}

#[tokio::test]
async fn brak_kodu_body_is_answered_at_azure_callback_only()
{
    let world = world_of(&["github"], &[]).await;
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
