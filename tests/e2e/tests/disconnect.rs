//! Accounts that are disconnected and restored.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use portico_e2e::{Browser, Response, World, personas, world_with_plugins};
use reqwest::{Method, StatusCode};
use rstest::rstest;

/// A browser whose session has an account of Azure, and one of DigitalOcean; and the ids of both.
async fn with_two_accounts(world: &World) -> (Browser, [String; 2]) {
    let base = &world.portico.base;
    let mut browser = Browser::default();
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    browser.sign_in_with(base, "digitalocean", personas::ZOFIA.user_name).await;
    let ids = account_ids(&browser.session(base).await);
    (browser, ids.try_into().unwrap())
}

fn account_ids(session: &Response) -> Vec<String> {
    let session = session.json();
    let accounts = session["accounts"].as_array().unwrap();
    accounts.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

async fn send(browser: &mut Browser, method: Method, url: &str, origin: &str) -> Response {
    browser.send(method, url, |request| request.header("origin", origin)).await
}

async fn disconnect(browser: &mut Browser, base: &str, id: &str) -> Response {
    send(browser, Method::DELETE, &format!("{base}/api/accounts/{id}"), base).await
}

#[tokio::test]
async fn disconnected_account_is_gone_at_once_and_restored_as_it_was() {
    let world = world_with_plugins(&["digitalocean"], &[]).await;
    let base = &world.portico.base;
    let (mut browser, [own, other]) = with_two_accounts(&world).await;
    let before = browser.session(base).await.json()["accounts"].clone();
    let gone = disconnect(&mut browser, base, &other).await;
    assert_eq!(gone.status, StatusCode::OK, "{gone:?}");
    assert_eq!(account_ids(&browser.session(base).await), std::slice::from_ref(&own));
    let page = browser.get(format!("{base}/api/accounts/{other}/subscriptions")).await;
    assert_eq!((page.status, page.code()), (StatusCode::NOT_FOUND, "unknown_account".into()));
    let restore = format!("{base}{}", gone.json()["restore"].as_str().unwrap());
    let restored = browser.post(&restore, base).await;
    assert_eq!(restored.status, StatusCode::NO_CONTENT, "{restored:?}");
    assert_eq!(browser.session(base).await.json()["accounts"], before);
    let again = browser.post(&restore, base).await;
    assert_eq!((again.status, again.code()), (StatusCode::NOT_FOUND, "unknown_account".into()));
}

#[tokio::test]
async fn account_with_which_the_session_began_is_not_disconnected() {
    let world = world_with_plugins(&["digitalocean"], &[]).await;
    let base = &world.portico.base;
    let (mut browser, [own, _]) = with_two_accounts(&world).await;
    let refused = disconnect(&mut browser, base, &own).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "own_account".into()));
    assert_eq!(account_ids(&browser.session(base).await).len(), 2);
}

#[rstest]
#[case::disconnect(Method::DELETE, "")]
#[case::restore(Method::POST, "/restore")]
#[tokio::test]
async fn change_of_an_account_is_refused_to_other_people_sites_and_methods(
    #[case] method: Method,
    #[case] path: &str,
) {
    let world = world_with_plugins(&["digitalocean"], &[]).await;
    let base = &world.portico.base;
    let (mut browser, [_, other]) = with_two_accounts(&world).await;
    if method == Method::POST {
        disconnect(&mut browser, base, &other).await;
    }
    let before = browser.session(base).await.body;
    let url = format!("{base}/api/accounts/{other}{path}");
    let mut stranger = Browser::default();
    stranger.sign_in(base, personas::AMARA.user_name).await;
    let foreign = send(&mut stranger, method.clone(), &url, base).await;
    let unknown = format!("{base}/api/accounts/{}{path}", "x".repeat(22));
    let unknown = send(&mut stranger, method.clone(), &unknown, base).await;
    let words = |response: &Response| response.json()["error"].clone();
    assert_eq!((foreign.status, words(&foreign)), (StatusCode::NOT_FOUND, words(&unknown)));
    let nobody = send(&mut Browser::default(), method.clone(), &url, base).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    for origin in ["https://evil.example", "null"] {
        let refused = send(&mut browser, method.clone(), &url, origin).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{origin}");
    }
    let without_origin = browser.send(method.clone(), &url, |request| request).await;
    assert_eq!(without_origin.status, StatusCode::FORBIDDEN);
    let other_method = send(&mut browser, Method::PUT, &url, base).await;
    assert!(matches!(other_method.status.as_u16(), 403 | 405), "{other_method:?}");
    assert_eq!(browser.session(base).await.body, before);
}

#[tokio::test]
async fn restore_brings_nothing_back_after_a_sign_out() {
    let world = world_with_plugins(&["digitalocean"], &[]).await;
    let base = &world.portico.base;
    let (mut browser, [_, other]) = with_two_accounts(&world).await;
    let stolen = browser.clone();
    disconnect(&mut browser, base, &other).await;
    browser.post(&format!("{base}/api/logout"), base).await;
    let mut thief = stolen;
    let late = thief.post(&format!("{base}/api/accounts/{other}/restore"), base).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    assert_eq!(thief.session(base).await.status, StatusCode::UNAUTHORIZED);
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let accounts = account_ids(&browser.session(base).await);
    assert!(!accounts.contains(&other), "{accounts:?}");
}
