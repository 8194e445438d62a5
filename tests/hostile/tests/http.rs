//! Ambiguous hosts, upgrades and trailers of requests, and the isolation headers of responses.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use portico_e2e::{Portico, world, world_with_plugins};
use portico_hostile::tried;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Timeout of any single step.
const TIMEOUT: Duration = Duration::from_secs(60);

const ROUTES: [&str; 13] = [
    "/",
    "/dashboard",
    "/api/session",
    "/api/providers",
    "/api/accounts/x/subscriptions",
    "/api/login/azure",
    "/api/callback/azure",
    "/api/logout",
    "/getAToken",
    "/healthz",
    "/readyz",
    "/assets/portico.css",
    "/nothing",
];

/// Sends these bytes and reads until Portico closes the connection.
async fn raw(portico: &Portico, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(portico.base.trim_start_matches("http://")).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    timeout(TIMEOUT, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn request_without_exactly_one_valid_host_is_refused() {
    let world = world(&[]).await;
    let portico = &world.portico;
    let mut cases = 0;
    for path in ROUTES {
        for (version, hosts) in [
            ("1.1", &[][..]),
            ("1.1", &["a", "a"]),
            ("1.1", &["a", "b"]),
            ("1.0", &["a", "a"]),
            ("1.1", &[""]),
            ("1.1", &["a b"]),
            ("1.1", &["a/b"]),
            ("1.1", &["a@b"]),
            ("1.1", &["a:x"]),
            ("1.1", &["a:99999"]),
            ("1.0", &["a:b:c"]),
            ("1.1", &["[::1"]),
            ("1.1", &["<script>"]),
            ("1.1", &["a,b c"]),
        ] {
            for method in ["GET", "HEAD", "POST", "OPTIONS"] {
                let hosts: String = hosts.iter().map(|it| format!("host: {it}\r\n")).collect();
                let request =
                    format!("{method} {path} HTTP/{version}\r\n{hosts}connection: close\r\n\r\n");
                let answer = raw(portico, request.as_bytes()).await;
                let expected = format!("HTTP/{version} 400");
                assert!(answer.starts_with(&expected), "{request}{answer}");
                assert_eq!(answer.matches("HTTP/1.").count(), 1, "{answer}");
                cases += 1;
            }
        }
    }
    tried(cases);
}

#[tokio::test]
async fn host_of_an_absolute_target_replaces_the_header() {
    let world = world(&[]).await;
    let portico = &world.portico;
    for request in [
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nhost: portico\r\n\r\n",
        "GET http://portico/ HTTP/1.1\r\nhost: portico\r\nconnection: close\r\n\r\n",
        // The target counts (RFC 9112 section 3.2.2).
        "GET http://portico/ HTTP/1.1\r\nhost: another\r\nconnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: [::1]:5000\r\nconnection: close\r\n\r\n",
    ] {
        let answer = raw(portico, request.as_bytes()).await;
        assert_eq!(&answer[8..12], " 200", "{request}{answer}");
    }
    for request in [
        "GET http://portico/ HTTP/1.1\r\nconnection: close\r\n\r\n",
        "GET http://u@portico/ HTTP/1.1\r\nhost: portico\r\nconnection: close\r\n\r\n",
        "GET ftp://portico/ HTTP/1.1\r\nhost: portico\r\nconnection: close\r\n\r\n",
    ] {
        let answer = raw(portico, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{request}{answer}");
    }
    tried(8);
}

#[tokio::test]
async fn upgrade_is_not_accepted_on_any_route() {
    let world = world(&[]).await;
    let upgrades = [
        "upgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        "upgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n",
    ];
    for path in ROUTES {
        for upgrade in upgrades {
            // Were it taken, the second request would be a frame of another protocol.
            let first = format!(
                "GET {path} HTTP/1.1\r\nhost: portico\r\nconnection: upgrade\r\n{upgrade}\r\n"
            );
            let second = "GET /healthz HTTP/1.1\r\nhost: portico\r\nconnection: close\r\n\r\n";
            let answer = raw(&world.portico, format!("{first}{second}").as_bytes()).await;
            assert!(!answer.contains("HTTP/1.1 101"), "{path}: {answer}");
            assert!(answer.ends_with(r#"{"status":"ok"}"#), "{path}: {answer}");
        }
    }
    let tunnel = "CONNECT portico:443 HTTP/1.1\r\nhost: portico:443\r\n\r\n";
    let answer = raw(&world.portico, tunnel.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    tried(2 * ROUTES.len() + 1);
}

#[tokio::test]
async fn request_trailers_have_no_effect() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    for trailer in [
        format!("origin: {base}\r\n"),
        "cookie: portico_session=x\r\n".into(),
        "host: evil\r\n".into(),
        "content-length: 5\r\n".into(),
        "x: y\r\n".repeat(50),
    ] {
        let post = format!(
            "POST /api/logout HTTP/1.1\r\nhost: portico\r\ntransfer-encoding: chunked\r\n\
             trailer: origin\r\n\r\n0\r\n{trailer}\r\n"
        );
        let next = "GET /healthz HTTP/1.1\r\nhost: portico\r\nconnection: close\r\n\r\n";
        let answer = raw(&world.portico, format!("{post}{next}").as_bytes()).await;
        // Without an `Origin` in its head it may change nothing.
        assert!(answer.starts_with("HTTP/1.1 403"), "{trailer}: {answer}");
        assert!(answer.matches("HTTP/1.1 ").count() <= 2, "{trailer}: {answer}");
    }
    tried(5);
}

#[tokio::test]
async fn every_response_is_restricted_to_its_own_origin() {
    let world = world_with_plugins(&["oidc"], &[]).await;
    let icon = "/assets/providers/oidc.svg";
    for path in ROUTES.into_iter().chain([icon, "/assets/providers/x.svg"]) {
        for method in ["GET", "POST"] {
            let request =
                format!("{method} {path} HTTP/1.1\r\nhost: portico\r\nconnection: close\r\n\r\n");
            let answer = raw(&world.portico, request.as_bytes()).await;
            for header in [
                "cross-origin-opener-policy: same-origin",
                "cross-origin-resource-policy: same-origin",
                "x-content-type-options: nosniff",
            ] {
                assert!(answer.contains(header), "{method} {path}: {answer}");
            }
        }
    }
    let request = format!("GET {icon} HTTP/1.1\r\nhost: portico\r\nconnection: close\r\n\r\n");
    let answer = raw(&world.portico, request.as_bytes()).await;
    for header in ["content-type: image/svg+xml\r\n", "content-disposition: attachment", "sandbox"]
    {
        assert!(answer.contains(header), "{answer}");
    }
    tried(2 * (ROUTES.len() + 2));
}
