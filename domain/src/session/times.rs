//! When a session began and was used, and when it ends.

use std::time::Duration;

use super::SessionPolicy;
use crate::time::Timestamp;

/// How far in the future the timestamps of a session may be: clocks are set back by a little now and
/// then. A session further ahead was written under a wrong clock, and its age is unknown.
pub(super) const CLOCK_LEEWAY: Duration = Duration::from_secs(60);

const ONE_SECOND: Duration = Duration::from_secs(1);

/// The times on which the end of a session depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTimes {
    /// When it began.
    pub created_at: Timestamp,
    /// The last recorded use.
    pub seen_at: Timestamp,
}

impl SessionTimes {
    /// When it ends if it is not used again.
    pub fn expires_at(&self, policy: &SessionPolicy) -> Timestamp {
        let idle = self.seen_at.plus(policy.idle);
        let max = self.created_at.plus(policy.max);
        idle.min(max)
    }

    /// Whether it is alive at `now`: not expired, and not from the future.
    pub fn is_live(&self, policy: &SessionPolicy, now: Timestamp) -> bool {
        let latest = now.plus(CLOCK_LEEWAY);
        now < self.expires_at(policy) && self.created_at <= latest && self.seen_at <= latest
    }

    /// Whether a use at `now` must be recorded; not if the recorded one is recent enough.
    pub fn is_recording_due(&self, policy: &SessionPolicy, now: Timestamp) -> bool {
        now.since(self.seen_at) >= policy.recording_interval().max(ONE_SECOND)
    }

    /// Whether it has reached a timeout by `now`.
    pub fn is_expired(&self, policy: &SessionPolicy, now: Timestamp) -> bool {
        now >= self.expires_at(policy)
    }
}
