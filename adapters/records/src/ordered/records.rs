//! [`Records`] over rows.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use portico_domain::{
    ports::{StoreError, Version},
    time::Timestamp,
};

use super::{
    Changes, OrderedStore, RowError, Rows, Wait, attempts, edit::Edit, layout, read,
    versions::read_version,
};
use crate::contract::{Batch, Committed, Key, Kind, Owned, Owner, Put, Record, Records};

/// Runs an operation and returns its result.
pub(super) async fn run<T: Send + 'static>(
    store: &(impl OrderedStore + ?Sized),
    wait: Wait,
    operation: impl FnOnce(&dyn Rows, &mut Changes) -> Result<T, RowError> + Send + 'static,
) -> Result<T, StoreError> {
    let slot = Arc::new(Mutex::new(None));
    let filled = slot.clone();
    let operation = move |rows: &dyn Rows, changes: &mut Changes| {
        let value = operation(rows, changes)?;
        *filled.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        Ok(())
    };
    store.write(Box::new(operation), wait).await?;
    let value = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    value.ok_or_else(|| StoreError::Unavailable("the store ran no operation".into()))
}

#[async_trait]
impl<S: OrderedStore> Records for S {
    /// Reads do not wait for queued writes. A reader may see a record before it is durable; its writer
    /// has not been answered yet.
    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let Some(found) = read::record(self.rows()?, key.as_bytes())? else { return Ok(None) };
        if found.head.is_live(now) {
            return Ok(Some(Record { value: found.bytes, version: found.head.version }));
        }
        if key.kind() == Kind::Note {
            return Ok(None);
        }
        let key = key.clone();
        let end = move |rows: &dyn Rows, changes: &mut Changes| {
            let mut edit = Edit::new(rows, changes, S::MAX_VALUE);
            // It may have been overwritten since.
            if read::head(rows, key.as_bytes())?.is_some_and(|head| !head.is_live(now)) {
                edit.remove(key.as_bytes())?;
            }
            edit.remove_unreferenced()
        };
        run(self, Wait::Durable, end).await?;
        Ok(None)
    }

    async fn version(&self, key: &Key, now: Timestamp) -> Result<Option<Version>, StoreError> {
        let rows = self.rows()?;
        let found = match self.versions() {
            Some(versions) => versions.find(rows, key.as_bytes())?,
            None => read_version(rows, key.as_bytes())?,
        };
        Ok(found.and_then(|found| found.live(now)))
    }

    async fn commit(&self, batch: Batch) -> Result<Committed, StoreError> {
        let commit = move |rows: &dyn Rows, changes: &mut Changes| {
            commit(Edit::new(rows, changes, S::MAX_VALUE), batch)
        };
        run(self, Wait::Durable, commit).await
    }

    async fn owned_by(&self, owner: &Owner) -> Result<Vec<Owned>, StoreError> {
        let rows = self.rows()?;
        let mut found = Vec::new();
        for entry in rows.keys(layout::owned_by(owner)) {
            let entry = entry.map_err(StoreError::from)?;
            let Some(key) = layout::owned_key(&entry) else { continue };
            let value = rows.get(&entry)?;
            let (place, bytes) =
                value.and_then(|it| layout::owned_of(&it)).unwrap_or((Version(0), None));
            found.push((place.0, key, bytes));
        }
        found.sort_unstable();
        let sized = |(_, key, bytes): (u64, Key, Option<usize>)| {
            let read = || read::bytes(rows, key.as_bytes(), S::MAX_VALUE);
            let bytes = bytes.map_or_else(read, Ok)?;
            Ok(Owned { key, bytes })
        };
        found.into_iter().map(sized).collect()
    }

    async fn expiring_after(
        &self,
        kind: Kind,
        latest: Timestamp,
        limit: usize,
    ) -> Result<Vec<Key>, StoreError> {
        let entries = self.rows()?.keys(layout::expiring_after(latest)).rev();
        let keys = entries.filter_map(|entry| match entry {
            Ok(entry) => Key::from_bytes(layout::expiring(&entry)).map(Ok),
            Err(error) => Some(Err(StoreError::from(error))),
        });
        let of_kind = |key: &Result<Key, _>| key.as_ref().map_or(true, |key| key.kind() == kind);
        keys.filter(of_kind).take(limit).collect()
    }

    async fn purge_expired(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let purge = move |rows: &dyn Rows, changes: &mut Changes| {
            let mut count = attempts::purge(rows, changes, limit)?;
            let mut edit = Edit::new(rows, changes, S::MAX_VALUE);
            for entry in rows.keys(layout::expired_by(now)).take(limit - count) {
                let entry = entry?;
                edit.remove(layout::expiring(&entry))?;
                // Also if the head has no such expiry: a stale entry would be found by every purge.
                edit.changes.remove(entry);
                count += 1;
            }
            edit.remove_unreferenced()?;
            Ok(count)
        };
        run(self, Wait::Durable, purge).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        OrderedStore::check(self)
    }
}

fn live_version(rows: &dyn Rows, key: &Key, now: Timestamp) -> Result<Option<Version>, RowError> {
    Ok(read_version(rows, key.as_bytes())?.and_then(|found| found.live(now)))
}

/// Applies the changes of a batch if its conditions hold.
fn commit(mut edit: Edit<'_>, batch: Batch) -> Result<Committed, RowError> {
    for (key, version) in &batch.require {
        if live_version(edit.rows, key, batch.now)? != *version {
            return Ok(Committed::Conflict);
        }
    }
    if !referenced_dependents_exist(edit.rows, &batch.put)? {
        return Ok(Committed::Conflict);
    }
    let mut removed = 0;
    for key in &batch.remove {
        removed += usize::from(edit.remove(key.as_bytes())?);
    }
    for owner in &batch.remove_owned_by {
        for entry in edit.rows.keys(layout::owned_by(owner)) {
            if let Some(key) = layout::owned_key(&entry?) {
                removed += usize::from(edit.remove(key.as_bytes())?);
            }
        }
    }
    for put in batch.put {
        edit.put(put)?;
    }
    edit.remove_unreferenced()?;
    Ok(Committed::Done { removed })
}

fn referenced_dependents_exist(rows: &dyn Rows, puts: &[Put]) -> Result<bool, RowError> {
    for key in puts.iter().flat_map(|put| &put.refers) {
        if !puts.iter().any(|put| put.key == *key) && rows.get(key.as_bytes())?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}
