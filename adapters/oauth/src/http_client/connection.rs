//! One connection: TCP to an address that was checked, TLS, HTTP/1.1.

use std::{
    future::{Ready, ready},
    io,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
    vec,
};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::{
    body::Incoming,
    client::conn::{TrySendError, http1},
};
use hyper_util::{
    client::legacy::connect::{HttpConnector, dns::Name},
    rt::TokioIo,
};
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::AbortHandle,
};
use tokio_rustls::TlsConnector;
use tower_service::Service;
use url::Url;

use super::meter::{Allowance, Metered};

/// How much may come before the last head of an answer, and how much a handshake of TLS may take.
/// Honest ones take a tenth of it.
const AROUND: u64 = 192 << 10;
/// The longest head.
const LONGEST_HEAD: usize = 64 << 10;
/// How much may come while nothing is asked for: tickets of TLS.
const UNASKED: u64 = 16 << 10;

/// A connection that one request after the other goes over. It closes when it is dropped.
pub(super) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    allowance: Allowance,
    driver: AbortHandle,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Connection {
    /// Connects to one of these addresses for `url`, without an end: the caller sets it one.
    pub(super) async fn open(
        url: &Url,
        addresses: Vec<SocketAddr>,
        within: Duration,
        tls: Arc<ClientConfig>,
    ) -> Result<Self, String> {
        let stream = connected(url, addresses, within).await?;
        let allowance = Allowance::of(AROUND);
        let stream = Metered { stream, allowance: allowance.clone() };
        let stream: Box<dyn Stream> = match url.scheme() {
            "https" => {
                let name = server_name(url)?;
                let secured = TlsConnector::from(tls).connect(name, stream).await;
                Box::new(secured.map_err(|error| format!("TLS: {error}"))?)
            }
            _ => Box::new(stream),
        };
        let mut http = http1::Builder::new();
        http.max_buf_size(LONGEST_HEAD).max_header_size(LONGEST_HEAD);
        let (sender, connection) =
            http.handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        // How it ends is told to whoever waits for an answer.
        let driver = tokio::spawn(async { drop(connection.await) }).abort_handle();
        Ok(Self { sender, allowance, driver })
    }

    /// Sends a request and waits for the head of its answer, after which `body` bytes more may come.
    /// The request comes back where nothing of it was sent.
    pub(super) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
        body: u64,
    ) -> Result<Response<Incoming>, TrySendError<Request<Full<Bytes>>>> {
        self.allowance.set(AROUND);
        let answer = self.sender.try_send_request(request).await?;
        // An eighth for chunks and TLS records; what is smaller than that lives on `AROUND`.
        self.allowance.extend(body + body / 8);
        Ok(answer)
    }

    /// Waits until it can be used again. Without an answer under way it is, or it is closed.
    pub(super) async fn is_usable(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }

    /// Whether it can be kept for another request.
    pub(super) fn rest(&mut self) -> bool {
        self.allowance.set(UNASKED);
        !self.sender.is_closed()
    }

    /// Whether it has brought more than it might.
    pub(super) fn is_used_up(&self) -> bool {
        self.allowance.is_used_up()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// The first of the addresses that a connection comes about with (RFC 8305).
async fn connected(
    url: &Url,
    addresses: Vec<SocketAddr>,
    within: Duration,
) -> Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static, String> {
    let mut connector = HttpConnector::new_with_resolver(Checked(addresses));
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(within));
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    let uri = format!("{}://{host}:{port}/", url.scheme()).parse::<Uri>();
    let uri = uri.map_err(|_| "no such address".to_owned())?;
    let stream = connector.call(uri).await.map_err(|error| with_causes(&error))?;
    Ok(stream.into_inner())
}

fn server_name(url: &Url) -> Result<ServerName<'static>, String> {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    ServerName::try_from(host).map_err(|_| "the host is no name that TLS knows".to_owned())
}

/// An error with what caused it.
pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// A resolver that knows the addresses already: those that were checked.
#[derive(Clone)]
struct Checked(Vec<SocketAddr>);

impl Service<Name> for Checked {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        ready(Ok(std::mem::take(&mut self.0).into_iter()))
    }
}
