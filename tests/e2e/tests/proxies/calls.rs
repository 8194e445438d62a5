//! What reaches the app, and what does not.

use portico_e2e::personas;
use rstest::rstest;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;

/// What clients send to pass for somebody else.
const SPOOFED: [(&str, &str); 9] = [
    ("x-auth-request-user", "root"),
    ("X-AUTH-REQUEST-USER", "root"),
    ("x_auth_request_user", "root"),
    ("x-auth-request-preferred-username", "root"),
    ("x-auth-request-provider", "root"),
    ("x-auth-request-tenant", "root"),
    ("x-auth-request-groups", "root"),
    ("x-forwarded-host", "evil.example"),
    ("x-original-url", "https://evil.example/"),
];

/// Gets a session at the host of the app for somebody who signs in now.
async fn entered(world: &World) -> Browser {
    let mut browser = Browser::default();
    browser.sign_in(&world.portico.base, personas::ZOFIA.user_name).await;
    enter(world, &mut browser, "/deep?x=%2F&y=a+b").await;
    browser
}

async fn enter(world: &World, browser: &mut Browser, uri: &str) {
    let page = world.page(uri);
    let mut at = Url::parse(&page).unwrap();
    for step in ["the app", "start", "hand-off", "callback"] {
        let answer = browser.send_with(Method::GET, at.as_str(), &PAGE).await;
        assert_eq!(answer.status, StatusCode::FOUND, "{step}: {answer:?}");
        at = answer.location();
    }
    assert_eq!(at.as_str(), page);
}

/// The first bytes that come back for a request over a raw connection, then for `hello` over the same.
async fn websocket(world: &World, cookies: &str) -> (String, String) {
    let authority = world.proxy.base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(authority).await.unwrap();
    let request = format!(
        "GET /socket HTTP/1.1\r\nHost: {authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Accept: text/html\r\nCookie: {cookies}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.windows(4).any(|part| part == b"\r\n\r\n") {
        assert!(
            stream.read_buf(&mut head).await.unwrap() > 0,
            "{}",
            String::from_utf8_lossy(&head)
        );
    }
    let head = String::from_utf8(head).unwrap();
    let mut echoed = [0; 5];
    if head.starts_with("HTTP/1.1 101") {
        stream.write_all(b"hello").await.unwrap();
        stream.read_exact(&mut echoed).await.unwrap();
    }
    (head, String::from_utf8_lossy(&echoed).into_owned())
}

#[rstest]
#[case::nginx(ProxyKind::Nginx)]
#[case::traefik(ProxyKind::Traefik)]
#[case::caddy(ProxyKind::Caddy)]
#[case::caddy_of_debian(ProxyKind::CaddyOfDebian)]
#[case::haproxy(ProxyKind::Haproxy)]
#[case::envoy(ProxyKind::Envoy)]
#[tokio::test]
async fn app_is_reached_with_the_session_alone_and_never_with_a_spoofed_identity(
    #[case] kind: ProxyKind,
) {
    let mut world = World::behind(kind).await;
    let base = world.portico.base.clone();
    let mut stranger = Browser::default();
    refused_without_a_session(&world, &mut stranger).await;
    assert_eq!(world.app.requests().len(), 0, "{:?}", world.app.requests());

    let mut browser = entered(&world).await;
    let person = browser.session(&base).await.json()["person"]["id"].clone();
    let spoofed: Vec<_> = SPOOFED.into_iter().chain([("authorization", "Bearer root")]).collect();
    let answer = browser.send_with(Method::POST, &world.page("/call?x=%2F"), &spoofed).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.headers["set-cookie"], "of_the_app=1; Path=/");
    let reached = world.app.requests().pop().unwrap();
    assert_eq!((&reached["method"], &reached["uri"]), (&"POST".into(), &"/call?x=%2F".into()));
    assert_eq!(app::values(&reached, "x-auth-request-user"), [person.as_str().unwrap()]);
    let jwt = app::values(&reached, "authorization");
    assert!(jwt.len() == 1 && jwt[0].starts_with("Bearer ey"), "{jwt:?}");
    assert!(!reached["headers"].to_string().contains("root"), "{reached:#}");

    let cookie = browser.cookie(&world.proxy.base, "portico_app").unwrap();
    let (head, echoed) = websocket(&world, &format!("portico_app={cookie}")).await;
    assert!(head.starts_with("HTTP/1.1 101") && echoed == "hello", "{head}");

    let page = world.page("/down");
    world.portico.stop().await;
    let down = browser.send_with(Method::GET, &page, &[]).await;
    assert!(down.status.is_server_error(), "{down:?}");
    world.portico = Portico::start(&world.settings).await;
    let back = browser.send_with(Method::GET, &world.page("/back"), &[]).await;
    assert_eq!(back.status, StatusCode::OK, "a restart signs nobody out: {back:?}");

    browser.post(&format!("{base}/api/logout"), &base).await;
    let closed = browser.send_with(Method::GET, &world.page("/closed"), &[]).await;
    assert_eq!(closed.status, StatusCode::UNAUTHORIZED, "{closed:?}");
    let reached: Vec<_> = world.app.requests().iter().map(|it| it["uri"].clone()).collect();
    assert!(
        !reached.contains(&"/down".into()) && !reached.contains(&"/closed".into()),
        "{reached:?}"
    );
}

/// Nothing of a stranger's reaches the app, and only a page is redirected.
async fn refused_without_a_session(world: &World, stranger: &mut Browser) {
    let preflight = [("access-control-request-method", "PUT"), ("origin", "https://x.example")];
    for (method, headers) in [
        (Method::GET, &SPOOFED[..]),
        (Method::POST, &[("accept", "application/json")]),
        (Method::OPTIONS, &preflight),
        (Method::GET, &[("accept", "text/html"), ("sec-fetch-mode", "cors")]),
        (Method::GET, &[("cookie", "portico_app=AAAA; __Host-portico_app=AAAA")]),
    ] {
        let refused = stranger.send_with(method, &world.page("/call"), headers).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{headers:?}: {refused:?}");
        assert!(!refused.headers.contains_key("location"), "{refused:?}");
        assert!(!refused.headers.contains_key("set-cookie"), "{refused:?}");
    }
    let (head, _) = websocket(world, "a=b").await;
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    let form = stranger.send_with(Method::POST, &world.page("/form"), &PAGE).await;
    assert!(form.status.is_redirection(), "{form:?}");
}
