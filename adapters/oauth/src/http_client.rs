//! The one HTTP client: pooled, bounded in time and size, deaf to redirects, kept from private
//! addresses.
//!
//! It knows no OAuth and no cloud; what a status means is for its callers. The bounds are of the
//! whole exchange: what comes before an answer, around it and in it is counted on the wire, which
//! no client above hyper's connections can do.

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

/// How long a connection may take, TLS included.
const CONNECT: Duration = Duration::from_secs(2);
/// How long an answer may take in all, its body included.
pub(crate) const WHOLE: Duration = Duration::from_secs(10);
/// The longest reply that is read, in bytes.
pub(crate) const MAX_REPLY_LEN: u64 = 1 << 20;
/// The longest document or token reply. Whoever is honest sends a tenth of it, and every login of
/// a provider that is not may hold as much memory at the same time.
pub(crate) const MAX_DOCUMENT_LEN: u64 = 256 << 10;
/// Shorter than providers keep theirs: a code goes out once, and a connection that the other side
/// has just closed would lose it.
const IDLE: Duration = Duration::from_secs(30);

/// The one HTTP client. Clones share its connections.
///
/// It connects to the public internet and to the hosts that it was told of: a plug-in's address
/// must not bring a token or a request into the operator's own network. What is checked is the
/// address that a name resolves to, and the connection goes to that very address.
///
/// It goes straight to where it is sent, or by the proxies that it was told of
/// ([`through`](Self::through)).
#[derive(Clone, Debug)]
pub struct HttpClient {
    guard: Arc<Guard>,
    proxies: Proxies,
    tls: Arc<ClientConfig>,
    pool: Pool,
}

/// Why there is no HTTP client.
#[derive(Debug, Error)]
pub enum HttpClientError {
    /// There is no TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// What one exchange may cost; never more than the client's own limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) within: Duration,
    pub(crate) at_most: u64,
}

impl Default for Limits {
    /// Those of a document or a token reply.
    fn default() -> Self {
        Self { within: WHOLE, at_most: MAX_DOCUMENT_LEN }
    }
}

/// Why an exchange brought no answer.
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

    /// A client that reaches private addresses, loopback ones too, at these hosts alone: those
    /// that the operator named. Each is spelled as in a URL, with its port or for any: `10.0.0.1`,
    /// `cloud.internal:8443`, `[::1]`. A text that is no host exempts nothing.
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

    /// The same client, asking these name servers.
    #[must_use]
    pub fn asking(mut self, servers: NameServers) -> Self {
        let guard = Guard::clone(&self.guard).with_names(Arc::new(Names::new(servers)));
        self.guard = Arc::new(guard);
        self
    }

    /// The same client, reaching what is not exempt from it by these proxies.
    ///
    /// A proxy may be anywhere, as the operator named it. It connects to hosts and not to addresses:
    /// one that is an address, or that a lookup here leads to one, is held against the rules above.
    /// What only the proxy can look up is for the proxy to keep from private addresses.
    #[must_use]
    pub fn through(mut self, proxies: Proxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// The same client, whose refusals of a private address say that this setting exempts hosts.
    #[must_use]
    pub fn exempting_by(mut self, setting: impl Into<String>) -> Self {
        self.guard = Arc::new(Guard::clone(&self.guard).with_setting(setting.into()));
        self
    }

    pub(crate) fn build(tls: ClientConfig, guard: Guard) -> Result<Self, HttpClientError> {
        let (guard, tls) = (Arc::new(guard), Arc::new(tls));
        Ok(Self { guard, proxies: Proxies::default(), tls, pool: Pool::new(IDLE) })
    }

    /// Sends a request once. An answer of any status is an answer.
    pub(crate) async fn send(
        &self,
        request: Request,
        limits: Limits,
    ) -> Result<Response<Vec<u8>>, HttpError> {
        if !may_be_called(&request.url) {
            return Err(HttpError::PlainHttp);
        }
        let exchange = self.exchange(request, limits.at_most.min(MAX_REPLY_LEN));
        timeout(limits.within.min(WHOLE), exchange).await.map_err(|_| HttpError::TimedOut)?
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
