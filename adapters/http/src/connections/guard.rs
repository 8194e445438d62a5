//! What a request holds of its connection while it is answered.

use std::net::IpAddr;

use super::{BusyGuard, keyed_limit::KeyedPermit};

/// Held while a request is answered: its connection counts as busy, and its client's limit has one
/// permit less. A long response holds it until it is sent.
#[derive(Debug)]
pub(crate) struct RequestGuard {
    busy: BusyGuard,
    _client: Option<KeyedPermit<IpAddr>>,
}

impl RequestGuard {
    pub(crate) fn new(busy: BusyGuard, client: Option<KeyedPermit<IpAddr>>) -> Self {
        Self { busy, _client: client }
    }

    /// Closes the connection at once, in the middle of a response if one is being sent.
    pub(crate) fn abort_connection(&self) {
        self.busy.abort_connection();
    }
}
