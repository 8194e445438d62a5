//! The operating system's wall clock.

use std::time::{Duration, SystemTime};

use futures_util::{FutureExt, future::BoxFuture};
use portico_domain::{ports::Clock, time::Timestamp};

/// The operating system's wall clock, in whole seconds. [`Clock::sleep`] needs a tokio runtime with time.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // A machine without a battery-backed clock may start before 1970. That counts as 1970:
        // sessions and attempts are then not expired, and ID tokens not yet valid.
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Timestamp::from_unix_seconds(since_epoch.unwrap_or_default().as_secs())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        async move { tokio::time::sleep(duration).await }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_clock_is_after_2026_and_does_not_jump() {
        let first = SystemClock.now();
        assert!(first > Timestamp::from_unix_seconds(1_767_225_600), "the clock is before 2026");
        assert!(SystemClock.now().since(first).as_secs() < 60);
    }
}
