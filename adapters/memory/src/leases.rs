//! Leases within one process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use async_trait::async_trait;
use portico_domain::ports::{Lease, LeaseKey, Leases, StoreError};
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedMutexGuard},
    time::timeout,
};

/// Leases of the callers in this process: a lock for each key that is held or waited for. They need no
/// renewal, since they end with the process.
#[derive(Clone, Debug, Default)]
pub struct MemoryLeases(Arc<Mutex<Locks>>);

type Locks = HashMap<LeaseKey, Weak<AsyncMutex<()>>>;

impl MemoryLeases {
    fn locks(&self) -> MutexGuard<'_, Locks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock of this key, which others may hold.
    fn lock(&self, key: &LeaseKey) -> Arc<AsyncMutex<()>> {
        let mut locks = self.locks();
        if let Some(lock) = locks.get(key).and_then(Weak::upgrade) {
            return lock;
        }
        let lock = Arc::default();
        locks.insert(*key, Arc::downgrade(&lock));
        lock
    }

    /// Removes the lock of this key if nobody holds it or waits for it.
    fn forget(&self, key: &LeaseKey) {
        let mut locks = self.locks();
        if locks.get(key).is_some_and(|lock| lock.strong_count() == 0) {
            locks.remove(key);
        }
    }

    /// How many keys are held or waited for.
    pub fn count(&self) -> usize {
        self.locks().len()
    }
}

/// A waiting caller, and then the holder.
struct Place {
    leases: MemoryLeases,
    key: LeaseKey,
    /// Dropped before the lock is forgotten.
    lock: Option<Arc<AsyncMutex<()>>>,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        (self.guard, self.lock) = (None, None);
        self.leases.forget(&self.key);
    }
}

#[async_trait]
impl Leases for MemoryLeases {
    async fn acquire(&self, key: &LeaseKey, wait: Duration) -> Result<Option<Lease>, StoreError> {
        let lock = self.lock(key);
        let leases = self.clone();
        let mut place = Place { leases, key: *key, lock: Some(lock.clone()), guard: None };
        // The lock is fair: callers get it in the order in which they asked.
        place.guard = timeout(wait, lock.lock_owned()).await.ok();
        Ok(place.guard.is_some().then(|| Lease::held_by(place)))
    }
}
