//! The time.

use crate::time::Timestamp;

/// The time of day.
pub trait Clock: Send + Sync {
    /// The current time. An adapter MUST NOT fail, and MUST return a time that went backwards as it is:
    /// the domain handles that.
    fn now(&self) -> Timestamp;
}
