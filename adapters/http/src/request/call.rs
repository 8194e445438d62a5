//! The request that a handler gets.

use std::sync::{Arc, atomic::AtomicBool};

use warp::http::{HeaderMap, Method};

use super::{RequestHead, query::Query};
use crate::connections::RequestGuard;

/// A request with its body, and the state that the dispatch reads after the handler.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) head: RequestHead,
    /// The segment at the route's `{…}`; empty if the route has none.
    pub(crate) parameter: String,
    /// The raw query, without the question mark.
    pub(crate) query: String,
    /// Within the route's limit; empty if the route takes none.
    pub(crate) body: Vec<u8>,
    /// Whether the response is shown to a person, by the rendering of its route.
    pub(crate) wants_page: bool,
    /// Set if the cookie names an unreadable session: the response then clears the cookie.
    pub(crate) clear_session: AtomicBool,
    /// A long response keeps it until it is sent. `None` in tests.
    pub(crate) guard: Option<Arc<RequestGuard>>,
}

impl Call {
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Whether the response has no body (RFC 9110 section 9.3.2).
    pub(crate) fn head_only(&self) -> bool {
        self.head.method == Method::HEAD
    }

    /// Parses the query.
    pub(crate) fn parameters(&self) -> Result<Query, super::Repeated> {
        Query::parse(&self.query)
    }
}
