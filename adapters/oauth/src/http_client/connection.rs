//! One connection: TCP to a checked address or a proxy, TLS, HTTP/1.1.

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

/// The longest TLS handshake, and the bytes allowed up to the end of the final response head, interim
/// responses included. Honest servers send a tenth of it.
const MAX_OVERHEAD_LEN: u64 = 192 << 10;
/// The longest response head, in bytes.
const MAX_HEAD_LEN: usize = 64 << 10;
/// Bytes that may arrive on an idle connection: TLS session tickets.
const MAX_IDLE_LEN: u64 = 16 << 10;

/// A connection for consecutive requests. It closes when it is dropped.
pub(super) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    allowance: Allowance,
    driver: AbortHandle,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Where a connection is made to.
pub(super) enum Route<'a> {
    /// One of these addresses of the host.
    Direct(Vec<SocketAddr>),
    /// A proxy at one of these addresses.
    Proxied(&'a Proxy, Vec<SocketAddr>),
}

impl Connection {
    /// Connects for `url`. `timeout` is of TCP alone; the caller bounds the whole call.
    pub(super) async fn open(
        url: &Url,
        route: Route<'_>,
        timeout: Duration,
        tls: Arc<ClientConfig>,
    ) -> Result<Self, String> {
        let allowance = Allowance::of(MAX_OVERHEAD_LEN);
        let metered = |stream| Metered { stream, allowance: allowance.clone() };
        let stream = match route {
            Route::Direct(addresses) => {
                let stream = metered(connect(url, addresses, timeout).await?);
                with_tls(url, stream, &tls).await?
            }
            Route::Proxied(proxy, addresses) => {
                let stream = metered(connect(&proxy.url, addresses, timeout).await?);
                let stream = with_tls(&proxy.url, stream, &tls).await?;
                match url.scheme() {
                    "https" => with_tls(url, open_tunnel(url, proxy, stream).await?, &tls).await?,
                    // The proxy forwards plain http requests.
                    _ => stream,
                }
            }
        };
        let mut http = http1::Builder::new();
        http.max_buf_size(MAX_HEAD_LEN).max_header_size(MAX_HEAD_LEN);
        let (sender, connection) =
            http.handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        // An error of the connection is reported to the request that is in flight.
        let driver = tokio::spawn(async { drop(connection.await) }).abort_handle();
        Ok(Self { sender, allowance, driver })
    }

    /// Sends a request, waits for the response head and allows `max_body_len` more bytes. The error
    /// returns the request if nothing of it was sent.
    pub(super) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
        max_body_len: u64,
    ) -> Result<Response<Incoming>, TrySendError<Request<Full<Bytes>>>> {
        self.allowance.set(MAX_OVERHEAD_LEN);
        let response = self.sender.try_send_request(request).await?;
        // An eighth is for chunk framing and TLS records; for short bodies, the rest of
        // `MAX_OVERHEAD_LEN` is enough.
        self.allowance.extend(max_body_len + max_body_len / 8);
        Ok(response)
    }

    /// Waits for the connection to be ready for a request; `false` if it is closed.
    pub(super) async fn is_usable(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }

    /// Limits what may arrive while the connection is idle; `false` if it is closed.
    pub(super) fn begin_idle(&mut self) -> bool {
        self.allowance.set(MAX_IDLE_LEN);
        !self.sender.is_closed()
    }

    /// Whether the peer has sent more than its allowance.
    pub(super) fn is_used_up(&self) -> bool {
        self.allowance.is_used_up()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Connects to the first address that accepts (RFC 8305).
async fn connect(
    url: &Url,
    addresses: Vec<SocketAddr>,
    timeout: Duration,
) -> Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static, String> {
    let mut connector = HttpConnector::new_with_resolver(Checked(addresses));
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(timeout));
    let stream = connector.call(root(url)?).await.map_err(|error| with_causes(&error))?;
    Ok(stream.into_inner())
}

/// The stream, with TLS if the URL is https.
async fn with_tls(
    url: &Url,
    stream: impl Stream + 'static,
    tls: &Arc<ClientConfig>,
) -> Result<Box<dyn Stream>, String> {
    if url.scheme() != "https" {
        return Ok(Box::new(stream));
    }
    let stream = TlsConnector::from(tls.clone()).connect(server_name(url)?, stream).await;
    Ok(Box::new(stream.map_err(|error| format!("TLS: {error}"))?))
}

/// Opens a tunnel through a proxy to the host of `url` with `CONNECT` (RFC 9110 section 9.3.6).
async fn open_tunnel(
    url: &Url,
    proxy: &Proxy,
    stream: Box<dyn Stream>,
) -> Result<Box<dyn Stream>, String> {
    let proxy_uri = proxy.url.as_str().parse().map_err(|_| "no such address".to_owned())?;
    let mut tunnel = Tunnel::new(proxy_uri, Opened(Some(TokioIo::new(stream))));
    if let Some(authorization) = &proxy.authorization {
        tunnel = tunnel.with_auth(authorization.clone());
    }
    let opening = tunnel.call(root(url)?).await;
    let failed = |error| format!("no way to {}: {}", host(url), with_causes(&error));
    Ok(opening.map_err(failed)?.into_inner())
}

/// A connector that returns a connection that is open already.
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

/// Scheme, host and port; the port is always written.
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

/// The texts of an error and its sources, separated by colons.
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

/// A resolver that returns the checked addresses.
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
