//! The clouds' APIs, as something that can be fetched from.

use std::time::Duration;

use async_trait::async_trait;

use crate::{
    provider::{FetchError, Placement, Reply, Request},
    secret::AccessToken,
};

/// One request with its token, already held against its grant.
#[derive(Clone, Debug)]
pub struct Fetch<'a> {
    /// What to fetch.
    pub request: &'a Request,
    /// The token, and how it is put on.
    pub token: Option<(&'a AccessToken, &'a Placement)>,
    /// How long the answer may take, retries and waits included.
    pub within: Duration,
    /// The longest reply to take, in bytes.
    pub at_most: u64,
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
    /// Performs the request. A reply of any status is an answer.
    ///
    /// An adapter MUST NOT follow a redirect, MUST NOT send to plain http but to loopback, MUST
    /// stop reading at `at_most` bytes, and MUST return when `within` has passed. It repeats a GET
    /// that got 429 or 503 at most twice, honouring `Retry-After`, and a POST never.
    async fn fetch<'a>(&self, fetch: Fetch<'a>) -> Result<Reply, FetchFailure>;
}
