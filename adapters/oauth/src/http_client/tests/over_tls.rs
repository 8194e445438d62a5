//! Connections over TLS.

use super::*;

/// A TLS server on loopback that sends `tickets` session tickets and then `answer`.
pub(super) struct TlsServer {
    pub(super) url: Url,
    pub(super) pem: String,
}

impl TlsServer {
    pub(super) async fn start(tickets: usize, answer: &'static [u8]) -> Self {
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

    pub(super) fn trusting(&self) -> HttpClient {
        HttpClient::trusting(self.pem.as_bytes(), ["localhost".into()]).unwrap()
    }
}

pub(super) const NO_CONTENT: &[u8] = b"HTTP/1.1 204 x\r\nconnection: close\r\n\r\n";

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
