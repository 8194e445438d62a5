//! Floods of logins that are never completed, embedded logins, and providers that hang: other users can
//! sign in meanwhile.

mod hanging;
mod navigation;

use portico_e2e::{
    Browser, Cloud, Fault, FaultKind, Response, Target, World, assert_refused, hint, personas,
    token_requests, world, world_with_plugins,
};
use portico_hostile::tried;
use reqwest::{Method, StatusCode, header::SET_COOKIE};
use tokio::task::JoinSet;

const BEHIND_A_PROXY: (&str, &str) = ("PORTICO_TRUSTED_PROXIES", "127.0.0.0/8, ::1");

fn begin(base: &str) -> String {
    format!("{base}/api/login/azure?{}", hint(personas::ZOFIA.user_name))
}

/// Begins a login from this address behind the proxy.
async fn begin_from(base: &str, client: &str) -> Response {
    let mut browser = Browser::default();
    let from = |request: reqwest::RequestBuilder| request.header("x-forwarded-for", client);
    browser.send(Method::GET, &begin(base), from).await
}

async fn send(
    browser: &mut Browser,
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
) -> Response {
    let shape = |request: reqwest::RequestBuilder| {
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    };
    browser.send(method, url, shape).await
}

/// Begins logins from these addresses concurrently. Returns how many were admitted.
async fn flood(world: &World, addresses: impl Iterator<Item = String>) -> usize {
    let addresses: Vec<_> = addresses.collect();
    tried(addresses.len());
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = client.no_proxy().build().unwrap();
    let mut senders = JoinSet::new();
    for part in addresses.chunks(addresses.len().div_ceil(8)) {
        let (url, part, client) = (begin(&world.portico.base), part.to_vec(), client.clone());
        senders.spawn(async move {
            let mut admitted = 0;
            for address in part {
                let sent = client.get(&url).header("x-forwarded-for", address).send().await;
                admitted += usize::from(sent.unwrap().status() == StatusCode::FOUND);
            }
            admitted
        });
    }
    senders.join_all().await.into_iter().sum()
}

/// Asserts that logins from these addresses begin, and that one from a further address completes.
async fn assert_others_sign_in(world: &World, addresses: &[&str]) {
    let base = &world.portico.base;
    for address in addresses {
        let begun = begin_from(base, address).await;
        assert_eq!(begun.status, StatusCode::FOUND, "{address}: {begun:?}");
    }
    let mut browser = Browser::default();
    let from = [("x-forwarded-for", "203.0.113.77")];
    let begun = send(&mut browser, Method::GET, &begin(base), &from).await;
    let callback = browser.get(begun.location()).await.location();
    let ended = send(&mut browser, Method::GET, callback.as_str(), &from).await;
    assert_eq!(ended.status, StatusCode::FOUND, "{ended:?}");
    assert!(ended.sets_session_cookie());
}

#[tokio::test]
async fn flood_from_one_site_leaves_other_clients_able_to_sign_in() {
    let limits = [("PORTICO_LOGINS_PER_ADDRESS", "20"), ("PORTICO_LOGINS", "200"), BEHIND_A_PROXY];
    let world = world(&limits).await;
    let site = (0..1_500).map(|n| format!("2001:db8:1:{:x}::{n:x}", n % 500));
    let admitted = flood(&world, site).await;
    assert!((80..300).contains(&admitted), "{admitted}");
    let others = ["2001:db8:2::1", "2001:db9::1", "192.0.2.1", "198.51.100.1"];
    assert_others_sign_in(&world, &others).await;
    let refused = begin_from(&world.portico.base, "2001:db8:1:7::ffff").await;
    assert_refused(&refused, 429, "too_many_logins");
}

#[tokio::test]
async fn flood_from_1000_networks_of_one_isp_leaves_other_clients_able_to_sign_in() {
    let limits = [("PORTICO_LOGINS_PER_ADDRESS", "20"), ("PORTICO_LOGINS", "200"), BEHIND_A_PROXY];
    let world = world(&limits).await;
    let networks = (0..2_000).map(|n| format!("2001:db8:{:x}::1", n % 1_000));
    let admitted = flood(&world, networks).await;
    assert!(admitted < 1_500, "{admitted}");
    assert_others_sign_in(&world, &["2001:db9::1", "192.0.2.1", "198.51.100.1"]).await;
}

#[tokio::test]
async fn many_users_behind_one_address_sign_in_within_a_minute() {
    // An empty variable is unset, so the defaults apply.
    let defaults = [("PORTICO_LOGINS_PER_ADDRESS", ""), ("PORTICO_LOGINS", "")];
    let world = world(&defaults).await;
    let base = &world.portico.base;
    // All logins begin before the first callback.
    let mut browsers: Vec<Browser> = (0..200).map(|_| Browser::default()).collect();
    let mut callbacks = Vec::new();
    for browser in &mut browsers {
        callbacks.push(browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await);
    }
    for (browser, callback) in browsers.iter_mut().zip(callbacks) {
        assert_eq!(browser.get(callback).await.status, StatusCode::FOUND);
    }
    tried(200);
}

#[tokio::test]
async fn rate_limit_counts_failed_logins_only() {
    let world = world(&[("PORTICO_LOGINS_PER_ADDRESS", "6")]).await;
    let base = &world.portico.base;
    for _ in 0..20 {
        let ended = Browser::default().sign_in(base, personas::ZOFIA.user_name).await;
        assert_eq!(ended.status, StatusCode::FOUND, "{ended:?}");
    }
    for _ in 0..6 {
        let mut browser = Browser::default();
        let mut callback = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
        callback.query_pairs_mut().append_pair("error", "access_denied");
        assert_refused(&browser.get(callback).await, 403, "provider_refused");
    }
    assert_refused(&Browser::default().get(begin(base)).await, 429, "too_many_logins");
    tried(26);
}

#[tokio::test]
async fn attempt_cookies_fit_into_a_request_head() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    for length in [10, 300, 1_000, 1_023, 3_000, 7_000] {
        for character in ["a", "\"", "<", "`"] {
            let target = format!("/{}", character.repeat(length));
            let target: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
            if target.len() > 7_000 {
                continue;
            }
            let begun = browser.get(format!("{base}/api/login/azure?return_to={target}")).await;
            assert_eq!(begun.status, StatusCode::FOUND, "{length} {character}: {begun:?}");
            let cookies = browser.cookies_named(base, "portico_login_");
            assert!(cookies.len() <= 16, "{}", cookies.len());
            assert!(cookies.iter().all(|(name, value)| name.len() + value.len() < 3_000));
            let total: usize =
                cookies.iter().map(|(name, value)| name.len() + value.len() + 3).sum();
            assert!(total < 7_000, "{total}");
            tried(1);
        }
    }
    let target = format!("/{}", "%22".repeat(200));
    let query = format!("{}&return_to={target}", hint(personas::ZOFIA.user_name));
    let callback = browser.up_to_callback(base, &query).await;
    let ended = browser.get(callback).await;
    assert_eq!(ended.status, StatusCode::FOUND, "{ended:?}");
}
