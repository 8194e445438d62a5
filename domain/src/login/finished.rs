//! A login that succeeded, for the browser that meets its answer again.

use super::is_live;
use crate::{return_to::ReturnTo, time::Timestamp};

/// A login that succeeded, as its browser remembers it: with the back button, a reload or a restored
/// tab the same answer comes once more, and the browser goes on instead of being turned away.
///
/// It holds no secret and gives no session: without a session that lives it is worth nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedLogin {
    /// Where the login ended.
    pub return_to: ReturnTo,
    /// Whether the person was asked what shall become of it.
    pub undecided: bool,
    /// When the attempt would have expired: after this it is forgotten.
    pub expires_at: Timestamp,
}

impl FinishedLogin {
    /// Whether it is remembered at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        is_live(self.expires_at, now)
    }
}
