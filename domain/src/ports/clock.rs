//! The time.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::time::Timestamp;

/// The time of day.
pub trait Clock: Send + Sync {
    /// The current time. An adapter MUST NOT fail, and MUST return a time that went backwards as it is:
    /// the domain handles that.
    fn now(&self) -> Timestamp;

    /// Ready when so much time has passed. It MUST NOT depend on the time of day, which may be set.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}
