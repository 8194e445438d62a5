//! Where moments come from.

use crate::time::Timestamp;

/// The time of day.
pub trait Clock: Send + Sync {
    /// Now. An adapter MUST NOT fail; a clock that runs backwards is survived, not hidden.
    fn now(&self) -> Timestamp;
}
