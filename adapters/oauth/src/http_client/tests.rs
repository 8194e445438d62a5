use std::sync::Arc;

use reqwest::Method;
use tokio::{io::AsyncWriteExt, net::TcpListener, time::Instant};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

use url::Url;

use super::*;
use crate::testing::{Answer, Server, http};

fn get(url: Url) -> Request {
    Request::new(Method::GET, url)
}

async fn sent(answer: impl Fn() -> Answer + Send + Sync + 'static) -> Result<u16, HttpError> {
    let server = Server::start(move |_| answer()).await;
    let limits = Limits { at_most: LONGEST_REPLY + 2, ..Limits::default() };
    let sent = http().send(get(server.at("/x")), limits).await;
    sent.map(|answer| answer.status().as_u16())
}

/// How long it takes until a request is given up that this answers.
async fn given_up(answer: fn() -> Answer, within: Duration) -> Duration {
    let server = Server::start(move |_| answer()).await;
    let http = http();
    let request = get(server.at("/x"));
    let limits = Limits { within, ..Limits::default() };
    let sending = tokio::spawn(async move { http.send(request, limits).await });
    server.arrival().await;
    tokio::time::pause();
    let begun = Instant::now();
    assert_eq!(sending.await.unwrap().unwrap_err(), HttpError::TimedOut);
    begun.elapsed()
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let server = Server::start(|_| Answer::redirect("/elsewhere")).await;
    let sent = http().send(get(server.at("/x")), Limits::default()).await;
    assert_eq!(sent.unwrap().status(), 302);
    assert_eq!(server.count("/"), 1);
}

#[tokio::test]
async fn an_answer_may_have_a_mebibyte_and_not_a_byte_more() {
    let body = |length: u64| "x".repeat(usize::try_from(length).unwrap());
    let whole = move |length| move || Answer::Whole(200, String::new(), body(length));
    assert_eq!(sent(whole(LONGEST_REPLY)).await, Ok(200));
    assert_eq!(sent(whole(LONGEST_REPLY + 1)).await, Err(HttpError::TooLarge(LONGEST_REPLY)));
}

#[tokio::test]
async fn a_document_may_have_a_quarter_of_that() {
    for (length, expected) in [(256 << 10, Ok(200)), ((256 << 10) + 1, Err(256 << 10))] {
        let server = Server::start(move |_| Answer::Whole(200, String::new(), "x".repeat(length)));
        let sent = http().send(get(server.await.at("/x")), Limits::default()).await;
        let sent = sent.map(|answer| answer.status().as_u16());
        assert_eq!(sent, expected.map_err(HttpError::TooLarge));
    }
}

#[tokio::test]
async fn a_body_without_an_end_is_given_up_at_a_mebibyte() {
    assert_eq!(sent(|| Answer::Endless).await, Err(HttpError::TooLarge(LONGEST_REPLY)));
}

#[tokio::test]
async fn a_body_without_a_stated_length_is_bounded_too() {
    let answer = || {
        let mut bytes = b"HTTP/1.1 200 x\r\n\r\n".to_vec();
        bytes.resize(2 << 20, b'x');
        Answer::Raw(bytes)
    };
    assert_eq!(sent(answer).await, Err(HttpError::TooLarge(LONGEST_REPLY)));
}

#[tokio::test]
async fn a_stated_length_over_the_limit_is_enough_to_give_up() {
    let answer = || Answer::Stall(b"HTTP/1.1 200 x\r\ncontent-length: 1073741824\r\n\r\nx".into());
    assert_eq!(sent(answer).await, Err(HttpError::TooLarge(LONGEST_REPLY)));
}

#[tokio::test]
async fn a_connection_that_breaks_or_speaks_no_http_is_unreachable() {
    for answer in [
        || Answer::HangUp,
        || Answer::Raw(b"HTTP/1.1 200 x\r\ncontent-length: 9\r\n\r\nx".into()),
        || Answer::Raw(b"nonsense\r\n\r\n".into()),
    ] {
        assert!(matches!(sent(answer).await, Err(HttpError::Unreachable(_))));
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up_after_ten_seconds_wherever_it_hangs() {
    for answer in [
        || Answer::Stall(vec![]),
        || Answer::Stall(b"HTTP/1.1 200 x\r\ncontent-length: 9\r\n\r\nx".into()),
    ] {
        let waited = given_up(answer, Duration::from_secs(60)).await;
        assert!((8..=10).contains(&waited.as_secs()), "{waited:?}");
        tokio::time::resume();
    }
}

#[tokio::test]
async fn less_time_than_the_clients_own_is_kept_to() {
    let waited = given_up(|| Answer::Stall(vec![]), Duration::from_secs(3)).await;
    assert!(waited.as_secs() <= 3, "{waited:?}");
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_unreachable_and_not_told_in_the_text() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = Url::parse(&format!("http://{closed}/x?code=secret")).unwrap();
    let error = http().send(get(url), Limits::default()).await.unwrap_err();
    assert!(matches!(error, HttpError::Unreachable(_)));
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn plain_http_is_for_loopback_alone() {
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
async fn the_client_says_who_it_is() {
    let server = Server::start(|_| Answer::status(200)).await;
    let sent = http().send(get(server.at("/x")), Limits::default()).await;
    assert!(sent.is_ok());
    let agent = &server.received("/x")[0].headers["user-agent"];
    assert_eq!(agent, concat!("Portico/", env!("CARGO_PKG_VERSION")));
}

#[test]
fn what_is_no_certificate_is_refused() {
    let bad = b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
    assert!(HttpClient::trusting(bad, []).is_err());
}

#[tokio::test]
async fn a_private_clouds_certificate_is_trusted_where_it_was_given_and_nowhere_else() {
    let cloud = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(cloud.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cloud.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not trust the certificate breaks the handshake off.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let answer = b"HTTP/1.1 204 x\r\nconnection: close\r\n\r\n";
            stream.write_all(answer).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    let url = Url::parse(&format!("https://localhost:{port}/")).unwrap();
    let trusting = HttpClient::trusting(cloud.cert.pem().as_bytes(), ["localhost".into()]).unwrap();
    let sent = trusting.send(get(url.clone()), Limits::default()).await;
    assert_eq!(sent.unwrap().status(), 204);
    let sent = http().send(get(url), Limits::default()).await;
    assert!(matches!(sent, Err(HttpError::Unreachable(_))));
}
