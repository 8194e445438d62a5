//! Spent login attempts in sled.

use async_trait::async_trait;
use portico_domain::{
    epoch::{CurrentEpoch, Epoch},
    login::AttemptKey,
    ports::{AttemptRecords, StoreError},
    time::Timestamp,
};

use crate::{
    SledRecords, layout,
    rows::{Changes, RowError, Rows},
};

#[async_trait]
impl AttemptRecords for SledRecords {
    /// Written once an epoch. Where that fails, on a disk that is short, the epoch before goes on:
    /// its attempts are remembered for longer, and nothing else changes.
    async fn epoch(&self, now: Timestamp) -> Result<Epoch, StoreError> {
        let known = current(self.rows()?)?;
        if let Some(known) = known.filter(|known| known.next(now).is_none()) {
            return Ok(known.epoch);
        }
        let advance = move |rows: &Rows, changes: &mut Changes| {
            let known = current(rows)?;
            let next = known.map_or(Some(CurrentEpoch::first(now)), |known| known.next(now));
            if let Some(next) = next {
                changes.keep(layout::epoch(), layout::epoch_value(&next));
            }
            // Somebody else may have been first.
            Ok(next.or(known))
        };
        match (self.writer.run(advance).await, known) {
            (Ok(Some(current)), _) | (Err(_), Some(current)) => Ok(current.epoch),
            (Ok(None), _) => Ok(CurrentEpoch::first(now).epoch),
            (Err(error), None) => Err(error),
        }
    }

    async fn spend(&self, key: &AttemptKey, epoch: Epoch) -> Result<bool, StoreError> {
        let row = layout::spent(epoch, key);
        // Whoever sends the same answer again and again waits in no queue.
        if self.rows()?.contains(&row).map_err(RowError::from)? {
            return Ok(false);
        }
        let spend = move |rows: &Rows, changes: &mut Changes| {
            let taken = current(rows)?.is_some_and(|current| current.takes(epoch));
            if !taken || rows.contains(&row)? {
                return Ok(false);
            }
            changes.mark(row);
            Ok(true)
        };
        self.writer.run_unflushed(spend).await
    }
}

fn current(rows: &Rows) -> Result<Option<CurrentEpoch>, RowError> {
    Ok(rows.value(&layout::epoch())?.and_then(|value| layout::epoch_of(&value)))
}

/// Forgets spent attempts of epochs that are over, at most `limit`; how many.
pub(crate) fn purge(rows: &Rows, changes: &mut Changes, limit: usize) -> Result<usize, RowError> {
    let Some(current) = current(rows)? else { return Ok(0) };
    let (from, to) = layout::spent_before(current.oldest());
    let mut count = 0;
    for row in rows.keys_in(from..to).take(limit) {
        changes.remove(row?);
        count += 1;
    }
    Ok(count)
}

/// Removes the attempt whose key is `row`, of an earlier Portico, which kept them whole.
pub(crate) fn erase(rows: &Rows, changes: &mut Changes, row: &[u8]) -> Result<(), RowError> {
    if let Some(head) = rows.head(row)? {
        changes.remove(layout::expiry(head.expires_at, row));
        changes.erase(row.to_vec(), Some(&head));
    }
    Ok(())
}
