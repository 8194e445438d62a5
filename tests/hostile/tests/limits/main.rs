//! Rate, concurrency and size limits: excess requests are refused with `Retry-After`, other clients are
//! served, and refused logins can be retried.

mod clients;
mod connections;
mod rates;
mod requests;

use std::time::{Duration, Instant};

use portico_e2e::{
    Browser, Fault, FaultKind, Response, Target, assert_refused, hint, personas, world,
};
use portico_hostile::tried;
use reqwest::{Client, Method, StatusCode, header};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use self::clients::{CLIENTS_PER_NETWORK, Outcome, client_in_network, log_in};

fn begin(base: &str) -> String {
    format!("{base}/api/login/azure?{}", hint(personas::ZOFIA.user_name))
}

/// Sends a GET request with one additional header.
async fn get_with(url: &str, name: &str, value: &str) -> Response {
    Browser::default().send(Method::GET, url, |request| request.header(name, value)).await
}

/// Polls `condition` for up to 5 s.
async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    for _ in 0..100 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("timeout after 5 s: {what}");
}

/// The value of `Retry-After` in seconds.
fn retry_after(response: &Response) -> u64 {
    response.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap()
}

/// Sends these bytes and reads until the server closes the connection, with a timeout.
async fn raw(base: &str, bytes: &[u8]) -> String {
    let mut stream = connected(base).await;
    // Portico may respond and close the connection before it has read all bytes.
    let _ = stream.write_all(bytes).await;
    rest_of(&mut stream).await
}

async fn connected(base: &str) -> TcpStream {
    TcpStream::connect(base.trim_start_matches("http://")).await.unwrap()
}

async fn rest_of(stream: &mut TcpStream) -> String {
    let mut response = Vec::new();
    let read = stream.read_to_end(&mut response);
    let _ = tokio::time::timeout(Duration::from_secs(45), read).await.unwrap();
    String::from_utf8_lossy(&response).into_owned()
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
    let sent_at = Instant::now();
    let refused = second.get(&two).await;
    assert_refused(&refused, 503, "overloaded");
    assert!(sent_at.elapsed() < Duration::from_secs(3), "{:?}", sent_at.elapsed());
    assert_eq!(retry_after(&refused), 1);
    assert_eq!(slow.await.unwrap(), StatusCode::FOUND);
    assert_eq!(second.get(&two).await.status, StatusCode::FOUND);
}

#[tokio::test]
async fn concurrent_clients_are_served_or_refused_with_retry_after() {
    // `make soak` sets it to 10000.
    let logins = std::env::var("PORTICO_CONCURRENT_LOGINS");
    let logins = logins.map_or(300, |number| number.parse().unwrap());
    let world = world(&[("PORTICO_LOGINS_AT_ONCE", "8"), ("PORTICO_CONNECTIONS", "128")]).await;
    let clients: Vec<Client> = (0..=logins / CLIENTS_PER_NETWORK).map(client_in_network).collect();
    let mut under_way = JoinSet::new();
    for n in 0..logins {
        let (base, client) = (world.portico.base.clone(), clients[n % clients.len()].clone());
        under_way.spawn(async move { log_in(&client, &base).await });
    }
    let outcomes = under_way.join_all().await;
    let signed_in = outcomes.iter().filter(|it| **it == Outcome::SignedIn).count();
    let refused = outcomes.iter().filter(|it| **it == Outcome::Refused).count();
    println!("{logins} concurrent logins: {signed_in} signed in, {refused} refused");
    let failed = outcomes.iter().find(|it| matches!(it, Outcome::Failed(_)));
    assert!(failed.is_none(), "{} failed, such as {failed:?}", logins - signed_in - refused);
    assert!(signed_in > 0 && refused > 0, "{signed_in} signed in, {refused} refused");
    // All permits have been released.
    let after = log_in(&clients[0], &world.portico.base).await;
    assert_eq!(after, Outcome::SignedIn);
    tried(logins);
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
            let response = get_with(&format!("{base}{path}"), "accept", accept).await;
            let value =
                |name: &str| response.headers.get(name).map(|it| it.to_str().unwrap().to_owned());
            assert_eq!(
                value("strict-transport-security").as_deref(),
                Some("max-age=31536000"),
                "{path}"
            );
            assert_eq!(value("cache-control").as_deref(), Some("no-store"), "{path}");
            assert_eq!(value("x-frame-options").as_deref(), Some("DENY"), "{path}");
            assert_eq!(value("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
            assert!(value("referrer-policy").is_some(), "{path}");
            let policy = value("content-security-policy").unwrap();
            assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
        }
    }
}
