//! Rate, concurrency and size limits: excess requests are refused with `Retry-After`, other clients are
//! served, and refused logins can be retried.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod connections;
mod rates;
mod requests;

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use portico_e2e::{
    Browser, Fault, FaultKind, Response, Target, assert_refused, hint, personas, world,
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
async fn get_with(url: &str, name: &str, value: &str) -> Response {
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
fn retry_after(answer: &Response) -> u64 {
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
