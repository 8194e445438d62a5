//! HTTP requests to the clouds' APIs.

use std::time::Duration;

use async_trait::async_trait;
use portico_provider_model::{FetchError, Placement, Reply, Request, SecretHeader};

use crate::secret::{AccessToken, ProviderSecret};

/// One request with its token. Its permission was checked before.
#[derive(Clone, Debug)]
pub struct Fetch<'a> {
    /// The request.
    pub request: &'a Request,
    /// The token, and where the request carries it.
    pub token: Option<(&'a AccessToken, &'a Placement)>,
    /// Headers with secrets of the operator, as the permission declares them.
    pub secret_headers: Vec<(&'a SecretHeader, &'a ProviderSecret)>,
    /// The names of further headers that the request may carry.
    pub request_headers: &'a [String],
    /// The delay before the request is sent; part of `timeout`.
    pub wait: Duration,
    /// The timeout, retries and delays included.
    pub timeout: Duration,
    /// The longest accepted response, in bytes.
    pub max_bytes: u64,
}

impl<'a> Fetch<'a> {
    /// A request without a token and without a delay.
    pub fn of(request: &'a Request, timeout: Duration, max_bytes: u64) -> Self {
        Self {
            request,
            token: None,
            secret_headers: Vec::new(),
            request_headers: &[],
            wait: Duration::ZERO,
            timeout,
            max_bytes,
        }
    }
}

/// Why a fetch has no response: an error for the provider, and details for the log.
#[derive(Clone, Debug)]
pub struct FetchFailure {
    /// For the provider.
    pub error: FetchError,
    /// For the log; holds no token.
    pub detail: String,
}

/// The clouds' APIs.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait CloudApi: Send + Sync {
    /// Sends the request. A response of any status is `Ok`, with all headers that are text: the
    /// domain decides which of them a provider may read.
    ///
    /// An adapter MUST NOT follow a redirect, MUST NOT send to plain http but to loopback, MUST
    /// stop reading after `max_bytes`, and MUST return when `timeout` has passed. It repeats a GET
    /// that got 429 or 503 at most twice, honouring `Retry-After`, and a POST never.
    async fn fetch<'a>(&self, fetch: Fetch<'a>) -> Result<Reply, FetchFailure>;
}
