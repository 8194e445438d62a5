//! Background tasks that a test runs.

use std::{
    mem,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures_util::future::BoxFuture;

use crate::ports::{
    BackgroundTasks, EndListing, EndRefresh, ListingKey, ListingLog, RefreshLog, RefreshedAccount,
};

/// Tasks in a queue. Work that somebody waits for is done at once, unless nobody has patience: then it is
/// queued as if its limit had passed.
#[derive(Default)]
pub struct FakeTasks {
    queue: Mutex<Vec<BoxFuture<'static, ()>>>,
    is_impatient: AtomicBool,
}

impl FakeTasks {
    /// Has the limit of all work pass from now on.
    pub fn lose_patience(&self) {
        self.is_impatient.store(true, Ordering::Relaxed);
    }

    /// Does the work in the queue, and what that adds. Returns how many tasks there were.
    pub async fn run_all(&self) -> usize {
        let mut count = 0;
        loop {
            let queued = mem::take(&mut *self.queue());
            if queued.is_empty() {
                return count;
            }
            count += queued.len();
            futures_util::future::join_all(queued).await;
        }
    }

    fn queue(&self) -> std::sync::MutexGuard<'_, Vec<BoxFuture<'static, ()>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl BackgroundTasks for FakeTasks {
    async fn finish(&self, work: BoxFuture<'static, ()>) {
        work.await;
    }

    async fn finish_within(&self, work: BoxFuture<'static, ()>, _: Duration) -> bool {
        if self.is_impatient.load(Ordering::Relaxed) {
            self.start(work);
            return false;
        }
        work.await;
        true
    }

    fn start(&self, work: BoxFuture<'static, ()>) {
        self.queue().push(work);
    }
}

/// A log of nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unlogged;

impl RefreshLog for Unlogged {
    fn begin(&self, _: &RefreshedAccount) -> EndRefresh {
        Box::new(|_| {})
    }
}

impl ListingLog for Unlogged {
    fn begin(&self, _: &ListingKey) -> EndListing {
        Box::new(|_| {})
    }
}
