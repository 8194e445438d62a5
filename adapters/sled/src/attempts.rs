//! Login attempts in sled.

use async_trait::async_trait;
use portico_domain::{
    login::AttemptKey,
    ports::{AttemptRecords, StoreError},
    time::Timestamp,
};

use crate::{
    SledRecords, layout,
    rows::{About, Changes, RowError, Rows},
};

#[async_trait]
impl AttemptRecords for SledRecords {
    async fn insert(
        &self,
        key: AttemptKey,
        expires_at: Timestamp,
        sealed: Vec<u8>,
    ) -> Result<(), StoreError> {
        let insert = move |rows: &Rows, changes: &mut Changes| {
            let row = layout::attempt(&key);
            erase(rows, changes, &row)?;
            changes.mark(layout::expiry(expires_at, &row));
            changes.write(row, About { generation: 1, expires_at, person: None }, &sealed)
        };
        self.writer.run_unflushed(insert).await
    }

    async fn take(&self, key: &AttemptKey, now: Timestamp) -> Result<Option<Vec<u8>>, StoreError> {
        let row = layout::attempt(key);
        let take = move |rows: &Rows, changes: &mut Changes| {
            let Some(record) = rows.find(&row)? else { return Ok(None) };
            erase(rows, changes, &row)?;
            Ok((now < record.head.expires_at).then_some(record.bytes))
        };
        self.writer.run_unflushed(take).await
    }
}

/// Removes the attempt whose key is `row`, if there is one.
pub(crate) fn erase(rows: &Rows, changes: &mut Changes, row: &[u8]) -> Result<(), RowError> {
    if let Some(head) = rows.head(row)? {
        changes.remove(layout::expiry(head.expires_at, row));
        changes.erase(row.to_vec(), Some(&head));
    }
    Ok(())
}
