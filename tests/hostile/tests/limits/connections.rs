//! The connection limit, reached by idle connections or by requests in progress.

use std::time::Duration;

use portico_e2e::{
    Browser, Fault, FaultKind, Target, World, assert_refused, hint, personas, token_requests, world,
};
use portico_hostile::tried;
use reqwest::{Method, RequestBuilder, StatusCode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::JoinSet,
};

use super::{client_in_network, connected, get_with, raw, until};

/// Starts this number of logins, which wait for a slow token endpoint.
async fn start_slow_logins(world: &World, logins: usize, from: &str) -> JoinSet<StatusCode> {
    let before = token_requests(&world.emulator);
    world.emulator.fault(Fault::always(Target::Token, FaultKind::Slow { millis: 6_000 }));
    let mut waiting = JoinSet::new();
    for _ in 0..logins {
        let mut browser = Browser::default();
        let query = hint(personas::HARUKI.user_name);
        let callback = browser.up_to_callback(&world.portico.base, &query).await;
        let from = from.to_owned();
        waiting.spawn(async move {
            let from = |request: RequestBuilder| request.header("x-forwarded-for", from);
            browser.send(Method::GET, callback.as_str(), from).await.status
        });
    }
    let all = async || token_requests(&world.emulator) >= before + logins;
    until("all logins wait for the token endpoint", all).await;
    waiting
}

#[tokio::test]
async fn health_and_signed_in_clients_are_served_at_the_connection_limit() {
    let world = world(&[("PORTICO_CONNECTIONS", "4")]).await;
    let base = &world.portico.base;
    let mut zofia = Browser::default();
    zofia.sign_in(base, personas::ZOFIA.user_name).await;
    let session = zofia.cookie(base, "portico_session").unwrap();
    // Closes her connection, which counts.
    drop(zofia);
    let get = async |path: &str, cookie: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nhost: portico\r\ncookie: {cookie}\r\n\r\n");
        raw(base, request.as_bytes()).await
    };
    let waiting = start_slow_logins(&world, 4, "192.0.2.1").await;
    for path in ["/", "/api/session", "/api/providers", "/api/login/azure", "/healthz/x"] {
        let refused = get(path, "a=b").await;
        assert!(refused.starts_with("HTTP/1.1 503"), "{path}: {refused}");
        assert!(refused.contains("retry-after: 1"), "{path}: {refused}");
        assert!(refused.contains("connection: close"), "{path}: {refused}");
        let invalid =
            get(path, "portico_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
        assert!(invalid.starts_with("HTTP/1.1 503"), "{path}: {invalid}");
    }
    for path in ["/healthz", "/readyz"] {
        let response = get(path, "a=b").await;
        assert!(response.starts_with("HTTP/1.1 200"), "{path}: {response}");
    }
    for path in ["/api/session", "/dashboard", "/"] {
        let response = get(path, &format!("portico_session={session}")).await;
        assert!(response.starts_with("HTTP/1.1 200"), "{path}: {response}");
    }
    let logged =
        async || world.portico.log().contains("health checks and signed-in people are answered");
    until("the log reports the limit", logged).await;
    assert!(waiting.join_all().await.iter().all(|status| *status == StatusCode::FOUND));
    let free = async || get("/", "a=b").await.starts_with("HTTP/1.1 200");
    until("a connection is free", free).await;
    tried(15);
}

#[tokio::test]
async fn idle_connections_are_closed_for_new_ones() {
    let world = world(&[("PORTICO_CONNECTIONS", "4")]).await;
    let base = &world.portico.base;
    let mut idle = Vec::new();
    for _ in 0..4 {
        idle.push(connected(base).await);
    }
    let served = async || raw(base, b"GET / HTTP/1.0\r\n\r\n").await.starts_with("HTTP/1.0 200");
    until("a new connection is served", served).await;
    tried(4);
}

#[tokio::test]
async fn address_over_its_connection_limit_gets_503_and_others_are_served() {
    // An address has two connections, and one in the reserve.
    let limits = [("PORTICO_CONNECTIONS", "2048"), ("PORTICO_CONNECTIONS_PER_ADDRESS", "2")];
    let world = world(&limits).await;
    let base = &world.portico.base;
    let waiting = start_slow_logins(&world, 2, "192.0.2.1").await;
    let refused = async || {
        let _reserve = connected(base).await;
        let mut next = connected(base).await;
        next.write_all(b"GET / HTTP/1.1\r\nhost: portico\r\n\r\n").await.unwrap();
        let mut response = String::new();
        let read = next.read_to_string(&mut response);
        let _ = tokio::time::timeout(Duration::from_secs(5), read).await;
        response.starts_with("HTTP/1.1 503")
            && response.contains("\r\nretry-after: 1\r\n")
            && response.contains("\"code\":\"full\"")
    };
    until("a connection is refused", refused).await;
    let elsewhere = client_in_network(0).get(base).send().await.unwrap();
    assert_eq!(elsewhere.status(), StatusCode::OK);
    assert!(waiting.join_all().await.iter().all(|status| *status == StatusCode::FOUND));
    tried(2);
}

#[tokio::test]
async fn concurrency_limit_applies_to_each_client_behind_a_trusted_proxy() {
    let limits =
        [("PORTICO_CONNECTIONS_PER_ADDRESS", "2"), ("PORTICO_TRUSTED_PROXIES", "127.0.0.0/8")];
    let world = world(&limits).await;
    let base = &world.portico.base;
    let waiting = start_slow_logins(&world, 2, "2001:db8:1:2::7").await;
    let get = async |path: &str, from: &str| {
        get_with(&format!("{base}{path}"), "x-forwarded-for", from).await
    };
    for from in ["2001:db8:1:2::7", "2001:db8:1:2:3::8", "1.1.1.1, 2001:db8:1:2::7"] {
        assert_refused(&get("/", from).await, 503, "full");
        assert_eq!(get("/healthz", from).await.status, StatusCode::OK);
    }
    for from in ["2001:db8:1:3::7", "192.0.2.1", "2001:db8:1:2::7, 192.0.2.1"] {
        assert_eq!(get("/", from).await.status, StatusCode::OK);
    }
    assert!(waiting.join_all().await.iter().all(|status| *status == StatusCode::FOUND));
    assert_eq!(get("/", "2001:db8:1:2::7").await.status, StatusCode::OK);
    tried(6);
}
