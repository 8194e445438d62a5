//! The HTTP client: pools connections, bounds time and size, does not follow redirects, blocks
//! private addresses.
//!
//! Callers decide what a status means. The limits cover the whole exchange: the bytes before, around
//! and in a response are counted on the socket, which a client on top of hyper's connections cannot
//! do.

mod connection;
mod exchange;
mod meter;
mod pool;

use std::{sync::Arc, time::Duration};

use http::Response;
use portico_domain::address::may_be_called;
use rustls::ClientConfig;
use thiserror::Error;
use tokio::time::timeout;

pub(crate) use self::exchange::Request;
use self::pool::Pool;
use crate::{
    guard::{Guard, NoAddress, NotPublic},
    names::{NameServers, Names},
    proxy::Proxies,
    tls::{self, TlsError},
};

/// Timeout of connecting, lookup and TLS handshake included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Timeout of a whole exchange, response body included.
pub(crate) const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest response body, in bytes.
pub(crate) const MAX_REPLY_LEN: u64 = 1 << 20;
/// The longest document or token reply, in bytes. Honest ones have a tenth of it; each concurrent
/// login at a hostile provider may hold this much memory.
pub(crate) const MAX_DOCUMENT_LEN: u64 = 256 << 10;
/// Idle timeout of a pooled connection. It is shorter than that of providers: a code is sent once,
/// and would be lost on a connection that the server has just closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// The HTTP client. Clones share its connections.
///
/// It connects to public addresses and to exempt hosts only: an address from a plug-in must not send a
/// token or a request into the operator's network. A name is resolved once; its addresses are
/// checked, and the connection goes to a checked address.
///
/// It connects directly, or through the proxies set by [`through`](Self::through).
#[derive(Clone, Debug)]
pub struct HttpClient {
    guard: Arc<Guard>,
    proxies: Proxies,
    tls: Arc<ClientConfig>,
    pool: Pool,
}

/// Why an HTTP client could not be built.
#[derive(Debug, Error)]
pub enum HttpClientError {
    /// The TLS configuration could not be built.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// The limits of one exchange, capped by [`EXCHANGE_TIMEOUT`] and [`MAX_REPLY_LEN`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    /// Of the response body, in bytes.
    pub(crate) max_len: u64,
}

impl Default for Limits {
    /// The limits of a document or a token reply.
    fn default() -> Self {
        Self { timeout: EXCHANGE_TIMEOUT, max_len: MAX_DOCUMENT_LEN }
    }
}

/// Why an exchange has no response.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum HttpError {
    #[error("no answer in time")]
    TimedOut,
    #[error("the proxy {0} brought no connection about in time")]
    ProxyTimedOut(String),
    #[error("no connection, or it broke: {0}")]
    Unreachable(String),
    #[error("the reply is over {0} bytes")]
    TooLarge(u64),
    #[error("answer_without_end: more came than an answer of {0} bytes may bring with it")]
    WithoutEnd(u64),
    #[error("plain http is spoken with loopback addresses only")]
    PlainHttp,
    #[error(transparent)]
    NotPublic(#[from] NotPublic),
}

impl HttpClient {
    /// A client that trusts the system's certificates and reaches no private address.
    pub fn new() -> Result<Self, HttpClientError> {
        Self::guarded([])
    }

    /// A client that may connect to private and loopback addresses of the `exempt` hosts only. Each is
    /// written as in a URL, with a port or for any port: `10.0.0.1`, `cloud.internal:8443`,
    /// `[::1]`. An entry that is no host is ignored.
    pub fn guarded(exempt: impl IntoIterator<Item = String>) -> Result<Self, HttpClientError> {
        Self::build(tls::system()?, Guard::new(exempt, system_names()))
    }

    /// A client that also trusts these PEM certificates, for private clouds; `exempt` as for
    /// [`guarded`](Self::guarded).
    pub fn trusting(
        pem: &[u8],
        exempt: impl IntoIterator<Item = String>,
    ) -> Result<Self, HttpClientError> {
        Self::build(tls::trusting(pem)?, Guard::new(exempt, system_names()))
    }

    /// Sets the name servers.
    #[must_use]
    pub fn asking(mut self, servers: NameServers) -> Self {
        let guard = Guard::clone(&self.guard).with_names(Arc::new(Names::new(servers)));
        self.guard = Arc::new(guard);
        self
    }

    /// Sets the proxies.
    ///
    /// A proxy may have a private address, since the operator configures it. It is asked to connect to
    /// a host, which is checked like a direct connection if it is an address or resolves here. For
    /// names that only the proxy can resolve, the proxy has to block private addresses.
    #[must_use]
    pub fn through(mut self, proxies: Proxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// Sets the setting that errors about a private address name as the way to exempt a host.
    #[must_use]
    pub fn exempting_by(mut self, setting: impl Into<String>) -> Self {
        self.guard = Arc::new(Guard::clone(&self.guard).with_setting(setting.into()));
        self
    }

    pub(crate) fn build(tls: ClientConfig, guard: Guard) -> Result<Self, HttpClientError> {
        let (guard, tls) = (Arc::new(guard), Arc::new(tls));
        Ok(Self { guard, proxies: Proxies::default(), tls, pool: Pool::new(IDLE_TIMEOUT) })
    }

    /// Sends a request once. A response of any status is `Ok`.
    pub(crate) async fn send(
        &self,
        request: Request,
        limits: Limits,
    ) -> Result<Response<Vec<u8>>, HttpError> {
        if !may_be_called(&request.url) {
            return Err(HttpError::PlainHttp);
        }
        let exchange = self.exchange(request, limits.max_len.min(MAX_REPLY_LEN));
        let result = timeout(limits.timeout.min(EXCHANGE_TIMEOUT), exchange).await;
        result.map_err(|_| HttpError::TimedOut)?
    }
}

fn system_names() -> Arc<Names> {
    Arc::new(Names::new(NameServers::default()))
}

impl From<NoAddress> for HttpError {
    fn from(error: NoAddress) -> Self {
        match error {
            NoAddress::NotPublic(refused) => Self::NotPublic(refused),
            NoAddress::Lookup(why) => Self::Unreachable(why),
        }
    }
}

#[cfg(test)]
mod tests;
