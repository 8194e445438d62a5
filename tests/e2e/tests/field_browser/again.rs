//! Callbacks that are prefetched, repeated, late, or of many tabs.

use portico_e2e::{
    Browser, Fault, FaultKind, Target, World, assert_refused, hint, personas, token_requests, world,
};
use reqwest::{Method, StatusCode, header::SET_COOKIE};
use rstest::rstest;
use url::Url;

const DASHBOARD: &str = "http://localhost:3000/dashboard";

async fn at_callback(world: &World, browser: &mut Browser, query: &str) -> Url {
    let query = format!("{}{query}", hint(personas::ZOFIA.user_name));
    browser.up_to_callback(&world.portico.base, &query).await
}

/// The callback with the other path that Azure's redirect URI may have.
fn at_other_path(callback: &Url) -> Url {
    let mut other = callback.clone();
    other.set_path("/api/callback/azure");
    other
}

#[tokio::test]
async fn callback_without_login_cookie_spends_no_attempt() {
    let world = world(&[]).await;
    let mut browser = Browser::default();
    let callback = at_callback(&world, &mut browser, "").await;
    let mut others = vec![Browser::default(), Browser::default(), Browser::default()];
    // One has a login in progress, and one has a session.
    at_callback(&world, &mut others[1], "").await;
    others[2].sign_in(&world.portico.base, personas::MINH_ANH.user_name).await;
    let tokens = token_requests(&world.emulator);
    for other in &mut others {
        for url in [&callback, &at_other_path(&callback)] {
            assert_refused(&other.get(url).await, 400, "unknown_login");
        }
    }
    assert_eq!(token_requests(&world.emulator), tokens);
    let response = browser.get(&callback).await;
    assert_eq!(response.location().as_str(), DASHBOARD);
    assert!(response.sets_session_cookie(), "{response:?}");
}

/// Methods and headers of prefetches, previews and mail scanners.
const PREFETCHES: [(Method, &str, &str); 9] = [
    (Method::HEAD, "accept", "*/*"),
    (Method::HEAD, "sec-fetch-mode", "navigate"),
    (Method::GET, "sec-purpose", "prefetch"),
    (Method::GET, "sec-purpose", "prefetch;prerender"),
    (Method::GET, "sec-purpose", "prefetch;anonymous-client-ip"),
    (Method::GET, "purpose", "prefetch"),
    (Method::GET, "x-purpose", "preview"),
    (Method::GET, "x-moz", "prefetch"),
    (Method::GET, "X-Moz", "Prefetch"),
];

#[tokio::test]
async fn prefetch_and_head_requests_change_no_login() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    let callback = at_callback(&world, &mut browser, "").await;
    let begin = format!("{base}/api/login/azure");
    for (method, name, value) in PREFETCHES {
        for url in [begin.as_str(), callback.as_str(), at_other_path(&callback).as_str()] {
            let shape = |request: reqwest::RequestBuilder| request.header(name, value);
            let response = browser.send(method.clone(), url, shape).await;
            // Not 405: a server that supports GET supports HEAD (RFC 9110, section 9.1).
            assert_eq!(
                response.status,
                StatusCode::FORBIDDEN,
                "{method} {name} {value}: {response:?}"
            );
            assert!(response.headers.get(SET_COOKIE).is_none(), "{response:?}");
        }
    }
    assert_eq!(token_requests(&world.emulator), 0);
    assert!(browser.get(&callback).await.sets_session_cookie());
    // The same after the login has completed.
    let shape = |request: reqwest::RequestBuilder| request;
    let head = browser.send(Method::HEAD, callback.as_str(), shape).await;
    assert_eq!(head.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.session(base).await.status, StatusCode::OK);
}

#[tokio::test]
async fn repeated_callback_redirects_to_original_destination() {
    let world = world(&[]).await;
    for (query, end) in [
        ("", DASHBOARD.to_owned()),
        ("&return_to=/reports?a=b", format!("{}/reports?a=b", world.portico.base)),
        (
            "&return_to=http://localhost:3000/costs%23q3",
            "http://localhost:3000/costs#q3".to_owned(),
        ),
    ] {
        let mut browser = Browser::default();
        let callback = at_callback(&world, &mut browser, query).await;
        assert_eq!(browser.get(&callback).await.location().as_str(), end);
        let tokens = token_requests(&world.emulator);
        let session = browser.session(&world.portico.base).await.json();
        for again in [&callback, &callback, &at_other_path(&callback)] {
            let response = browser.get(again).await;
            assert_eq!(response.status, StatusCode::FOUND, "{response:?}");
            assert_eq!(response.location().as_str(), end);
            assert!(!response.sets_session_cookie(), "{response:?}");
        }
        assert_eq!(token_requests(&world.emulator), tokens);
        assert_eq!(browser.session(&world.portico.base).await.json(), session);
    }
}

#[tokio::test]
async fn repeated_callbacks_of_several_logins_keep_their_destinations() {
    let world = world(&[]).await;
    let mut browser = Browser::default();
    let mut finished = vec![];
    for n in 0..4 {
        let end = format!("http://localhost:3000/{n}");
        let callback = at_callback(&world, &mut browser, &format!("&return_to={end}")).await;
        assert_eq!(browser.get(&callback).await.location().as_str(), end);
        finished.push((callback, end));
    }
    for (callback, end) in finished.iter().rev() {
        assert_eq!(browser.get(callback).await.location().as_str(), end);
    }
}

#[rstest]
#[tokio::test]
async fn repeated_callback_of_failed_login_is_refused(#[values(false, true)] signed_in: bool) {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    if signed_in {
        browser.sign_in(base, personas::ZOFIA.user_name).await;
    }
    let declined = at_callback(&world, &mut browser, "").await;
    let denied = format!("{declined}&error=access_denied").replace("code=", "x=");
    assert_refused(&browser.get(&denied).await, 403, "provider_refused");
    let with_wrong_nonce = at_callback(&world, &mut browser, "").await;
    let fault = Fault::always(Target::Token, FaultKind::WrongNonce);
    world.emulator.fault(fault.for_grant("authorization_code"));
    assert_refused(&browser.get(&with_wrong_nonce).await, 502, "provider_untrue");
    world.emulator.clear_faults();
    for repeated in [declined.as_str(), &denied, with_wrong_nonce.as_str()] {
        assert_refused(&browser.get(repeated).await, 400, "unknown_login");
    }
    let status = browser.session(base).await.status;
    assert_eq!(status == StatusCode::OK, signed_in, "{status}");
}

#[tokio::test]
async fn repeated_callback_needs_the_same_browser_and_its_session() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    let callback = at_callback(&world, &mut browser, "").await;
    browser.get(&callback).await;
    let (name, value) = browser.cookies_named(base, "portico_done_").pop().unwrap();

    // Another browser that is signed in, without the cookie, then with it under another login's name.
    let mut other = Browser::default();
    other.sign_in(base, personas::MINH_ANH.user_name).await;
    assert_refused(&other.get(&callback).await, 400, "unknown_login");
    let others_callback = at_callback(&world, &mut other, "").await;
    let label = other.cookies_named(base, "portico_login_").pop().unwrap().0;
    let label = label.strip_prefix("portico_login_").unwrap().to_owned();
    other.set_cookie(base, &format!("portico_done_{label}"), &value);
    other.set_cookie(base, &format!("portico_login_{label}"), &value);
    assert_refused(&other.get(&others_callback).await, 400, "unknown_login");

    // The browser's own cookie, lengthened, doubled or garbled.
    for garbled in [format!("{value}A"), format!("{value}; {name}={value}"), "x".to_owned()] {
        let mut garbling = browser.clone();
        garbling.set_cookie(base, &name, &garbled);
        assert_refused(&garbling.get(&callback).await, 400, "unknown_login");
    }
    // Without the session.
    let mut signed_out = browser.clone();
    browser.post(&format!("{base}/api/logout"), base).await;
    assert_refused(&signed_out.get(&callback).await, 400, "unknown_login");
    assert_eq!(browser.cookies_named(base, "portico_done_"), []);
    assert_refused(&browser.get(&callback).await, 400, "unknown_login");
}

#[tokio::test]
async fn repeated_callback_returns_to_pending_decision() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    browser.set_login_headers(&[("sec-fetch-site", "cross-site")]);
    let query = hint(personas::HARUKI.user_name);
    let callback = browser.up_to_callback(base, &query).await;
    for _ in 0..2 {
        assert_eq!(browser.get(&callback).await.location().path(), "/decide");
    }
    let html = |request: reqwest::RequestBuilder| request.header("accept", "text/html");
    let page = browser.send(Method::GET, &format!("{base}/decide"), html).await;
    let label = page.body.split_once("name=\"login\" value=\"").unwrap().1;
    let body = format!("login={}&choice=neither", label.split('"').next().unwrap());
    let form = |request: reqwest::RequestBuilder| request.header("origin", base).body(body);
    let response = browser.send(Method::POST, &format!("{base}/decide"), form).await;
    assert_eq!(response.status, StatusCode::SEE_OTHER, "{response:?}");
    assert_eq!(browser.get(&callback).await.location().as_str(), DASHBOARD);
}

#[rstest]
#[tokio::test]
async fn many_concurrent_tabs_all_sign_in(
    #[values(10, 12)] tabs: usize,
    #[values(false, true)] reversed: bool,
) {
    let world = world(&[]).await;
    let mut browser = Browser::default();
    let mut callbacks = vec![];
    for n in 0..tabs {
        let query = format!("&return_to=http://localhost:3000/costs/{n}");
        callbacks.push((n, at_callback(&world, &mut browser, &query).await));
    }
    if reversed {
        callbacks.reverse();
    }
    for (n, callback) in &callbacks {
        let response = browser.get(callback).await;
        assert!(response.sets_session_cookie(), "tab {n} of {tabs}: {response:?}");
        assert_eq!(response.location().path(), format!("/costs/{n}"));
    }
    assert_eq!(browser.session(&world.portico.base).await.status, StatusCode::OK);
}

#[tokio::test]
async fn login_cookie_limit_drops_only_the_oldest_attempt() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    let mut callbacks = vec![];
    let dropped = loop {
        callbacks.push(at_callback(&world, &mut browser, "").await);
        let cookies = browser.cookies_named(base, "portico_login_");
        let size: usize = cookies.iter().map(|(name, value)| name.len() + value.len() + 3).sum();
        assert!(size < 7_000, "{size}");
        if cookies.len() < callbacks.len() {
            break callbacks.len() - cookies.len();
        }
    };
    assert!(callbacks.len() > 10, "only {} fit", callbacks.len() - 1);
    assert_eq!(dropped, 1);
    for (n, callback) in callbacks.iter().enumerate() {
        let response = browser.get(callback).await;
        match n {
            0 => assert_refused(&response, 400, "unknown_login"),
            _ => assert!(response.sets_session_cookie(), "tab {n}: {response:?}"),
        }
    }
}
