//! Logout, and which origins may call the API.

use portico_e2e::{Browser, Response, assert_refused, personas};
use reqwest::{Method, StatusCode, header};
use url::Url;

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

/// The URL in the header `Link` of a logout.
fn end_session(response: &Response) -> Url {
    let link = response.headers[header::LINK].to_str().unwrap();
    Url::parse(link.strip_prefix('<').unwrap().split('>').next().unwrap()).unwrap()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// Two browsers of one person: each gets the ID token of its own login, and nobody else gets any.
#[tokio::test]
async fn logout_hands_the_id_token_to_the_browser_that_logs_out() {
    let world = world(&[("PORTICO_LOG", "trace")]).await;
    let (base, [mut laptop, mut phone]) =
        (&world.portico.base, [(); 2].map(|()| Browser::default()));
    let logout = format!("{base}/api/logout");
    let mut hints = vec![];
    for browser in [&mut laptop, &mut phone] {
        browser.sign_in(base, personas::ZOFIA.user_name).await;
    }
    for browser in [&mut laptop, &mut phone] {
        let mut former = browser.clone();
        let url = end_session(&browser.post(&logout, base).await);
        assert_eq!(parameter(&url, "client_id").unwrap(), personas::APPLICATION.client_id);
        let back = parameter(&url, "post_logout_redirect_uri").unwrap();
        assert_eq!(back, format!("{base}/"));
        let hint = parameter(&url, "id_token_hint").unwrap();
        assert_eq!(hint.split('.').count(), 3, "{hint}");
        assert!(browser.get(&url).await.location().as_str().starts_with(base.as_str()));
        hints.push(hint);
        // The former cookie gets nothing more.
        let again = former.post(&logout, base).await;
        assert!(again.headers.get(header::LINK).is_none(), "{again:?}");
    }
    assert_ne!(hints[0], hints[1]);
    let log = world.portico.log();
    assert!(hints.iter().all(|hint| !log.contains(hint.as_str())), "the ID token is in the log");
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
