//! The open store.

use std::{fs::File, future::Future};

use async_trait::async_trait;
use portico_domain::ports::StoreError;
use portico_records::{Operation, OrderedStore, Rows, VersionCache, Wait};

use crate::{
    rows::{self, SledRows},
    writer::Writer,
};

/// Login attempts and sessions in sled.
///
/// Dropping it writes the operations that are still queued and answers their callers.
#[derive(Debug)]
pub struct SledRecords {
    // Dropped in this order: the writer ends before sled closes, and the lock is released last.
    pub(crate) writer: Writer,
    pub(crate) rows: SledRows,
    pub(crate) new: bool,
    pub(crate) _lock: File,
}

impl SledRecords {
    /// Whether the store was empty when it was opened.
    pub fn is_new(&self) -> bool {
        self.new
    }

    /// Resolves to the reason once the store has failed. Sled does not recover from a failed write, so
    /// the process must end and open the store again.
    pub fn failed(&self) -> impl Future<Output = String> + Send + 'static {
        self.writer.failed()
    }
}

#[async_trait]
impl OrderedStore for SledRecords {
    const MAX_VALUE: usize = rows::MAX_VALUE;

    /// A store that has failed refuses reads as well: what they return may be lost at the next start.
    fn rows(&self) -> Result<&dyn Rows, StoreError> {
        self.writer.check()?;
        Ok(&self.rows)
    }

    async fn write(&self, operation: Operation, wait: Wait) -> Result<(), StoreError> {
        self.writer.write(operation, wait).await
    }

    fn check(&self) -> Result<(), StoreError> {
        self.writer.check_now()
    }

    /// No other process writes: the folder is locked.
    fn versions(&self) -> Option<&VersionCache> {
        Some(&self.rows.versions)
    }
}
