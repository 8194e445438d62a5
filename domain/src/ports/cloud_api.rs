//! The clouds' APIs, as something that can be fetched from.

use std::time::Duration;

use async_trait::async_trait;
use portico_provider_model::{FetchError, Placement, Reply, Request, SecretHeader};

use crate::secret::{AccessToken, ProviderSecret};

/// One request with its token, already held against its grant.
#[derive(Clone, Debug)]
pub struct Fetch<'a> {
    /// What to fetch.
    pub request: &'a Request,
    /// The token, and how it is put on.
    pub token: Option<(&'a AccessToken, &'a Placement)>,
    /// Headers that hold secrets of the operator's, as the grant declares them.
    pub secret_headers: Vec<(&'a SecretHeader, &'a ProviderSecret)>,
    /// Headers beyond those of every request that this one may carry.
    pub request_headers: &'a [String],
    /// How long to wait before the request is sent; part of `within`.
    pub wait: Duration,
    /// How long the answer may take, retries and waits included.
    pub within: Duration,
    /// The longest reply to take, in bytes.
    pub at_most: u64,
}

impl<'a> Fetch<'a> {
    /// The request as it is: without a token, at once.
    pub fn of(request: &'a Request, within: Duration, at_most: u64) -> Self {
        Self {
            request,
            token: None,
            secret_headers: Vec::new(),
            request_headers: &[],
            wait: Duration::ZERO,
            within,
            at_most,
        }
    }
}

/// Why a fetch brought nothing: what the provider may know, and what the log should.
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
    /// Performs the request. A reply of any status is an answer, with all its headers that are
    /// text: which of them a provider gets to read is the domain's to say.
    ///
    /// An adapter MUST NOT follow a redirect, MUST NOT send to plain http but to loopback, MUST
    /// stop reading at `at_most` bytes, and MUST return when `within` has passed. It repeats a GET
    /// that got 429 or 503 at most twice, honouring `Retry-After`, and a POST never.
    async fn fetch<'a>(&self, fetch: Fetch<'a>) -> Result<Reply, FetchFailure>;
}
