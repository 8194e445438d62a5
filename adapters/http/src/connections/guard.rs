//! What a request has of its connection while it is answered.

use std::net::IpAddr;

use super::{Busy, shares::Share};

/// What a request holds while it is answered: its connection, which counts as busy, and its client's
/// share. A long answer holds it until it is sent.
#[derive(Debug)]
pub(crate) struct Held {
    busy: Busy,
    _share: Option<Share<IpAddr>>,
}

impl Held {
    pub(crate) fn new(busy: Busy, share: Option<Share<IpAddr>>) -> Self {
        Self { busy, _share: share }
    }

    /// Ends the connection, and with it what is being sent.
    pub(crate) fn cut(&self) {
        self.busy.cut();
    }
}
