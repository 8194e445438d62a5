//! Navigations come from any page and any redirect; scripts come from the dashboard.

use portico_e2e::{Answer, Browser, assert_refused, hint, personas, world};
use reqwest::{Method, StatusCode};

const ORIGINS: [&str; 4] =
    ["null", "https://evil.example", "https://login.microsoftonline.com", ""];

async fn from(browser: &mut Browser, url: &str, origin: &str) -> Answer {
    let navigation = |request: reqwest::RequestBuilder| {
        let request = request.header("origin", origin).header("sec-fetch-mode", "navigate");
        request.header("sec-fetch-dest", "document").header("sec-fetch-site", "cross-site")
    };
    browser.send(Method::GET, url, navigation).await
}

#[tokio::test]
async fn navigation_login_succeeds_with_any_origin_header() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    for origin in ORIGINS {
        for path in ["/getAToken", "/api/callback/azure"] {
            let mut browser = Browser::default();
            let begin = format!("{base}/api/login/azure?{}", hint(personas::ZOFIA.user_name));
            let redirect = from(&mut browser, &begin, origin).await;
            assert_eq!(redirect.status, StatusCode::FOUND, "{origin:?}: {redirect:?}");
            let mut callback = browser.get(redirect.location()).await.location();
            callback.set_path(path);
            // The code was asked for at the one path: at the other it is redeemed all the same,
            // for the redirect URI that the attempt holds.
            let ended = from(&mut browser, callback.as_str(), origin).await;
            assert_eq!(ended.status, StatusCode::FOUND, "{origin:?} {path}: {ended:?}");
            assert!(ended.headers.get("access-control-allow-origin").is_none());
            assert!(ended.gives_a_session(), "{origin:?} {path}: {ended:?}");
        }
    }
}

#[tokio::test]
async fn navigation_to_page_succeeds_with_any_origin_header() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    for origin in ORIGINS {
        for path in ["/", "/dashboard"] {
            let page = from(&mut browser, &format!("{base}{path}"), origin).await;
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
        for origin in ["https://evil.example", "http://localhost:3000"] {
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
            let response = from(&mut browser, &format!("{base}{path}"), origin).await;
            assert_refused(&response, 403, "wrong_origin");
        }
    }
    assert!(browser.get(callback).await.gives_a_session());
}

#[tokio::test]
async fn cors_refusal_names_origin_method_or_header() {
    let world = world(&[]).await;
    let url = format!("{}/api/logout", world.portico.base);
    let own = "http://localhost:3000";
    for (origin, method, headers, code, named) in [
        ("https://evil.example", "POST", "content-type", "wrong_origin", "https://evil.example"),
        ("null", "POST", "content-type", "wrong_origin", "null"),
        (own, "PUT", "content-type", "wrong_method", "PUT"),
        (own, "PATCH", "x-a", "wrong_method", "PATCH"),
        (own, "POST", "authorization", "wrong_header", "authorization"),
        (own, "POST", "content-type, x-requested-with", "wrong_header", "x-requested-with"),
        (own, "POST", "content-type,,x", "wrong_header", "content-type"),
    ] {
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
    let bare = Browser::default().send(Method::POST, &url, |request| request).await;
    assert_refused(&bare, 403, "wrong_origin");
    assert!(bare.json()["error"].as_str().unwrap().contains("no Origin header"), "{bare:?}");
}
