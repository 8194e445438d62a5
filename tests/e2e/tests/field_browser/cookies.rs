//! Cookies of other applications, and session cookies that name no session.

use portico_e2e::{Browser, Response, World, assert_refused, hint, personas, world};
use reqwest::{Method, StatusCode, header::HeaderValue};

/// Cookies of other applications on the same host, some not UTF-8.
const FOREIGN: [&[u8]; 7] = [
    b"theme=\xff",
    b"name=\xc3\xa9t\xc3\xa9",
    b"latin=\xe9t\xe9",
    b"\xfcser=1",
    b"broken=\xc3\x28",
    b"=\x80",
    b"\xfe\xff",
];

/// Sends these bytes as the only `Cookie` header.
async fn with_cookies(method: Method, world: &World, path: &str, cookies: &[u8]) -> Response {
    let (url, base) = (format!("{}{path}", world.portico.base), &world.portico.base);
    let cookies = HeaderValue::from_bytes(cookies).unwrap();
    let shape = |request: reqwest::RequestBuilder| {
        let request = if method == Method::POST { request.header("origin", base) } else { request };
        request.header("cookie", cookies)
    };
    Browser::default().send(method.clone(), &url, shape).await
}

/// `Cookie` headers with Portico's cookies and a foreign one before, after and on both sides.
fn cookie_headers(own: &[String], foreign: &[u8]) -> Vec<Vec<u8>> {
    let own = own.join("; ").into_bytes();
    vec![
        [foreign, b"; ", &own].concat(),
        [&own, &b"; "[..], foreign].concat(),
        [foreign, b"; ", &own, b";", foreign].concat(),
    ]
}

/// Portico's cookies as `name=value`.
fn pairs(browser: &Browser, world: &World) -> Vec<String> {
    let named = browser.cookies_named(&world.portico.base, "portico_");
    named.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
}

#[tokio::test]
async fn session_is_found_beside_non_utf_8_foreign_cookie() {
    let world = world(&[]).await;
    let mut browser = Browser::default();
    browser.sign_in(&world.portico.base, personas::ZOFIA.user_name).await;
    let own = pairs(&browser, &world);
    for foreign in FOREIGN {
        for cookies in cookie_headers(&own, foreign) {
            let response = with_cookies(Method::GET, &world, "/api/session", &cookies).await;
            assert_eq!(response.status, StatusCode::OK, "{foreign:?}: {response:?}");
        }
    }
}

#[tokio::test]
async fn callback_succeeds_beside_non_utf_8_foreign_cookie() {
    let world = world(&[]).await;
    for foreign in FOREIGN {
        let mut browser = Browser::default();
        let query = hint(personas::ZOFIA.user_name);
        let callback = browser.up_to_callback(&world.portico.base, &query).await;
        let cookies = cookie_headers(&pairs(&browser, &world), foreign).remove(0);
        let path = callback.as_str().strip_prefix(&world.portico.base).unwrap();
        let response = with_cookies(Method::GET, &world, path, &cookies).await;
        assert_eq!(response.status, StatusCode::FOUND, "{foreign:?}: {response:?}");
        assert!(response.sets_session_cookie(), "{foreign:?}: {response:?}");
    }
}

#[tokio::test]
async fn logout_succeeds_beside_non_utf_8_foreign_cookie() {
    let world = world(&[]).await;
    for foreign in FOREIGN {
        let mut browser = Browser::default();
        browser.sign_in(&world.portico.base, personas::ZOFIA.user_name).await;
        let cookies = cookie_headers(&pairs(&browser, &world), foreign).remove(0);
        let response = with_cookies(Method::POST, &world, "/api/logout", &cookies).await;
        assert_eq!(response.status, StatusCode::NO_CONTENT, "{foreign:?}: {response:?}");
        let session = browser.session(&world.portico.base).await;
        assert_eq!(
            session.status,
            StatusCode::UNAUTHORIZED,
            "{foreign:?}: the session still exists"
        );
    }
}

#[tokio::test]
async fn duplicate_session_cookie_is_no_session_but_logout_ends_the_valid_one() {
    let world = world(&[]).await;
    for second in [&b"portico_session=\xff"[..], b"portico_session=x", b"portico_session=\xc3\xa9"]
    {
        let mut browser = Browser::default();
        browser.sign_in(&world.portico.base, personas::ZOFIA.user_name).await;
        let cookies = cookie_headers(&pairs(&browser, &world), second).remove(0);
        let response = with_cookies(Method::GET, &world, "/api/session", &cookies).await;
        assert_refused(&response, 401, "no_session");
        let response = with_cookies(Method::POST, &world, "/api/logout", &cookies).await;
        assert_eq!(response.status, StatusCode::NO_CONTENT, "{second:?}: {response:?}");
        let session = browser.session(&world.portico.base).await;
        assert_eq!(
            session.status,
            StatusCode::UNAUTHORIZED,
            "{second:?}: the session still exists"
        );
    }
}

#[tokio::test]
async fn logout_with_stale_session_cookie_reports_nothing_ended_and_clears_it() {
    let world = world(&[]).await;
    let mut browser = Browser::default();
    browser.sign_in(&world.portico.base, personas::ZOFIA.user_name).await;
    let ended = pairs(&browser, &world).join("; ");
    browser.post(&format!("{}/api/logout", world.portico.base), &world.portico.base).await;
    let unknown = format!("portico_session={}", "A".repeat(43));
    for cookies in [
        ended.as_bytes(),
        unknown.as_bytes(),
        b"portico_session=\xff",
        b"theme=\xff; portico_session=garbled",
    ] {
        let response = with_cookies(Method::POST, &world, "/api/logout", cookies).await;
        assert_eq!(response.status, StatusCode::OK, "{response:?}");
        assert_eq!(
            (response.code().as_str(), response.json()["ended"].as_u64()),
            ("nothing_ended", Some(0))
        );
        let cleared = response.headers["set-cookie"].to_str().unwrap();
        assert!(cleared.starts_with("portico_session=; Path=/; Max-Age=0"), "{cleared}");
        assert!(response.headers.get("link").is_none(), "{response:?}");
    }
    // A logout without a session cookie is an ordinary 204.
    for cookies in [&b"theme=\xff"[..], b"portico_session=", b"portico_sessions=x"] {
        let response = with_cookies(Method::POST, &world, "/api/logout", cookies).await;
        assert_eq!(response.status, StatusCode::NO_CONTENT, "{response:?}");
    }
}

#[tokio::test]
async fn logout_without_session_shows_page_saying_so() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    browser.set_cookie(base, "portico_session", "stale");
    let form = |request: reqwest::RequestBuilder| {
        request.header("origin", base).header("accept", "text/html")
    };
    let page = browser.send(Method::POST, &format!("{base}/api/logout"), form).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("No session was ended"), "{}", page.body);
    assert_eq!(browser.cookie(base, "portico_session"), None);
}
