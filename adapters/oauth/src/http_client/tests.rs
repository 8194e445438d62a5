mod by_proxy;
mod guard;
mod over_tls;
mod response_limits;

use std::sync::Arc;

use http::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::Instant,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

use url::Url;

use self::over_tls::{NO_CONTENT, TlsServer};
use super::*;
use crate::testing::{Answer, Server, http};

fn get(url: Url) -> Request {
    Request::new(Method::GET, url)
}

async fn sent(answer: impl Fn() -> Answer + Send + Sync + 'static) -> Result<u16, HttpError> {
    let server = Server::start(move |_| answer()).await;
    let limits = Limits { max_len: MAX_REPLY_LEN + 2, ..Limits::default() };
    let sent = http().send(get(server.at("/x")), limits).await;
    sent.map(|answer| answer.status().as_u16())
}

/// The time until a request to a server with this answer times out.
async fn time_until_timeout(answer: fn() -> Answer, timeout: Duration) -> Duration {
    let server = Server::start(move |_| answer()).await;
    let http = http();
    let request = get(server.at("/x"));
    let limits = Limits { timeout, ..Limits::default() };
    let sending = tokio::spawn(async move { http.send(request, limits).await });
    server.arrival().await;
    tokio::time::pause();
    let begun = Instant::now();
    assert_eq!(sending.await.unwrap().unwrap_err(), HttpError::TimedOut);
    begun.elapsed()
}

#[tokio::test]
async fn send_returns_redirect_without_following_it() {
    let server = Server::start(|_| Answer::redirect("/elsewhere")).await;
    let sent = http().send(get(server.at("/x")), Limits::default()).await;
    assert_eq!(sent.unwrap().status(), 302);
    assert_eq!(server.count("/"), 1);
}

#[tokio::test]
async fn send_reconnects_after_server_closed_idle_connection() {
    let server = Server::start(|_| Answer::status(204)).await;
    let http = http();
    for _ in 0..5 {
        let sent = http.send(get(server.at("/x")), Limits::default()).await;
        assert_eq!(sent.unwrap().status(), 204);
    }
    assert_eq!(server.count("/x"), 5);
}

#[tokio::test]
async fn broken_or_non_http_response_is_unreachable() {
    for answer in [
        || Answer::HangUp,
        || Answer::Raw(b"HTTP/1.1 200 x\r\ncontent-length: 9\r\n\r\nx".into()),
        || Answer::Raw(b"nonsense\r\n\r\n".into()),
    ] {
        assert!(matches!(sent(answer).await, Err(HttpError::Unreachable(_))));
    }
}

#[tokio::test]
async fn send_times_out_after_ten_seconds() {
    for answer in [
        || Answer::Stall(vec![]),
        || Answer::Stall(b"HTTP/1.1 200 x\r\ncontent-length: 9\r\n\r\nx".into()),
    ] {
        let waited = time_until_timeout(answer, Duration::from_secs(60)).await;
        assert!((8..=10).contains(&waited.as_secs()), "{waited:?}");
        tokio::time::resume();
    }
}

#[tokio::test]
async fn send_honours_shorter_timeout() {
    let waited = time_until_timeout(|| Answer::Stall(vec![]), Duration::from_secs(3)).await;
    assert!(waited.as_secs() <= 3, "{waited:?}");
}

#[tokio::test]
async fn refused_connection_is_unreachable_and_error_omits_the_query() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = Url::parse(&format!("http://{closed}/x?code=secret")).unwrap();
    let error = http().send(get(url), Limits::default()).await.unwrap_err();
    assert!(matches!(error, HttpError::Unreachable(_)));
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn send_refuses_plain_http_except_to_loopback() {
    let http = http();
    for url in [
        "http://login.example/",
        "http://10.0.0.1/",
        "http://127.0.0.1.evil.example/",
        "http://localhost.evil.example/",
        "http://0.0.0.0/",
        "ftp://127.0.0.1/",
    ] {
        let url = Url::parse(url).unwrap();
        let sent = http.send(get(url.clone()), Limits::default()).await;
        assert_eq!(sent.unwrap_err(), HttpError::PlainHttp, "{url}");
    }
    for url in ["http://127.1.2.3/", "http://[::1]/", "http://localhost/", "https://a.example/"] {
        assert!(may_be_called(&Url::parse(url).unwrap()), "{url}");
    }
}

#[tokio::test]
async fn send_sets_user_agent() {
    let server = Server::start(|_| Answer::status(200)).await;
    let sent = http().send(get(server.at("/x")), Limits::default()).await;
    assert!(sent.is_ok());
    let agent = &server.received("/x")[0].headers["user-agent"];
    assert_eq!(agent, concat!("Portico/", env!("CARGO_PKG_VERSION")));
}

#[test]
fn trusting_refuses_invalid_pem() {
    let bad = b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
    assert!(HttpClient::trusting(bad, []).is_err());
}
