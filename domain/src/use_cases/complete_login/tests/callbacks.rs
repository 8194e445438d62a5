//! Callbacks of the tests, and their results.

use super::*;

/// A login that led to a session.
#[derive(Debug)]
pub(super) struct LoggedIn {
    pub(super) session: SessionId,
    pub(super) return_to: ReturnTo,
    pub(super) incidents: Vec<Incident>,
}

impl World {
    /// A callback of the latest attempt, from its browser.
    pub(super) fn callback_request(&self, response: AuthorizationResponse) -> CallbackRequest {
        CallbackRequest {
            provider: samples::azure(),
            attempt: self.opened().unwrap(),
            callback: Callback { iss: None, response },
            session: None,
            browser_id: None,
            client: None,
            decision: None,
        }
    }
}
