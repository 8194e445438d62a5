//! One request and its answer, over a connection that waits or a new one.

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
    CONNECT, HttpClient, HttpError,
    connection::{Connection, Way, with_causes},
};
use crate::proxy::Proxy;

/// How many pieces a body may come in. Each costs as much as some hundred bytes.
const MAX_PIECES: usize = 16 << 10;

/// Who Portico says it is.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("Portico/", env!("CARGO_PKG_VERSION")));

/// A request, to be sent once.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Whatever it has for credentials or fragment is not sent.
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: Vec::new() }
    }

    /// As it goes over a connection to its origin (RFC 9112 section 3.2.1), or to a proxy that sends
    /// it on (section 3.2.2).
    fn on_the_wire(mut self, by: Option<&Proxy>) -> Result<http::Request<Full<Bytes>>, HttpError> {
        let begin = match by {
            Some(_) => Position::BeforeScheme,
            None => Position::BeforePath,
        };
        let target = &self.url[begin..Position::AfterQuery];
        let unsendable = || HttpError::Unreachable("no such address".into());
        let target: Uri = target.parse().map_err(|_| unsendable())?;
        let authority = &self.url[Position::BeforeHost..Position::AfterPort];
        let host = HeaderValue::from_str(authority).map_err(|_| unsendable())?;
        self.headers.insert(HOST, host);
        self.headers.insert(USER_AGENT, AGENT);
        if let Some(authorization) = by.and_then(|proxy| proxy.authorization.clone()) {
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
        at_most: u64,
    ) -> Result<Response<Vec<u8>>, HttpError> {
        let url = request.url.clone();
        // Before a connection that waits is used, too.
        self.guard.check(&url)?;
        let proxy = self.proxies.of(&url);
        // A tunnel hides the request from the proxy; plain http has none.
        let sends_on = proxy.as_ref().filter(|_| url.scheme() == "http");
        let mut wanted = request.on_the_wire(sends_on)?;
        loop {
            let waiting = self.pool.take(&url.origin()).await;
            let is_new = waiting.is_none();
            let mut connection = match waiting {
                Some(waiting) => waiting,
                None => match &proxy {
                    Some(proxy) => self.connect_by(proxy, &url).await?,
                    None => self.connect(&url).await?,
                },
            };
            match connection.send(wanted, at_most).await {
                Ok(answer) => {
                    let answer = read(answer, &connection, at_most).await?;
                    self.pool.keep(url.origin(), connection);
                    return Ok(answer);
                }
                Err(mut error) => match error.take_message() {
                    // The other side closed it before anything was sent.
                    Some(unsent) if !is_new => wanted = unsent,
                    _ => return Err(broken(error.error(), &connection, at_most)),
                },
            }
        }
    }

    async fn connect(&self, url: &Url) -> Result<Connection, HttpError> {
        let connecting = async {
            let way = Way::Straight(self.guard.addresses(url).await?);
            let opening = Connection::open(url, way, CONNECT, self.tls.clone());
            opening.await.map_err(HttpError::Unreachable)
        };
        timeout(CONNECT, connecting).await.map_err(|_| HttpError::TimedOut)?
    }

    async fn connect_by(&self, proxy: &Proxy, url: &Url) -> Result<Connection, HttpError> {
        let failed =
            |why: String| HttpError::Unreachable(format!("the proxy {}: {why}", proxy.shown()));
        let connecting = async {
            let found = self.guard.addresses_of_proxy(&proxy.url);
            let (admitted, addresses) = join!(self.guard.admit(url), found);
            admitted?;
            let way = Way::By(proxy, addresses.map_err(|error| failed(error.to_string()))?);
            let opening = Connection::open(url, way, CONNECT, self.tls.clone());
            opening.await.map_err(failed)
        };
        let connected = timeout(CONNECT, connecting).await;
        connected.map_err(|_| HttpError::ProxyTimedOut(proxy.shown()))?
    }
}

async fn read(
    answer: Response<Incoming>,
    connection: &Connection,
    at_most: u64,
) -> Result<Response<Vec<u8>>, HttpError> {
    let (head, body) = answer.into_parts();
    if body.size_hint().lower() > at_most {
        return Err(HttpError::TooLarge(at_most));
    }
    let mut body = pin!(body);
    let (mut read, mut pieces) = (Vec::new(), 0);
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        let frame = frame.map_err(|error| broken(&error, connection, at_most))?;
        pieces += 1;
        if pieces > MAX_PIECES {
            return Err(HttpError::WithoutEnd(at_most));
        }
        // Trailers are nothing that anybody asked for.
        let Ok(chunk) = frame.into_data() else { continue };
        if (read.len() + chunk.len()) as u64 > at_most {
            return Err(HttpError::TooLarge(at_most));
        }
        read.extend_from_slice(&chunk);
    }
    Ok(Response::from_parts(head, read))
}

/// The address stays out of the text: a query may hold what a log must not.
fn broken(error: &hyper::Error, connection: &Connection, at_most: u64) -> HttpError {
    if connection.is_used_up() || error.is_parse_too_large() {
        HttpError::WithoutEnd(at_most)
    } else {
        HttpError::Unreachable(with_causes(error))
    }
}
