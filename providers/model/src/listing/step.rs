//! The steps of a listing, with its requests and responses.

use std::time::Duration;

use thiserror::Error;
use url::Url;

use super::{Listing, TokenRefusal};
use crate::identity::TenantId;

/// The next step of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send these requests at the same time. Each gets a response.
    Fetch {
        /// The requests.
        requests: Vec<Request>,
        /// How long to wait before they are sent, such as the `Retry-After` of a reply. It counts
        /// towards the time of the listing.
        wait: Duration,
    },
    /// The listing has ended.
    Done(Listing),
}

impl Step {
    /// Send these requests without a wait.
    pub fn fetch(requests: Vec<Request>) -> Self {
        Self::Fetch { requests, wait: Duration::ZERO }
    }
}

/// One request, without its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Identifies the response.
    pub id: u32,
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: Url,
    /// Headers of the host's allow-list or of the permission.
    pub headers: Vec<(String, String)>,
    /// The body of a POST.
    pub body: Option<String>,
    /// The token that the host adds; `None` for a public address.
    pub credential: Option<Credential>,
}

/// The HTTP methods that a request may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Safe, and may be repeated.
    Get,
    /// Never repeated.
    Post,
}

/// The token of a request, by the permission that allows its use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The name of one of the descriptor's permissions.
    pub permission: String,
    /// The token's tenant, if not the one signed in to. A token of the signed-in person in another
    /// tenant needs a [`Capability`](crate::Capability) of the kind
    /// [`TENANTS`](crate::Capability::TENANTS) with the permission's name.
    pub tenant: Option<TenantId>,
}

/// The result of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The request's id.
    pub id: u32,
    /// The cloud's reply, whatever its status, or why there is none.
    pub outcome: Result<Reply, FetchError>,
}

/// An HTTP response of a cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Headers with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body. Bytes that are not UTF-8 are replaced by U+FFFD.
    pub body: String,
}

/// Why there is no reply to a request, as far as a provider may know.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum FetchError {
    /// The permission that the request names does not cover it or does not exist.
    #[error("the request is not granted")]
    NotGranted,
    /// There is no token for the permission.
    #[error("there is no token for it")]
    NoToken,
    /// The identity provider of the named tenant refused a token of the signed-in person.
    #[error("the tenant refused a token ({})", .0.error)]
    TokenRefused(Box<TokenRefusal>),
    /// The cloud did not reply in time.
    #[error("the cloud did not answer in time")]
    TimedOut,
    /// The reply is larger than the host's limit.
    #[error("the reply is too large")]
    TooLarge,
    /// The connection failed.
    #[error("the cloud cannot be reached")]
    Unreachable,
    /// The reply contains a token of the listing and is withheld.
    #[error("the reply carried a token")]
    Refused,
    /// The listing has used up its requests, bytes or time.
    #[error("the budget of the listing is spent")]
    BudgetSpent,
}
