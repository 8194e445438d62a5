//! What is answered to calls, in the form of each family of proxies.

use rstest::rstest;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::*;

/// Asks as this family of proxies does.
async fn ask(
    world: &World,
    family: &str,
    browser: &mut Browser,
    (method, uri): (&str, &str),
    sent: &[(&str, &str)],
) -> Response {
    let url = format!("http://127.0.0.1:8081{uri}");
    let told: Vec<(&str, &str)> = match family {
        "nginx" => vec![("x-original-url", &url), ("x-original-method", method)],
        "envoy" => vec![("x-forwarded-proto", "http"), ("host", "127.0.0.1:8081")],
        _ => vec![
            ("x-forwarded-method", method),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-host", "127.0.0.1:8081"),
            ("x-forwarded-uri", uri),
        ],
    };
    let headers: Vec<_> = told.into_iter().chain(sent.iter().copied()).collect();
    let (method, path) = match family {
        "envoy" => (Method::from_bytes(method.as_bytes()).unwrap(), uri),
        _ => (Method::GET, ""),
    };
    let url = format!("{}/auth/{family}{path}", world.base());
    browser.send_with(method, &url, &headers).await
}

const FAMILIES: [&str; 4] = ["verify", "nginx", "forward", "envoy"];

#[tokio::test]
async fn every_family_is_told_who_asks_in_the_same_headers_and_without_a_cookie() {
    let world = two_apps().await;
    let mut person = zofia(&world).await;
    let mut host = Host::new(&world, INVENTORY);
    host.enter(&mut person, "/").await;
    let id = person.session(world.base()).await.json()["person"]["id"].clone();
    for family in FAMILIES {
        for method in ["GET", "POST", "OPTIONS", "PROPFIND"] {
            let spoofed = [("x-auth-request-user", "root"), ("authorization", "Bearer root")];
            let asked = ("/a/b//c/?x=%2F", method);
            let asked = (asked.1, asked.0);
            let allowed = ask(&world, family, &mut host.browser, asked, &spoofed).await;
            assert_eq!(allowed.status, StatusCode::OK, "{family} {method}: {allowed:?}");
            assert_eq!(header(&allowed, "x-auth-request-user"), id);
            assert_eq!(header(&allowed, "x-auth-request-provider"), "azure");
            assert_eq!(header(&allowed, "x-auth-request-tenant"), personas::CONTOSO.id);
            let jwt = header(&allowed, "authorization");
            assert!(jwt.starts_with("Bearer ey") && jwt.len() < 2_048, "{jwt}");
            assert!(!allowed.headers.contains_key("set-cookie"));
        }
    }
}

#[rstest]
#[case::call("GET", &[("accept", "application/json")])]
#[case::script("GET", &[("accept", "text/html"), ("sec-fetch-mode", "cors")])]
#[case::preflight("OPTIONS", &[("accept", "text/html"), ("access-control-request-method", "PUT"), ("origin", "https://x.example")])]
#[case::websocket("GET", &[("accept", "text/html"), ("sec-websocket-key", "x"), ("sec-websocket-version", "13")])]
#[tokio::test]
async fn calls_preflights_and_websockets_get_401_and_no_redirect(
    #[case] method: &str,
    #[case] sent: &[(&str, &str)],
) {
    let world = two_apps().await;
    for family in FAMILIES {
        let browser = &mut Browser::default();
        let refused = ask(&world, family, browser, (method, "/api/data"), sent).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{family}: {refused:?}");
        assert!(!refused.headers.contains_key("location"), "{family}: {refused:?}");
        assert!(!refused.headers.contains_key("set-cookie"), "{family}: {refused:?}");
        assert_eq!(header(&refused, "www-authenticate"), "Bearer");
    }
}

#[rstest]
#[case::nginx("nginx", 401, true)]
#[case::forward("forward", 302, true)]
#[case::envoy("envoy", 302, true)]
#[case::plain("verify", 401, false)]
#[tokio::test]
async fn page_is_sent_to_sign_in_in_the_form_that_the_proxy_passes_on(
    #[case] family: &str,
    #[case] status: u16,
    #[case] redirects: bool,
) {
    let world = two_apps().await;
    let uri = "/a/b//c/?x=%2F&y=1";
    let refused = ask(&world, family, &mut Browser::default(), ("GET", uri), &PAGE).await;
    assert_eq!(refused.status.as_u16(), status, "{refused:?}");
    let location = refused.headers.get("location").map(|it| it.to_str().unwrap());
    assert_eq!(location.is_some(), redirects);
    if let Some(location) = location {
        let location = Url::parse(location).unwrap();
        assert_eq!(location.origin().ascii_serialization(), INVENTORY);
        let back = location.query_pairs().next().unwrap().1.into_owned();
        assert_eq!(back, format!("{INVENTORY}{uri}"));
    }
}

#[tokio::test]
async fn store_that_is_away_is_503_and_touches_no_cookie() {
    let world = two_apps().await;
    let mut person = zofia(&world).await;
    let mut host = Host::new(&world, INVENTORY);
    host.enter(&mut person, "/").await;
    let (store, aside) = (world.folder.path().join("sessions"), world.folder.path().join("aside"));
    fs::rename(&store, &aside).unwrap();
    // It is noticed within seconds.
    let away = loop {
        let asked = host.ask("GET", "/", &PAGE).await;
        if asked.status != StatusCode::OK {
            break asked;
        }
    };
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE, "{away:?}");
    assert!(!away.headers.contains_key("set-cookie") && away.headers.contains_key("retry-after"));
    fs::rename(&aside, &store).unwrap();
    let back = loop {
        let asked = host.ask("GET", "/", &PAGE).await;
        if asked.status != StatusCode::SERVICE_UNAVAILABLE {
            break asked;
        }
    };
    assert_eq!(back.status, StatusCode::OK, "{back:?}");
}

#[tokio::test]
async fn checks_of_people_who_are_signed_in_are_answered_over_the_limit_of_their_network() {
    let limit = [("PORTICO_CONNECTIONS_PER_ADDRESS", "8")];
    let world = World::with_variables(&app("inventory", INVENTORY, ""), &limit).await;
    let mut person = zofia(&world).await;
    let mut host = Host::new(&world, INVENTORY);
    host.enter(&mut person, "/").await;
    let client = [("x-forwarded-for", "192.0.2.7")];
    let mut held = Vec::new();
    for _ in 0..8 {
        let authority = world.base().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(authority).await.unwrap();
        let unfinished = format!(
            "POST /api/logout HTTP/1.1\r\nHost: {authority}\r\nX-Forwarded-For: 192.0.2.7\r\n\
             Origin: {}\r\nContent-Length: 9\r\n\r\n",
            world.base()
        );
        stream.write_all(unfinished.as_bytes()).await.unwrap();
        held.push(stream);
    }
    let mut stranger = Host::new(&world, INVENTORY);
    while stranger.ask("GET", "/", &client).await.status != StatusCode::SERVICE_UNAVAILABLE {}
    let allowed = host.ask("GET", "/", &client).await;
    assert_eq!(allowed.status, StatusCode::OK, "{allowed:?}");
}
