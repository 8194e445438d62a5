//! The one HTTP client: pooled, bounded in time and size, deaf to redirects, kept from private
//! addresses.
//!
//! It knows no OAuth and no cloud; what a status means is for its callers.

use std::{error::Error, sync::Arc, time::Duration};

use http::Response;
use portico_domain::address::may_be_called;
use reqwest::{Client, Request, redirect, retry};
use rustls::ClientConfig;
use thiserror::Error;
use tokio::time::timeout;

use crate::{
    guard::{Guard, NotPublic},
    tls::{self, TlsError},
};

/// How long a connection may take, TLS included.
const CONNECT: Duration = Duration::from_secs(2);
/// How long an answer may take in all, its body included.
pub(crate) const WHOLE: Duration = Duration::from_secs(10);
/// The longest reply that is read, in bytes.
pub(crate) const LONGEST_REPLY: u64 = 1 << 20;
/// The longest document or token reply. Whoever is honest sends a tenth of it, and every login of
/// a provider that is not may hold as much memory at the same time.
pub(crate) const LONGEST_DOCUMENT: u64 = 256 << 10;
/// Shorter than providers keep theirs: a code goes out once, and a connection that the other side
/// has just closed would lose it.
const IDLE: Duration = Duration::from_secs(30);

/// The one HTTP client. Clones share its connections.
///
/// It connects to the public internet and to the hosts that it was told of: a plug-in's address
/// must not bring a token or a request into the operator's own network. What is checked is the
/// address that a name resolves to, and the connection goes to that very address.
///
/// It goes straight to where it is sent: a proxy named by a stray environment variable would see
/// whom Portico talks to, and over plain http the tokens too.
#[derive(Clone, Debug)]
pub struct HttpClient {
    client: Client,
    guard: Arc<Guard>,
}

/// Why there is no HTTP client.
#[derive(Debug, Error)]
pub enum HttpClientError {
    /// There is no TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The client cannot be built.
    #[error("the HTTP client cannot be built")]
    Build(#[source] reqwest::Error),
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
        Self { within: WHOLE, at_most: LONGEST_DOCUMENT }
    }
}

/// Why an exchange brought no answer.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum HttpError {
    #[error("no answer in time")]
    TimedOut,
    #[error("no connection, or it broke: {0}")]
    Unreachable(String),
    #[error("the reply is over {0} bytes")]
    TooLarge(u64),
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
    /// that the operator named. Each is spelled as in a URL, without a port: `cloud.internal`,
    /// `10.0.0.1`, `[::1]`. A text that is no host exempts nothing.
    pub fn guarded(exempt: impl IntoIterator<Item = String>) -> Result<Self, HttpClientError> {
        Self::build(tls::system()?, Guard::new(exempt))
    }

    /// A client that also trusts these PEM certificates, for private clouds; `exempt` as for
    /// [`guarded`](Self::guarded).
    pub fn trusting(
        pem: &[u8],
        exempt: impl IntoIterator<Item = String>,
    ) -> Result<Self, HttpClientError> {
        Self::build(tls::trusting(pem)?, Guard::new(exempt))
    }

    pub(crate) fn build(tls: ClientConfig, guard: Guard) -> Result<Self, HttpClientError> {
        let guard = Arc::new(guard);
        Client::builder()
            .user_agent(concat!("Portico/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .dns_resolver(guard.clone())
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(64)
            .tls_backend_preconfigured(tls)
            .build()
            .map(|client| Self { client, guard })
            .map_err(HttpClientError::Build)
    }

    /// Sends a request once. An answer of any status is an answer.
    pub(crate) async fn send(
        &self,
        request: Request,
        limits: Limits,
    ) -> Result<Response<Vec<u8>>, HttpError> {
        if !may_be_called(request.url()) {
            return Err(HttpError::PlainHttp);
        }
        self.guard.check(request.url())?;
        let exchange = self.exchange(request, limits.at_most.min(LONGEST_REPLY));
        timeout(limits.within.min(WHOLE), exchange).await.map_err(|_| HttpError::TimedOut)?
    }

    async fn exchange(
        &self,
        request: Request,
        at_most: u64,
    ) -> Result<Response<Vec<u8>>, HttpError> {
        let mut answer = self.client.execute(request).await.map_err(failed)?;
        if answer.content_length().is_some_and(|length| length > at_most) {
            return Err(HttpError::TooLarge(at_most));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if (body.len() + chunk.len()) as u64 > at_most {
                return Err(HttpError::TooLarge(at_most));
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

fn failed(error: reqwest::Error) -> HttpError {
    if error.is_timeout() {
        return HttpError::TimedOut;
    }
    // The address stays out of the text: a query may hold what a log must not.
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(refused) = cause.downcast_ref::<NotPublic>() {
            return refused.clone().into();
        }
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    HttpError::Unreachable(text)
}

#[cfg(test)]
mod tests;
