//! Leases in a set.

use std::{
    collections::HashSet,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::Duration,
};

use async_trait::async_trait;

use crate::ports::{Lease, LeaseKey, Leases, StoreError};

/// Leases in a set. There is no time here: a caller waits for as many polls as there are microseconds.
#[derive(Clone, Debug, Default)]
pub struct FakeLeases(Arc<Mutex<HashSet<LeaseKey>>>);

struct Held(FakeLeases, LeaseKey);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.set().remove(&self.1);
    }
}

impl FakeLeases {
    fn set(&self) -> MutexGuard<'_, HashSet<LeaseKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Leases for FakeLeases {
    async fn acquire(&self, key: &LeaseKey, wait: Duration) -> Result<Option<Lease>, StoreError> {
        let mut polls = 0;
        let acquired = poll_fn(|context| {
            if self.set().insert(*key) {
                return Poll::Ready(true);
            }
            polls += 1;
            if polls > wait.as_micros() {
                return Poll::Ready(false);
            }
            context.waker().wake_by_ref();
            Poll::Pending
        });
        let held = acquired.await.then(|| Held(self.clone(), *key));
        Ok(held.map(Lease::held_by))
    }
}
