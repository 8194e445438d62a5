//! A request as a handler gets it.

use std::sync::{Arc, atomic::AtomicBool};

use warp::http::{HeaderMap, Method};

use super::{RequestHead, query::Query};
use crate::connections::Held;

/// A request on its way through one handler.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) head: RequestHead,
    /// What stands at the route's `{…}`; empty where its path has none.
    pub(crate) parameter: String,
    /// As it was sent, without the question mark.
    pub(crate) query: String,
    /// Whole, and within the route's limit; empty where the route takes none.
    pub(crate) body: Vec<u8>,
    /// Whether a person waits for the answer, as the route's rendering decides.
    pub(crate) wants_page: bool,
    /// Whether the cookie names a session that cannot be read: the answer takes it back.
    pub(crate) unreadable: AtomicBool,
    /// What the request holds of its connection, which a long answer keeps until it is sent.
    pub(crate) held: Option<Arc<Held>>,
}

impl Call {
    /// The headers.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Whether only the head of the answer is wanted (RFC 9110 section 9.3.2).
    pub(crate) fn head_only(&self) -> bool {
        self.head.method == Method::HEAD
    }

    /// The query's parameters.
    pub(crate) fn parameters(&self) -> Result<Query, super::Repeated> {
        Query::parse(&self.query)
    }
}
