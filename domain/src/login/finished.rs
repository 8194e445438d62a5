//! A login that succeeded, as its browser remembers it.

use super::pending::is_live;
use crate::{return_to::ReturnTo, time::Timestamp};

/// A login that succeeded, sealed in a cookie of its browser. The back button, a reload or a
/// restored tab sends the same callback again; the browser is then redirected on instead of refused.
///
/// It holds no secret and opens no session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedLogin {
    /// Where the login ended.
    pub return_to: ReturnTo,
    /// Whether the login waited for a choice ([`Undecided`](super::Undecided)).
    pub undecided: bool,
    /// When the attempt would have expired: after this it is ignored.
    pub expires_at: Timestamp,
}

impl FinishedLogin {
    /// Whether it still counts at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        is_live(self.expires_at, now)
    }
}
