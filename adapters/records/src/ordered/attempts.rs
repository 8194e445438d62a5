//! [`AttemptRecords`] over rows.

use async_trait::async_trait;
use portico_domain::{
    epoch::{CurrentEpoch, Epoch},
    login::AttemptKey,
    ports::StoreError,
    time::Timestamp,
};

use super::{Changes, OrderedStore, RowError, Rows, Wait, layout, records::run};
use crate::contract::AttemptRecords;

#[async_trait]
impl<S: OrderedStore> AttemptRecords for S {
    /// Written once an epoch. If the write fails, for instance without disk space, the current epoch
    /// continues: its spent attempts are kept for longer.
    async fn epoch(&self, now: Timestamp) -> Result<Epoch, StoreError> {
        let known = current(self.rows()?)?;
        if let Some(known) = known.filter(|known| known.next(now).is_none()) {
            return Ok(known.epoch);
        }
        let advance = move |rows: &dyn Rows, changes: &mut Changes| {
            let known = current(rows)?;
            let next = known.map_or(Some(CurrentEpoch::first(now)), |known| known.next(now));
            if let Some(next) = next {
                changes.insert(layout::epoch(), layout::epoch_value(&next));
            }
            // Another caller may have advanced it.
            Ok(next.or(known))
        };
        match (run(self, Wait::Durable, advance).await, known) {
            (Ok(Some(current)), _) | (Err(_), Some(current)) => Ok(current.epoch),
            (Ok(None), _) => Ok(CurrentEpoch::first(now).epoch),
            (Err(error), None) => Err(error),
        }
    }

    async fn spend(&self, key: &AttemptKey, epoch: Epoch) -> Result<bool, StoreError> {
        let row = layout::spent(epoch, key);
        // A repeated callback does not occupy the writer's queue.
        if self.rows()?.get(&row)?.is_some() {
            return Ok(false);
        }
        let spend = move |rows: &dyn Rows, changes: &mut Changes| {
            let taken = current(rows)?.is_some_and(|current| current.takes(epoch));
            if !taken || rows.get(&row)?.is_some() {
                return Ok(false);
            }
            changes.insert(row, vec![]);
            Ok(true)
        };
        run(self, Wait::Seen, spend).await
    }
}

fn current(rows: &dyn Rows) -> Result<Option<CurrentEpoch>, RowError> {
    Ok(rows.get(&layout::epoch())?.and_then(|value| layout::epoch_of(&value)))
}

/// Removes at most `limit` spent attempts of past epochs. Returns their number.
pub(super) fn purge(
    rows: &dyn Rows,
    changes: &mut Changes,
    limit: usize,
) -> Result<usize, RowError> {
    let Some(current) = current(rows)? else { return Ok(0) };
    let mut count = 0;
    for row in rows.keys(layout::spent_before(current.oldest())).take(limit) {
        changes.remove(row?);
        count += 1;
    }
    Ok(count)
}
