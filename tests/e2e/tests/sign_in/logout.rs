//! Logout, and which origins may call the API.

use portico_e2e::{Browser, assert_refused, personas};
use reqwest::{Method, StatusCode, header};

use crate::world;

#[tokio::test]
async fn logout_ends_session_before_it_answers() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let mut former = browser.clone();
    let response = browser.post(&format!("{base}/api/logout"), base).await;
    assert_eq!(response.status, StatusCode::NO_CONTENT);
    let link = response.headers[header::LINK].to_str().unwrap();
    assert!(link.contains("/oauth2/v2.0/logout") && link.contains("rel=\"end_session\""), "{link}");
    assert_eq!(former.session(base).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.cookie(base, "portico_session"), None);
}

#[tokio::test]
async fn logout_everywhere_ends_all_sessions_of_that_person_only() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let [mut laptop, mut phone, mut other] = [(); 3].map(|()| Browser::default());
    laptop.sign_in(base, personas::ZOFIA.user_name).await;
    phone.sign_in(base, personas::ZOFIA.user_name).await;
    other.sign_in(base, personas::HARUKI.user_name).await;
    let url = format!("{base}/api/logout");
    let response = laptop
        .send(Method::POST, &url, |request| {
            request
                .header("origin", base)
                .header("content-type", "application/json")
                .body(r#"{"everywhere": true}"#)
        })
        .await;
    assert_eq!(response.status, StatusCode::NO_CONTENT);
    assert_eq!(phone.session(base).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(other.session(base).await.status, StatusCode::OK);
}

#[tokio::test]
async fn other_origin_can_neither_log_out_nor_read_session() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let url = format!("{base}/api/logout");
    for origin in ["https://evil.example", "null", "http://127.0.0.1"] {
        assert_refused(&browser.post(&url, origin).await, 403, "wrong_origin");
    }
    let no_origin = browser.send(Method::POST, &url, |request| request).await;
    assert_refused(&no_origin, 403, "wrong_origin");
    let bad = browser
        .send(Method::POST, &url, |request| request.header("origin", base).body("everywhere"))
        .await;
    assert_refused(&bad, 400, "bad_body");
    let huge = browser
        .send(Method::POST, &url, |r| r.header("origin", base).body("x".repeat(10_000)))
        .await;
    assert_refused(&huge, 413, "too_large");
    assert_eq!(browser.session(base).await.status, StatusCode::OK);

    let session = format!("{base}/api/session");
    let cross_origin =
        browser.send(Method::GET, &session, |r| r.header("origin", "https://evil.example")).await;
    assert_refused(&cross_origin, 403, "wrong_origin");
    assert!(cross_origin.headers.get("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn dashboard_origin_may_call_api_with_credentials() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let (url, origin) = (format!("{base}/api/session"), "http://localhost:3000");
    let response = browser.send(Method::GET, &url, |r| r.header("origin", origin)).await;
    assert_eq!(response.status, StatusCode::OK);
    assert_eq!(response.headers["access-control-allow-origin"], origin);
    assert_eq!(response.headers["access-control-allow-credentials"], "true");
    let preflight = |origin: &'static str| {
        move |request: reqwest::RequestBuilder| {
            request
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type")
        }
    };
    let url = format!("{base}/api/logout");
    let allowed = browser.send(Method::OPTIONS, &url, preflight(origin)).await;
    assert_eq!(allowed.status, StatusCode::OK);
    assert_eq!(allowed.headers["access-control-allow-origin"], origin);
    let refused = browser.send(Method::OPTIONS, &url, preflight("https://evil.example")).await;
    assert_refused(&refused, 403, "wrong_origin");
}
