//! One request and its response, over a pooled or a new connection.

use std::{future::poll_fn, pin::pin};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Response, Uri,
    header::{HOST, PROXY_AUTHORIZATION, USER_AGENT},
};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use tokio::{join, time::timeout};
use url::{Position, Url};

use super::{
    CONNECT_TIMEOUT, HttpClient, HttpError,
    connection::{Connection, Route, with_causes},
};
use crate::proxy::Proxy;

/// The most frames of a response body. Each costs as much as some hundred bytes.
const MAX_FRAMES: usize = 16 << 10;

/// The `User-Agent` header.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("Portico/", env!("CARGO_PKG_VERSION")));

/// A request, to be sent once.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Credentials and fragment are not sent.
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: Vec::new() }
    }

    /// The request in origin form (RFC 9112 section 3.2.1), or in absolute form for a proxy that
    /// forwards it (section 3.2.2).
    fn into_http(
        mut self,
        forwarded_by: Option<&Proxy>,
    ) -> Result<http::Request<Full<Bytes>>, HttpError> {
        let begin = match forwarded_by {
            Some(_) => Position::BeforeScheme,
            None => Position::BeforePath,
        };
        let target = &self.url[begin..Position::AfterQuery];
        let invalid_url = || HttpError::Unreachable("no such address".into());
        let target: Uri = target.parse().map_err(|_| invalid_url())?;
        let authority = &self.url[Position::BeforeHost..Position::AfterPort];
        let host = HeaderValue::from_str(authority).map_err(|_| invalid_url())?;
        self.headers.insert(HOST, host);
        self.headers.insert(USER_AGENT, AGENT);
        if let Some(authorization) = forwarded_by.and_then(|proxy| proxy.authorization.clone()) {
            self.headers.insert(PROXY_AUTHORIZATION, authorization);
        }
        let mut request = http::Request::new(Full::new(self.body.into()));
        *request.method_mut() = self.method;
        *request.uri_mut() = target;
        *request.headers_mut() = self.headers;
        Ok(request)
    }
}

impl HttpClient {
    pub(super) async fn exchange(
        &self,
        request: Request,
        max_len: u64,
    ) -> Result<Response<Vec<u8>>, HttpError> {
        let url = request.url.clone();
        // Also for a pooled connection: its host may be reached by a literal address.
        self.guard.check(&url)?;
        let proxy = self.proxies.of(&url);
        // https goes through a tunnel, in origin form; plain http is forwarded by the proxy.
        let forwarded_by = proxy.as_ref().filter(|_| url.scheme() == "http");
        let mut request = request.into_http(forwarded_by)?;
        loop {
            let pooled = self.pool.take(&url.origin()).await;
            let is_new = pooled.is_none();
            let mut connection = match pooled {
                Some(pooled) => pooled,
                None => match &proxy {
                    Some(proxy) => self.connect_by(proxy, &url).await?,
                    None => self.connect(&url).await?,
                },
            };
            match connection.send(request, max_len).await {
                Ok(response) => {
                    let response = read(response, &connection, max_len).await?;
                    self.pool.put(url.origin(), connection);
                    return Ok(response);
                }
                Err(mut error) => match error.take_message() {
                    // The server closed the pooled connection before anything was sent: try anew.
                    Some(unsent) if !is_new => request = unsent,
                    _ => return Err(broken(error.error(), &connection, max_len)),
                },
            }
        }
    }

    async fn connect(&self, url: &Url) -> Result<Connection, HttpError> {
        let connecting = async {
            let route = Route::Direct(self.guard.addresses(url).await?);
            let opening = Connection::open(url, route, CONNECT_TIMEOUT, self.tls.clone());
            opening.await.map_err(HttpError::Unreachable)
        };
        timeout(CONNECT_TIMEOUT, connecting).await.map_err(|_| HttpError::TimedOut)?
    }

    async fn connect_by(&self, proxy: &Proxy, url: &Url) -> Result<Connection, HttpError> {
        let failed = |reason: String| {
            HttpError::Unreachable(format!("the proxy {}: {reason}", proxy.shown()))
        };
        let connecting = async {
            let lookup = self.guard.addresses_of_proxy(&proxy.url);
            let (admitted, addresses) = join!(self.guard.admit(url), lookup);
            admitted?;
            let addresses = addresses.map_err(|error| failed(error.to_string()))?;
            let route = Route::Proxied(proxy, addresses);
            let opening = Connection::open(url, route, CONNECT_TIMEOUT, self.tls.clone());
            opening.await.map_err(failed)
        };
        let connected = timeout(CONNECT_TIMEOUT, connecting).await;
        connected.map_err(|_| HttpError::ProxyTimedOut(proxy.shown()))?
    }
}

async fn read(
    response: Response<Incoming>,
    connection: &Connection,
    max_len: u64,
) -> Result<Response<Vec<u8>>, HttpError> {
    let (head, body) = response.into_parts();
    if body.size_hint().lower() > max_len {
        return Err(HttpError::TooLarge(max_len));
    }
    let mut body = pin!(body);
    let (mut bytes, mut frames) = (Vec::new(), 0);
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        let frame = frame.map_err(|error| broken(&error, connection, max_len))?;
        frames += 1;
        if frames > MAX_FRAMES {
            return Err(HttpError::WithoutEnd(max_len));
        }
        // Trailers are ignored.
        let Ok(chunk) = frame.into_data() else { continue };
        if (bytes.len() + chunk.len()) as u64 > max_len {
            return Err(HttpError::TooLarge(max_len));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Response::from_parts(head, bytes))
}

/// The error of a broken connection, without the URL: its query may hold secrets.
fn broken(error: &hyper::Error, connection: &Connection, max_len: u64) -> HttpError {
    if connection.is_used_up() || error.is_parse_too_large() {
        HttpError::WithoutEnd(max_len)
    } else {
        HttpError::Unreachable(with_causes(error))
    }
}
