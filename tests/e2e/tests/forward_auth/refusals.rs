//! Cookies, codes and headers of somebody else.

use portico_e2e::assert_refused;
use rstest::rstest;

use super::*;

const HOST_COOKIE: &str = "portico_app";

/// The cookie of a browser at a host.
fn cookie(host: &Host) -> String {
    let cookies = host.browser.cookies_named(&host.base, "");
    let found =
        cookies.into_iter().find(|(name, _)| name.trim_start_matches("__Host-") == HOST_COOKIE);
    found.unwrap().1
}

#[tokio::test]
async fn cookie_of_a_host_is_worth_nothing_at_another_nor_at_portico() {
    let apps = format!(
        "{}{}",
        app("a", "http://127.0.0.1:8081", ""),
        app("b", "http://127.0.0.2:8081", "")
    );
    let world = World::with(&apps).await;
    let mut person = zofia(&world).await;
    let mut first = Host::new(&world, "http://127.0.0.1:8081");
    first.enter(&mut person, "/").await;
    let stolen = cookie(&first);
    let mut other = Host::new(&world, "http://127.0.0.2:8081");
    other.browser.set_cookie(world.base(), HOST_COOKIE, &stolen);
    assert_refused(&other.ask("GET", "/", &[]).await, 401, "no_session");
    let mut thief = Browser::default();
    for name in [HOST_COOKIE, "portico_session"] {
        thief.set_cookie(world.base(), name, &stolen);
    }
    assert_refused(&thief.get(format!("{}/api/session", world.base())).await, 401, "no_session");
    // The cookie of Portico is none of a host.
    let session = person.cookie(world.base(), "portico_session").unwrap();
    other.browser.set_cookie(world.base(), HOST_COOKIE, &session);
    other.browser.set_cookie(world.base(), "portico_session", &session);
    assert_refused(&other.ask("GET", "/", &[]).await, 401, "no_session");
}

#[tokio::test]
async fn code_that_is_stolen_or_replayed_is_refused() {
    let world = two_apps().await;
    let mut person = zofia(&world).await;
    let mut host = Host::new(&world, COSTS);
    let hand_off = host.up_to_hand_off("/").await;
    let callback = person.get(&hand_off).await.location();
    let mut thief = Host::new(&world, COSTS);
    thief.up_to_hand_off("/").await;
    assert_refused(&thief.open(&callback).await, 400, "unknown_hand_off");
    // A code that leaked is spent, for its own browser too.
    assert_refused(&host.open(&callback).await, 400, "unknown_hand_off");

    let hand_off = host.up_to_hand_off("/").await;
    let callback = person.get(&hand_off).await.location();
    assert_eq!(host.open(&callback).await.status, StatusCode::FOUND);
    assert_refused(&host.open(&callback).await, 400, "unknown_hand_off");
}

#[tokio::test]
async fn code_for_one_host_is_refused_at_another() {
    let world = two_apps().await;
    let mut person = zofia(&world).await;
    let mut costs = Host::new(&world, COSTS);
    let hand_off = costs.up_to_hand_off("/").await;
    let callback = person.get(&hand_off).await.location();
    let mut inventory = Host { browser: costs.browser.clone(), ..Host::new(&world, INVENTORY) };
    let elsewhere = Url::parse(&callback.as_str().replace(COSTS, INVENTORY)).unwrap();
    assert_refused(&inventory.open(&elsewhere).await, 400, "unknown_hand_off");
}

#[rstest]
#[case::garbled("code=AAAA")]
#[case::missing("")]
#[case::repeated("code=a&code=b")]
#[case::not_ascii("code=%C5%BC")]
#[tokio::test]
async fn callback_without_a_code_of_ours_sets_no_cookie(#[case] query: &str) {
    let world = two_apps().await;
    let mut host = Host::new(&world, COSTS);
    host.up_to_hand_off("/").await;
    let refused =
        host.open(&Url::parse(&format!("{COSTS}/portico/callback?{query}")).unwrap()).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused:?}");
    assert!(!refused.headers.contains_key("set-cookie"), "{refused:?}");
}

#[tokio::test]
async fn hand_off_is_made_for_pages_of_protected_apps_alone() {
    let world = two_apps().await;
    let mut person = zofia(&world).await;
    let challenge = "A".repeat(43);
    for (page, code) in [
        ("https://evil.example/", "unknown_app"),
        ("https://costs.example.evil.example/", "unknown_app"),
        ("https://costs.example@evil.example/", "unknown_app"),
        ("https://evil.example@costs.example/", "unknown_app"),
        ("javascript:alert(1)", "unknown_app"),
        ("/dashboard", "bad_parameter"),
        ("", "bad_parameter"),
    ] {
        let url = format!("{}/auth/hand-off?challenge={challenge}&return_to={page}", world.base());
        let refused = person.get(&url).await;
        assert_eq!(refused.code(), code, "{page}: {refused:?}");
        assert!(!refused.headers.contains_key("location"));
    }
    let short = format!("{}/auth/hand-off?challenge=AAA&return_to={COSTS}/", world.base());
    assert_refused(&person.get(&short).await, 400, "bad_parameter");
    let url = format!("{}/auth/hand-off?challenge={challenge}&return_to={COSTS}/", world.base());
    let framed = person.send_with(Method::GET, &url, &[("sec-fetch-dest", "iframe")]).await;
    assert_refused(&framed, 403, "not_a_navigation");
}

#[rstest]
#[case::host_missing(&[("x-forwarded-proto", "https"), ("x-forwarded-method", "GET"), ("x-forwarded-uri", "/")])]
#[case::host_twice(&[("x-forwarded-proto", "https"), ("x-forwarded-method", "GET"), ("x-forwarded-uri", "/"), ("x-forwarded-host", "costs.example"), ("x-forwarded-host", "evil.example")])]
#[case::host_with_user(&[("x-forwarded-proto", "https"), ("x-forwarded-method", "GET"), ("x-forwarded-uri", "/"), ("x-forwarded-host", "evil@costs.example")])]
#[case::host_list(&[("x-forwarded-proto", "https"), ("x-forwarded-method", "GET"), ("x-forwarded-uri", "/"), ("x-forwarded-host", "costs.example, evil.example")])]
#[case::other_scheme(&[("x-forwarded-proto", "ftp"), ("x-forwarded-method", "GET"), ("x-forwarded-uri", "/"), ("x-forwarded-host", "costs.example")])]
#[case::relative(&[("x-forwarded-proto", "https"), ("x-forwarded-method", "GET"), ("x-forwarded-uri", "@evil.example/"), ("x-forwarded-host", "costs.example")])]
#[tokio::test]
async fn target_that_the_proxy_does_not_name_once_is_refused(#[case] sent: &[(&str, &str)]) {
    let world = two_apps().await;
    let url = format!("{}/auth/forward", world.base());
    let refused = Browser::default().send_with(Method::GET, &url, sent).await;
    assert_refused(&refused, 400, "bad_forwarded");
}

#[rstest]
#[case::user_info("https://b.example:x@costs.example/")]
#[case::no_slashes("https:costs.example/")]
#[case::backslashes("https:\\\\costs.example\\x")]
#[case::encoded_host("https://costs%2eexample/")]
#[case::no_path("https://costs.example")]
#[case::blank("https://costs.example /")]
#[case::other_scheme("ftp://costs.example/")]
#[tokio::test]
async fn url_of_the_request_is_taken_apart_strictly(#[case] url: &str) {
    let world = two_apps().await;
    let mut person = zofia(&world).await;
    let mut host = Host::new(&world, COSTS);
    host.enter(&mut person, "/").await;
    for family in ["nginx", "verify"] {
        let headers = [("x-original-url", url), ("x-original-method", "GET")];
        let asked = format!("{}/auth/{family}", world.base());
        let refused = host.browser.send_with(Method::GET, &asked, &headers).await;
        assert_refused(&refused, 400, "bad_forwarded");
    }
}

#[tokio::test]
async fn proxy_that_names_two_requests_is_refused() {
    let world = two_apps().await;
    let mut person = zofia(&world).await;
    let mut host = Host::new(&world, COSTS);
    host.enter(&mut person, "/").await;
    let forwarded = [
        ("x-forwarded-method", "GET"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", "127.0.0.1:8081"),
        ("x-forwarded-uri", "/"),
    ];
    let clients = [("x-original-url", "https://costs.example/"), ("x-original-method", "GET")];
    let url = format!("{}/auth/verify", world.base());
    let both: Vec<_> = forwarded.into_iter().chain(clients).collect();
    assert_refused(&host.browser.send_with(Method::GET, &url, &both).await, 400, "bad_forwarded");
    let alone = host.browser.send_with(Method::GET, &url, &clients).await;
    assert_eq!(alone.status, StatusCode::OK, "{alone:?}");
}

#[tokio::test]
async fn request_of_no_trusted_proxy_is_refused_whatever_it_says() {
    let mut world = two_apps().await;
    world.settings.set("PORTICO_TRUSTED_PROXIES", "192.0.2.0/24");
    let mut person = zofia(&world).await;
    let mut host = Host::new(&world, COSTS);
    host.enter(&mut person, "/").await;
    let _restarted = world.restarted().await;
    assert_refused(&host.ask("GET", "/", &[]).await, 403, "untrusted_proxy");
    let start = Url::parse(&format!("{COSTS}/portico/start")).unwrap();
    assert_refused(&host.open(&start).await, 403, "untrusted_proxy");
}

#[tokio::test]
async fn origin_that_no_app_has_is_refused_by_name() {
    let world = two_apps().await;
    let mut host = Host::new(&world, "https://unknown.example");
    let refused = host.ask("GET", "/", &PAGE).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");
    assert!(refused.body.contains("https://unknown.example"), "{refused:?}");
}

#[tokio::test]
async fn start_returns_to_its_own_host_alone() {
    let world = two_apps().await;
    for elsewhere in ["https://evil.example/", INVENTORY, "//evil.example", "javascript:1", ""] {
        let mut host = Host::new(&world, COSTS);
        let mut start = Url::parse(&format!("{COSTS}/portico/start")).unwrap();
        start.query_pairs_mut().append_pair("return_to", elsewhere);
        let hand_off = host.open(&start).await.location();
        let back =
            hand_off.query_pairs().find(|(name, _)| name == "return_to").unwrap().1.into_owned();
        assert_eq!(back, format!("{COSTS}/"), "{elsewhere}");
    }
}
