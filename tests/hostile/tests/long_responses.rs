//! Long responses: clients that do not read them, sessions that ended or changed, pages of a long list,
//! and HEAD.

use std::time::Duration;

use portico_e2e::{Browser, Fault, FaultKind, Target, World, personas, world};
use portico_hostile::tried;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

/// Timeout of any single step.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The number of subscriptions in the long list.
const SUBSCRIPTIONS: usize = 7_000;

/// Signs in as this user with the long list. Responses with the list have some 900 KB.
async fn sign_in_with_long_list(world: &World, user_name: &str) -> Browser {
    let kind = FaultKind::MadeUp { count: SUBSCRIPTIONS - 7 };
    world.emulator.fault(Fault::always(Target::Subscriptions, kind));
    let mut browser = Browser::default();
    let response = browser.sign_in(&world.portico.base, user_name).await;
    world.emulator.clear_faults();
    assert_eq!(response.status, 302, "{response:?}");
    browser
}

fn cookie(world: &World, browser: &Browser) -> String {
    browser.cookie(&world.portico.base, "portico_session").unwrap()
}

/// A connection with a small receive buffer.
async fn connect_with_small_buffer(world: &World) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let address = world.portico.base.trim_start_matches("http://").parse().unwrap();
    socket.connect(address).await.unwrap()
}

/// Sends a request and reads the status line only.
async fn send_and_read_status(world: &World, request: &str) -> (TcpStream, String) {
    let mut stream = connect_with_small_buffer(world).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    timeout(TIMEOUT, stream.read_exact(&mut status)).await.unwrap().unwrap();
    (stream, String::from_utf8_lossy(&status[9..]).into_owned())
}

fn get(path: &str, session: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: portico\r\ncookie: portico_session={session}\r\n\r\n")
}

#[tokio::test]
async fn unread_long_response_is_held_in_memory_once() {
    let world = world(&[]).await;
    let mut zofia = sign_in_with_long_list(&world, personas::ZOFIA.user_name).await;
    let (base, session) = (&world.portico.base, cookie(&world, &zofia));
    assert_eq!(zofia.session(base).await.status, 200);
    for path in ["/api/session", "/dashboard"] {
        let before = world.portico.memory().0;
        let mut unread = Vec::new();
        for _ in 0..100 {
            // The second request waits for the first response, which is not read.
            unread.push(send_and_read_status(&world, &get(path, &session).repeat(2)).await);
        }
        let served = unread.iter().filter(|(_, status)| status == "200").count();
        let refused = unread.iter().filter(|(_, status)| status == "429").count();
        assert_eq!((served, refused), (16, 84), "{path}");
        let grown = world.portico.memory().0.saturating_sub(before);
        assert!(grown < 16 << 20, "{path}: {grown} bytes more");
        // Another person is served, and so is this one once the connections are closed.
        let mut haruki = Browser::default();
        haruki.sign_in(base, personas::HARUKI.user_name).await;
        assert_eq!(haruki.session(base).await.status, 200);
        drop(unread);
        let mut again = zofia.session(base).await;
        while again.status == 429 {
            tokio::task::yield_now().await;
            again = zofia.session(base).await;
        }
        assert_eq!(
            again.json()["accounts"][0]["subscriptions"].as_array().unwrap().len(),
            SUBSCRIPTIONS
        );
    }
    tried(200);
}

#[tokio::test]
async fn half_closed_client_that_reads_nothing_holds_only_its_share() {
    let world = world(&[]).await;
    let zofia = sign_in_with_long_list(&world, personas::ZOFIA.user_name).await;
    let session = cookie(&world, &zofia);
    let mut unread = Vec::new();
    for _ in 0..40 {
        let mut stream = connect_with_small_buffer(&world).await;
        stream.write_all(get("/api/session", &session).as_bytes()).await.unwrap();
        // Half-closed (RFC 9293 section 3.6).
        stream.shutdown().await.unwrap();
        unread.push(stream);
    }
    assert_eq!(Browser::default().get(format!("{}/healthz", world.portico.base)).await.status, 200);
    let grown = world.portico.memory();
    assert!(grown.0 < 256 << 20, "{grown:?}");
    tried(40);
}

#[tokio::test]
async fn ended_session_is_not_readable_on_any_route() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    for everywhere in [false, true] {
        let mut zofia = sign_in_with_long_list(&world, personas::ZOFIA.user_name).await;
        let (mut elsewhere, ended) = (Browser::default(), cookie(&world, &zofia));
        elsewhere.sign_in(base, personas::ZOFIA.user_name).await;
        for path in ["/api/session", "/dashboard"] {
            assert_eq!(zofia.get(format!("{base}{path}")).await.status, 200);
        }
        let signed_out = if everywhere {
            elsewhere.sign_out_everywhere(base).await
        } else {
            zofia.post(&format!("{base}/api/logout"), base).await
        };
        assert_eq!(signed_out.status, 204);
        for path in ["/api/session", "/dashboard", "/api/accounts/x/subscriptions"] {
            for method in ["GET", "HEAD"] {
                let request = get(path, &ended).replacen("GET", method, 1);
                let (_, status) = send_and_read_status(&world, &request).await;
                // The dashboard tells a person who was signed out elsewhere.
                let expected = if path == "/dashboard" && !everywhere { "302" } else { "401" };
                assert_eq!(status, expected, "{method} {path}");
            }
        }
    }
    tried(12);
}

#[tokio::test]
async fn long_response_reflects_the_current_session() {
    let world = world(&[("PORTICO_LISTING_MAX_AGE", "0s")]).await;
    let base = &world.portico.base;
    let mut zofia = sign_in_with_long_list(&world, personas::ZOFIA.user_name).await;
    let count = async |browser: &mut Browser| {
        let session = browser.session(base).await.json();
        session["accounts"][0]["subscriptions"].as_array().unwrap().len()
    };
    assert_eq!(count(&mut zofia).await, SUBSCRIPTIONS);
    assert_eq!(count(&mut zofia).await, SUBSCRIPTIONS);
    zofia.sign_in(base, personas::ZOFIA.user_name).await;
    assert_eq!(count(&mut zofia).await, 7);
    let page = zofia.get(format!("{base}/dashboard")).await;
    assert!(page.body.contains("7 subscriptions"), "{}", page.body);
}

#[tokio::test]
async fn all_pages_of_a_long_list_are_readable_and_session_lists_every_id() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut zofia = sign_in_with_long_list(&world, personas::ZOFIA.user_name).await;
    let session = zofia.session(base).await.json();
    let account = &session["accounts"][0];
    let ids = account["subscriptions"].as_array().unwrap().clone();
    let mut details = account["subscriptionDetails"].as_array().unwrap().clone();
    assert_eq!((ids.len(), details.len()), (SUBSCRIPTIONS, 1_000));
    let mut next = account["subscriptionDetailsNext"].clone();
    while let Some(path) = next.as_str() {
        let page = zofia.get(format!("{base}{path}")).await;
        assert_eq!(page.status, 200, "{page:?}");
        details.extend(page.json()["subscriptions"].as_array().unwrap().clone());
        next = page.json()["next"].clone();
    }
    let detailed: Vec<_> = details.iter().map(|it| it["id"].clone()).collect();
    assert_eq!(detailed, ids);
    // Accounts of other persons are not found, and malformed offsets are refused.
    let id = account["id"].as_str().unwrap();
    let mut haruki = Browser::default();
    haruki.sign_in(base, personas::HARUKI.user_name).await;
    let url = format!("{base}/api/accounts/{id}/subscriptions");
    assert_eq!(haruki.get(&url).await.status, 404);
    assert_eq!(Browser::default().get(&url).await.status, 401);
    for after in ["-1", "x", "1&after=2", "99999999999999999999"] {
        assert_eq!(zofia.get(format!("{url}?after={after}")).await.status, 400, "{after}");
    }
    let page = zofia.get(format!("{base}/dashboard?account={id}&after=6500")).await;
    assert!(page.body.contains("Shown: 6501 to 7000."), "{}", page.body.len());
    assert_eq!(zofia.get(format!("{base}/dashboard?account=x")).await.status, 404);
    tried(7);
}

#[tokio::test]
async fn head_response_has_the_headers_of_get_and_no_body() {
    let world = world(&[]).await;
    let zofia = sign_in_with_long_list(&world, personas::ZOFIA.user_name).await;
    let session = cookie(&world, &zofia);
    for path in ["/api/session", "/dashboard", "/", "/healthz", "/api/providers", "/nothing"] {
        // A body would be read as the second response.
        let requests = [
            get(path, &session).replacen("GET", "HEAD", 1),
            get("/healthz", &session).replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"),
        ];
        let mut stream = connect_with_small_buffer(&world).await;
        stream.write_all(requests.concat().as_bytes()).await.unwrap();
        let mut responses = String::new();
        timeout(TIMEOUT, stream.read_to_string(&mut responses)).await.unwrap().unwrap();
        let (head, rest) = responses.split_once("\r\n\r\n").unwrap();
        assert!(rest.starts_with("HTTP/1.1 200 OK\r\n"), "{path}: {responses}");
        assert!(head.contains("content-type: "), "{path}: {head}");
        assert!(!head.contains("content-length: 0"), "{path}: {head}");
        assert!(head.contains("cache-control: no-store"), "{path}: {head}");
    }
    tried(6);
}
