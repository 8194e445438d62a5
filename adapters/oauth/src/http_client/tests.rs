mod by_proxy;
mod guard;

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
async fn send_refuses_body_over_one_mebibyte() {
    let body = |length: u64| "x".repeat(usize::try_from(length).unwrap());
    let whole = move |length| move || Answer::Whole(200, String::new(), body(length));
    assert_eq!(sent(whole(MAX_REPLY_LEN)).await, Ok(200));
    assert_eq!(sent(whole(MAX_REPLY_LEN + 1)).await, Err(HttpError::TooLarge(MAX_REPLY_LEN)));
}

#[tokio::test]
async fn default_limits_refuse_body_over_256_kib() {
    for (length, expected) in [(256 << 10, Ok(200)), ((256 << 10) + 1, Err(256 << 10))] {
        let server = Server::start(move |_| Answer::Whole(200, String::new(), "x".repeat(length)));
        let sent = http().send(get(server.await.at("/x")), Limits::default()).await;
        let sent = sent.map(|answer| answer.status().as_u16());
        assert_eq!(sent, expected.map_err(HttpError::TooLarge));
    }
}

#[tokio::test]
async fn send_refuses_endless_body_at_one_mebibyte() {
    assert_eq!(sent(|| Answer::Endless).await, Err(HttpError::TooLarge(MAX_REPLY_LEN)));
}

#[tokio::test]
async fn send_refuses_endless_response_part() {
    const CHUNKED: &str = "HTTP/1.1 200 x\r\ntransfer-encoding: chunked\r\n\r\n";
    let filler = "a".repeat(4_096);
    for (first, again) in [
        (String::new(), "HTTP/1.1 103 x\r\n\r\n".to_owned()),
        (String::new(), format!("HTTP/1.1 100 x\r\na: {filler}\r\n\r\n")),
        (String::new(), "\r\n".repeat(100)),
        ("HTTP/1.1 200 ".to_owned(), filler.clone()),
        ("HTTP/1.1 200 x\r\na: ".to_owned(), filler.clone()),
        ("HTTP/1.1 200 x\r\n".to_owned(), "a: b\r\n".to_owned()),
        (format!("{CHUNKED}1;"), filler.clone()),
        (CHUNKED.to_owned(), "0".repeat(4_096)),
        (CHUNKED.to_owned(), format!("1;{filler}\r\na\r\n")),
        (CHUNKED.to_owned(), "1\r\na\r\n".repeat(100)),
        (format!("{CHUNKED}0\r\na: "), filler.clone()),
        (format!("{CHUNKED}0\r\n"), "a: b\r\n".to_owned()),
    ] {
        let shown = format!("{first}{again}").chars().take(60).collect::<String>();
        let answer = move || Answer::Repeat(first.clone().into(), again.clone().into());
        let error = sent(answer).await.unwrap_err();
        let expected = matches!(error, HttpError::WithoutEnd(_) | HttpError::TooLarge(_));
        assert!(expected || matches!(error, HttpError::Unreachable(_)), "{shown:?}: {error}");
    }
}

#[tokio::test]
async fn send_skips_few_interim_responses_and_refuses_endless_ones() {
    let interim = "HTTP/1.1 103 x\r\nlink: </a>\r\n\r\n";
    let few = || Answer::Raw(format!("{}HTTP/1.1 204 x\r\n\r\n", interim.repeat(5)).into());
    assert_eq!(sent(few).await, Ok(204));
    let endless = || Answer::Repeat(vec![], interim.into());
    assert_eq!(sent(endless).await, Err(HttpError::WithoutEnd(MAX_REPLY_LEN)));
}

#[tokio::test]
async fn connection_reuse_resets_the_byte_allowance() {
    // Nine bodies of one MiB over one connection.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = format!("HTTP/1.1 200 x\r\ncontent-length: {MAX_REPLY_LEN}\r\n\r\n");
        let answer = [head.into_bytes(), vec![b'x'; 1 << 20]].concat();
        loop {
            let mut request = [0; 4_096];
            if stream.read(&mut request).await.unwrap() == 0 {
                break;
            }
            stream.write_all(&answer).await.unwrap();
        }
    });
    let http = http();
    let limits = Limits { max_len: MAX_REPLY_LEN, ..Limits::default() };
    for _ in 0..9 {
        let answer = http.send(get(url.clone()), limits).await.unwrap();
        assert_eq!(answer.body().len() as u64, MAX_REPLY_LEN);
    }
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
async fn send_refuses_long_body_without_content_length() {
    let answer = || {
        let mut bytes = b"HTTP/1.1 200 x\r\n\r\n".to_vec();
        bytes.resize(2 << 20, b'x');
        Answer::Raw(bytes)
    };
    assert_eq!(sent(answer).await, Err(HttpError::TooLarge(MAX_REPLY_LEN)));
}

#[tokio::test]
async fn send_refuses_content_length_over_limit_before_the_body() {
    let answer = || Answer::Stall(b"HTTP/1.1 200 x\r\ncontent-length: 1073741824\r\n\r\nx".into());
    assert_eq!(sent(answer).await, Err(HttpError::TooLarge(MAX_REPLY_LEN)));
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

/// A TLS server on loopback that sends `tickets` session tickets and then `answer`.
struct TlsServer {
    url: Url,
    pem: String,
}

impl TlsServer {
    async fn start(tickets: usize, answer: &'static [u8]) -> Self {
        let cloud = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(cloud.signing_key.serialize_der()).unwrap();
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cloud.cert.der().clone()], key)
            .unwrap();
        config.send_tls13_tickets = tickets;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let acceptor = TlsAcceptor::from(Arc::new(config));
            while let Ok((stream, _)) = listener.accept().await {
                // A client that does not trust the certificate aborts the handshake.
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let _ = stream.write_all(answer).await;
                let _ = stream.shutdown().await;
            }
        });
        let url = Url::parse(&format!("https://localhost:{port}/")).unwrap();
        Self { url, pem: cloud.cert.pem() }
    }

    fn trusting(&self) -> HttpClient {
        HttpClient::trusting(self.pem.as_bytes(), ["localhost".into()]).unwrap()
    }
}

const NO_CONTENT: &[u8] = b"HTTP/1.1 204 x\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn extra_certificate_is_trusted_only_by_its_client() {
    let cloud = TlsServer::start(2, NO_CONTENT).await;
    let sent = cloud.trusting().send(get(cloud.url.clone()), Limits::default()).await;
    assert_eq!(sent.unwrap().status(), 204);
    let sent = http().send(get(cloud.url), Limits::default()).await;
    assert!(matches!(sent, Err(HttpError::Unreachable(_))));
}

#[tokio::test]
async fn send_refuses_endless_tls_session_tickets() {
    let cloud = TlsServer::start(20_000, NO_CONTENT).await;
    let sent = cloud.trusting().send(get(cloud.url.clone()), Limits::default()).await;
    // rustls itself also bounds its unread input.
    assert!(matches!(sent, Err(HttpError::WithoutEnd(_) | HttpError::Unreachable(_))), "{sent:?}");
}

#[tokio::test]
async fn tls_handshake_times_out_after_two_seconds() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://127.0.0.1:{}/", listener.local_addr().unwrap().port());
    let begun = Instant::now();
    let sending = tokio::spawn(async move {
        http().send(get(Url::parse(&url).unwrap()), Limits::default()).await
    });
    let (_stream, _) = listener.accept().await.unwrap();
    // The client connected after `begun` and before `connected`.
    tokio::time::pause();
    let connected = Instant::now();
    assert_eq!(sending.await.unwrap().unwrap_err(), HttpError::TimedOut);
    assert!(begun.elapsed() >= CONNECT_TIMEOUT);
    assert!(connected.elapsed() < CONNECT_TIMEOUT + Duration::from_secs(1));
}
