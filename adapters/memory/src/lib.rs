//! A store of records in memory, for trials and tests.
//!
//! It fulfils the contract of `portico-records` except durability.

mod leases;
mod listing_cache;
mod session_changes;

pub use self::{
    leases::MemoryLeases, listing_cache::MemoryListings, session_changes::MemoryChanges,
};
use std::{
    collections::BTreeMap,
    future::poll_fn,
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use async_trait::async_trait;
use portico_domain::ports::StoreError;
use portico_records::{Changes, Operation, OrderedStore, RowError, Rows, Wait};

/// Rows in a map, behind one lock.
#[derive(Debug, Default)]
pub struct MemoryRecords(Shared);

#[derive(Debug, Default)]
struct Shared(Mutex<Map>);

#[derive(Debug, Default)]
struct Map(BTreeMap<Vec<u8>, Vec<u8>>);

impl Shared {
    /// Locks the map, never across an await. A poisoned lock is harmless: changes are applied only after
    /// the operation has returned.
    fn map(&self) -> MutexGuard<'_, Map> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Keys<'a> = Box<dyn DoubleEndedIterator<Item = Result<Vec<u8>, RowError>> + 'a>;

impl Rows for Map {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, RowError> {
        Ok(self.0.get(key).cloned())
    }

    fn keys<'a>(&'a self, range: Range<Vec<u8>>) -> Keys<'a> {
        Box::new(self.0.range(range).map(|(key, _)| Ok(key.clone())))
    }
}

impl Rows for Shared {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, RowError> {
        self.map().get(key)
    }

    /// A snapshot of the keys: the lock is not held during the iteration.
    fn keys<'a>(&'a self, range: Range<Vec<u8>>) -> Keys<'a> {
        let keys: Vec<_> = self.map().keys(range).collect();
        Box::new(keys.into_iter())
    }
}

/// Lets other tasks run, so that writes of concurrent callers interleave as in a store on disk.
async fn yield_once() {
    let mut has_yielded = false;
    let once = move |context: &mut Context<'_>| {
        if has_yielded {
            return Poll::Ready(());
        }
        has_yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    };
    poll_fn(once).await;
}

#[async_trait]
impl OrderedStore for MemoryRecords {
    const MAX_VALUE: usize = usize::MAX;

    fn rows(&self) -> Result<&dyn Rows, StoreError> {
        Ok(&self.0)
    }

    async fn write(&self, operation: Operation, _: Wait) -> Result<(), StoreError> {
        yield_once().await;
        let mut map = self.0.map();
        let mut changes = Changes::default();
        operation(&*map, &mut changes)?;
        for (key, value) in changes.into_rows() {
            match value {
                Some(value) => drop(map.0.insert(key, value)),
                None => drop(map.0.remove(&key)),
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
