//! The steps of a listing: what a provider asks for, and what it gets.

use std::time::Duration;

use thiserror::Error;
use url::Url;

use super::Listing;
use crate::identity::TenantId;

/// What a provider wants next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// These, fetched side by side; every one is answered.
    Fetch {
        /// What to fetch.
        requests: Vec<Request>,
        /// How long to wait before: what a reply's `Retry-After` asked for. It counts as time of
        /// the listing.
        wait: Duration,
    },
    /// Nothing more.
    Done(Listing),
}

impl Step {
    /// These requests, at once.
    pub fn fetch(requests: Vec<Request>) -> Self {
        Self::Fetch { requests, wait: Duration::ZERO }
    }
}

/// One request, without its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Comes back on the response.
    pub id: u32,
    /// The verb.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Headers, from the host's allow-list.
    pub headers: Vec<(String, String)>,
    /// The body of a POST.
    pub body: Option<String>,
    /// Which token the host shall put on; `None` for a public address.
    pub credential: Option<Credential>,
}

/// The verbs that listings need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Safe, and may be repeated.
    Get,
    /// Never repeated.
    Post,
}

/// A token, by the grant it is used under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The name of one of the descriptor's grants.
    pub permission: String,
    /// Another tenant than the one signed in to.
    pub tenant: Option<TenantId>,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The request's id.
    pub id: u32,
    /// The cloud's answer, whatever its status, or why there is none.
    pub outcome: Result<Reply, FetchError>,
}

/// A cloud's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, what is not UTF-8 in it replaced.
    pub body: String,
}

/// Why a request brought no answer, as far as a provider may know.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum FetchError {
    /// The request is not covered by the grant it names, or names none that exists.
    #[error("the request is not granted")]
    NotGranted,
    /// There is no token for the grant.
    #[error("there is no token for it")]
    NoToken,
    /// The cloud took too long.
    #[error("the cloud did not answer in time")]
    TimedOut,
    /// The reply is over the host's limit.
    #[error("the reply is too large")]
    TooLarge,
    /// No connection, or it broke; or the reply holds a token and is withheld.
    #[error("the cloud cannot be reached")]
    Unreachable,
    /// The reply carried a token and was not handed over.
    #[error("the reply carried a token")]
    Refused,
    /// The discovery has used up its requests, bytes or time.
    #[error("the budget of the listing is spent")]
    BudgetSpent,
}
