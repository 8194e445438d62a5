//! A clock that only tests move.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, pending, ready},
};

use crate::{ports::Clock, time::Timestamp};

/// A clock that only tests move.
#[derive(Debug)]
pub struct FakeClock {
    seconds: AtomicU64,
    sleeps_pass: AtomicBool,
}

impl FakeClock {
    /// A clock that shows `seconds` since the epoch.
    pub fn at(seconds: u64) -> Self {
        Self { seconds: AtomicU64::new(seconds), sleeps_pass: AtomicBool::new(false) }
    }

    /// Has every sleep end at once from now on; before, none ends.
    pub fn let_sleeps_pass(&self) {
        self.sleeps_pass.store(true, Ordering::SeqCst);
    }

    /// Advances it.
    pub fn advance(&self, by: Duration) {
        self.seconds.fetch_add(by.as_secs(), Ordering::SeqCst);
    }

    /// Sets it back.
    pub fn set_back(&self, by: Duration) {
        self.seconds.fetch_sub(by.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.seconds.load(Ordering::SeqCst))
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        match self.sleeps_pass.load(Ordering::SeqCst) {
            true => ready(()).boxed(),
            false => pending().boxed(),
        }
    }
}
