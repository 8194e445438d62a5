//! Rate, concurrency and size limits: excess requests are refused with `Retry-After`, other clients are
//! served, and refused logins can be retried.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod connections;

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use portico_e2e::{
    Answer, Browser, Fault, FaultKind, Target, assert_refused, hint, personas, world,
};
use portico_hostile::tried;
use reqwest::{Client, Method, StatusCode, header, redirect};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

fn begin(base: &str) -> String {
    format!("{base}/api/login/azure?{}", hint(personas::ZOFIA.user_name))
}

/// Sends a GET request with one additional header.
async fn get_with(url: &str, name: &str, value: &str) -> Answer {
    Browser::default().send(Method::GET, url, |request| request.header(name, value)).await
}

/// Waits until `seen` returns `true`.
async fn until(what: &str, mut seen: impl AsyncFnMut() -> bool) {
    for _ in 0..100 {
        if seen().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not happen within 5 s that {what}");
}

/// The value of `Retry-After` in seconds.
fn retry_after(answer: &Answer) -> u64 {
    answer.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap()
}

/// Sends these bytes and reads until the server closes the connection, with a timeout.
async fn raw(base: &str, bytes: &[u8]) -> String {
    let mut stream = connected(base).await;
    // The answer may come, and the connection end, before all was sent.
    let _ = stream.write_all(bytes).await;
    rest_of(&mut stream).await
}

async fn connected(base: &str) -> TcpStream {
    TcpStream::connect(base.trim_start_matches("http://")).await.unwrap()
}

async fn rest_of(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let _ = tokio::time::timeout(Duration::from_secs(45), read).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn rate_limited_address_gets_429_with_retry_after() {
    let world = world(&[("PORTICO_LOGINS_PER_ADDRESS", "3")]).await;
    let base = &world.portico.base;
    for _ in 0..3 {
        let begun = Browser::default().get(begin(base)).await;
        assert_eq!(begun.status, StatusCode::FOUND);
    }
    let refused = Browser::default().get(begin(base)).await;
    assert_refused(&refused, 429, "too_many_logins");
    assert!((1..=20).contains(&retry_after(&refused)), "{refused:?}");
    let logged = async || world.portico.failures().contains(&(429, "too_many_logins".to_owned()));
    until("the log named the limit", logged).await;

    // Whatever it calls itself, it is who it is.
    for name in ["x-forwarded-for", "x-real-ip", "forwarded", "x-client-ip"] {
        let spoofed = get_with(&begin(base), name, "192.0.2.99").await;
        assert_eq!(spoofed.status, StatusCode::TOO_MANY_REQUESTS, "{name}");
    }
    // Everything else is there as before.
    assert_eq!(Browser::default().get(base.clone()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn rate_limit_applies_to_each_client_behind_a_trusted_proxy() {
    let limits =
        [("PORTICO_LOGINS_PER_ADDRESS", "1"), ("PORTICO_TRUSTED_PROXIES", "127.0.0.0/8, ::1")];
    let world = world(&limits).await;
    let from = async |said: &str| {
        get_with(&begin(&world.portico.base), "x-forwarded-for", said).await.status
    };
    assert_eq!(from("192.0.2.1").await, StatusCode::FOUND);
    assert_eq!(from("192.0.2.1").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(from("192.0.2.2").await, StatusCode::FOUND);
    // What a client invents stands before what the proxy saw.
    assert_eq!(from("203.0.113.50, 192.0.2.2").await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn logins_over_the_concurrency_limit_are_refused_and_can_be_retried() {
    let world = world(&[("PORTICO_LOGINS_AT_ONCE", "1")]).await;
    let base = &world.portico.base;
    let (mut first, mut second) = (Browser::default(), Browser::default());
    let zofia = hint(personas::ZOFIA.user_name);
    let one = first.up_to_callback(base, &zofia).await;
    let two = second.up_to_callback(base, &zofia).await;
    world.emulator.fault(Fault::once(Target::Token, FaultKind::Slow { millis: 4_000 }));
    let slow = tokio::spawn(async move { first.get(one).await.status });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let asked = Instant::now();
    let shed = second.get(&two).await;
    assert_refused(&shed, 503, "overloaded");
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
    assert_eq!(retry_after(&shed), 1);
    assert_eq!(slow.await.unwrap(), StatusCode::FOUND);
    assert_eq!(second.get(&two).await.status, StatusCode::FOUND);
}

#[tokio::test]
async fn concurrent_clients_are_served_or_refused_with_retry_after() {
    // `PORTICO_CROWD=10000` is the whole of it.
    let crowd = std::env::var("PORTICO_CROWD").map_or(300, |text| text.parse().unwrap());
    let world = world(&[("PORTICO_LOGINS_AT_ONCE", "8"), ("PORTICO_CONNECTIONS", "128")]).await;
    let clients: Vec<Client> = (0..=crowd / PEOPLE_OF_A_NETWORK).map(client_in_network).collect();
    let mut logins = JoinSet::new();
    for n in 0..crowd {
        let (base, client) = (world.portico.base.clone(), clients[n % clients.len()].clone());
        logins.spawn(async move { logged_in(&client, &base).await });
    }
    let outcomes = logins.join_all().await;
    let signed_in = outcomes.iter().filter(|it| **it == Outcome::SignedIn).count();
    let shed = outcomes.iter().filter(|it| **it == Outcome::Shed).count();
    println!("{crowd} logins at once: {signed_in} signed in, {shed} shed");
    let wrong = outcomes.iter().find(|it| matches!(it, Outcome::Wrong(_)));
    assert!(wrong.is_none(), "{} were wrong, such as {wrong:?}", crowd - signed_in - shed);
    assert!(signed_in > 0 && shed > 0, "{signed_in} signed in, {shed} shed");
    // And then it is as before.
    let after = logged_in(&clients[0], &world.portico.base).await;
    assert_eq!(after, Outcome::SignedIn);
    tried(crowd);
}

/// Clients per network: fewer than one network's share of connections.
const PEOPLE_OF_A_NETWORK: usize = 40;

/// A client with the address of one network (/24) of many.
fn client_in_network(n: usize) -> Client {
    let [.., high, low] = n.to_be_bytes();
    let client = Client::builder().redirect(redirect::Policy::none()).no_proxy();
    let client = client.local_address(IpAddr::from([127, 1 + high, low, 1]));
    client.pool_max_idle_per_host(0).build().unwrap()
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    SignedIn,
    Shed,
    Wrong(String),
}

/// One login up to its session.
async fn logged_in(client: &Client, base: &str) -> Outcome {
    let mut cookies = String::new();
    let mut next = begin(base);
    for _ in 0..3 {
        let sent = client.get(&next).header(header::COOKIE, &cookies).send().await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) => return Outcome::Wrong(format!("{error:?}")),
        };
        match answer.status() {
            StatusCode::FOUND => {}
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
                if answer.headers().contains_key(header::RETRY_AFTER) =>
            {
                return Outcome::Shed;
            }
            other => return Outcome::Wrong(format!("{other} from {next}")),
        }
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            cookies = format!("{cookies}; {pair}").trim_start_matches("; ").to_owned();
        }
        next = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
    }
    if cookies.contains("portico_session=") { Outcome::SignedIn } else { Outcome::Wrong(next) }
}

#[tokio::test]
async fn rate_limit_uses_the_address_appended_by_the_trusted_proxy() {
    let limits = [("PORTICO_LOGINS_PER_ADDRESS", "1"), ("PORTICO_TRUSTED_PROXIES", "127.0.0.0/8")];
    let world = world(&limits).await;
    let path = format!("/api/login/azure?{}", hint(personas::ZOFIA.user_name));
    let from = async |lines: &[&[u8]]| {
        let mut request = format!("GET {path} HTTP/1.1\r\nhost: portico\r\nconnection: close\r\n");
        let mut request = std::mem::take(&mut request).into_bytes();
        for line in lines {
            request.extend([b"x-forwarded-for: ", *line, b"\r\n"].concat());
        }
        request.extend(b"\r\n");
        raw(&world.portico.base, &request).await
    };
    assert!(from(&[b"192.0.2.1"]).await.starts_with("HTTP/1.1 302"));
    let invented: [&[u8]; 8] =
        [b"\xff", b"\x80\x81", "\u{141}".as_bytes(), b"1.1.1.1", b"unknown", b"_x", b"[", b","];
    for invented in invented {
        let one = [invented, b", 192.0.2.1"].concat();
        for lines in [vec![&one[..]], vec![invented, b"192.0.2.1"], vec![&one, b"127.0.0.2"]] {
            let answer = from(&lines).await;
            assert!(answer.starts_with("HTTP/1.1 429"), "{lines:?}: {answer}");
        }
    }
    assert!(from(&[b"\xff, 192.0.2.2"]).await.starts_with("HTTP/1.1 302"));
    tried(24);
}

#[tokio::test]
async fn oversized_requests_are_refused_without_memory_growth() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let long = |bytes: usize| "a".repeat(bytes);
    let before = world.portico.memory().0;
    for (status, request) in [
        (
            "414",
            format!("GET /?{} HTTP/1.1\r\nhost: portico\r\nconnection: close\r\n\r\n", long(9_000)),
        ),
        ("431", format!("GET /{} HTTP/1.1\r\nhost: portico\r\n\r\n", long(1 << 20))),
        ("431", format!("GET / HTTP/1.1\r\nhost: portico\r\ncookie: {}\r\n\r\n", long(1 << 20))),
        ("431", format!("GET / HTTP/1.1\r\nhost: portico\r\n{}\r\n", "x: y\r\n".repeat(1_000))),
        (
            "413",
            format!(
                "POST /api/logout HTTP/1.1\r\nhost: portico\r\norigin: {base}\r\n\
             content-length: 1048576\r\nconnection: close\r\n\r\n{}",
                long(1 << 20)
            ),
        ),
    ] {
        for _ in 0..20 {
            let answer = raw(base, request.as_bytes()).await;
            let cut_off = answer.is_empty() && status == "413";
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")) || cut_off, "{answer}");
        }
    }
    let grown = world.portico.memory().0.saturating_sub(before);
    assert!(grown < 16 << 20, "{grown} bytes more");
    // As many cookies as a head can hold find no session, and cost no time.
    let cookies = (0..1_500).map(|n| format!("c{n}=v")).collect::<Vec<_>>().join("; ");
    let asked = Instant::now();
    let request = format!(
        "GET /api/session HTTP/1.1\r\nhost: portico\r\ncookie: {cookies}\r\n\
                           connection: close\r\n\r\n"
    );
    let answer = raw(base, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(asked.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn slow_clients_time_out_and_delay_no_other_client() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    // A head that never ends, and a body that never comes.
    let mut head = connected(base).await;
    head.write_all(b"GET / HTTP/1.1\r\nhost: por").await.unwrap();
    let mut body = connected(base).await;
    let post = format!(
        "POST /api/logout HTTP/1.1\r\nhost: portico\r\norigin: {base}\r\ncontent-length: 10\r\n\r\n{{"
    );
    body.write_all(post.as_bytes()).await.unwrap();
    let asked = Instant::now();
    for _ in 0..10 {
        assert_eq!(Browser::default().get(base.clone()).await.status, StatusCode::OK);
    }
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    let mut answer = [0; 12];
    tokio::time::timeout(Duration::from_secs(15), body.read_exact(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    rest_of(&mut head).await;
    assert!(asked.elapsed() < Duration::from_secs(40), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn https_responses_have_hsts_no_store_and_frame_ancestors_none() {
    let world = world(&[("APP_BASE_URL", "https://portico.example.com")]).await;
    let base = &world.portico.base;
    for path in [
        "/",
        "/dashboard",
        "/api/session",
        "/api/providers",
        "/api/login/azure",
        "/getAToken",
        "/getAToken?code=a&state=b",
        "/healthz",
        "/readyz",
        "/nothing",
    ] {
        for accept in ["text/html", "application/json"] {
            let answer = get_with(&format!("{base}{path}"), "accept", accept).await;
            let said =
                |name: &str| answer.headers.get(name).map(|it| it.to_str().unwrap().to_owned());
            assert_eq!(
                said("strict-transport-security").as_deref(),
                Some("max-age=31536000"),
                "{path}"
            );
            assert_eq!(said("cache-control").as_deref(), Some("no-store"), "{path}");
            assert_eq!(said("x-frame-options").as_deref(), Some("DENY"), "{path}");
            assert_eq!(said("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
            assert!(said("referrer-policy").is_some(), "{path}");
            let policy = said("content-security-policy").unwrap();
            assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
        }
    }
}
