//! One connection: TCP to an address that was checked or to a proxy, TLS, HTTP/1.1.

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
    client::legacy::connect::{HttpConnector, dns::Name, proxy::Tunnel},
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
use crate::proxy::Proxy;

/// How much may come before the last head of an answer, and how much a handshake of TLS may take.
/// Honest ones take a tenth of it.
const AROUND: u64 = 192 << 10;
/// The longest head.
const MAX_HEAD_LEN: usize = 64 << 10;
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

/// How a connection comes about.
pub(super) enum Way<'a> {
    /// To one of these addresses of its host.
    Straight(Vec<SocketAddr>),
    /// By a proxy, at one of these addresses.
    By(&'a Proxy, Vec<SocketAddr>),
}

impl Connection {
    /// Connects for `url`, without an end: the caller sets it one.
    pub(super) async fn open(
        url: &Url,
        way: Way<'_>,
        within: Duration,
        tls: Arc<ClientConfig>,
    ) -> Result<Self, String> {
        let allowance = Allowance::of(AROUND);
        let metered = |stream| Metered { stream, allowance: allowance.clone() };
        let stream = match way {
            Way::Straight(addresses) => {
                let stream = metered(connected(url, addresses, within).await?);
                secured(url, stream, &tls).await?
            }
            Way::By(proxy, addresses) => {
                let stream = metered(connected(&proxy.url, addresses, within).await?);
                let stream = secured(&proxy.url, stream, &tls).await?;
                match url.scheme() {
                    "https" => secured(url, tunnelled(url, proxy, stream).await?, &tls).await?,
                    // The proxy sends on what it is sent.
                    _ => stream,
                }
            }
        };
        let mut http = http1::Builder::new();
        http.max_buf_size(MAX_HEAD_LEN).max_header_size(MAX_HEAD_LEN);
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
    let stream = connector.call(root(url)?).await.map_err(|error| with_causes(&error))?;
    Ok(stream.into_inner())
}

/// The stream as it is for plain http, and in TLS for https.
async fn secured(
    url: &Url,
    stream: impl Stream + 'static,
    tls: &Arc<ClientConfig>,
) -> Result<Box<dyn Stream>, String> {
    if url.scheme() != "https" {
        return Ok(Box::new(stream));
    }
    let secured = TlsConnector::from(tls.clone()).connect(server_name(url)?, stream).await;
    Ok(Box::new(secured.map_err(|error| format!("TLS: {error}"))?))
}

/// The stream to a proxy, as a tunnel to the host of `url` (RFC 9110 section 9.3.6).
async fn tunnelled(
    url: &Url,
    proxy: &Proxy,
    stream: Box<dyn Stream>,
) -> Result<Box<dyn Stream>, String> {
    let there = proxy.url.as_str().parse().map_err(|_| "no such address".to_owned())?;
    let mut tunnel = Tunnel::new(there, Opened(Some(TokioIo::new(stream))));
    if let Some(authorization) = &proxy.authorization {
        tunnel = tunnel.with_auth(authorization.clone());
    }
    let opening = tunnel.call(root(url)?).await;
    let refused = |error| format!("no way to {}: {}", host(url), with_causes(&error));
    Ok(opening.map_err(refused)?.into_inner())
}

/// A connector whose connection is open already.
struct Opened(Option<TokioIo<Box<dyn Stream>>>);

impl Service<Uri> for Opened {
    type Response = TokioIo<Box<dyn Stream>>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(self.0.take().ok_or_else(|| io::ErrorKind::NotConnected.into()))
    }
}

/// Scheme, host and port, spelled out.
fn root(url: &Url) -> Result<Uri, String> {
    let uri = format!("{}://{}/", url.scheme(), host(url)).parse::<Uri>();
    uri.map_err(|_| "no such address".to_owned())
}

fn host(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{}:{port}", url.host_str().unwrap_or_default())
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
