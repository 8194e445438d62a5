//! Sealed records in sled: the store of one Portico on one machine.
//!
//! Everything is in one tree, so that one batch holds all there is of a session and no kill can
//! tear it. What stands in the rows is `portico-records`' affair; this crate keeps them. One thread
//! writes (`writer`); reads go to sled from whoever asks (`rows`). `disk_reserve` keeps the disk from
//! running full, `ledger` and `mark` tell when sled brings back another state than was durable,
//! `presence` when its files are gone from where they were, `opening` and `set_aside` are for before
//! and after the store's life.

mod disk_reserve;
mod ledger;
mod mark;
mod opening;
mod presence;
mod rows;
mod set_aside;
#[cfg(test)]
mod tests;
mod writer;

use std::{fs::File, future::Future};

use async_trait::async_trait;
use portico_domain::ports::StoreError;
use portico_records::{Operation, OrderedStore, Rows, Wait};

pub use self::{
    opening::{OpenError, Options},
    set_aside::set_aside,
};
use self::{rows::SledRows, writer::Writer};

/// Login attempts and sessions in sled.
///
/// Dropping it writes what is still waiting; whoever waits for an answer then gets one.
#[derive(Debug)]
pub struct SledRecords {
    // In this order: the writer ends before sled closes, and both before the folder is free.
    writer: Writer,
    rows: SledRows,
    new: bool,
    _lock: File,
}

impl SledRecords {
    /// Whether nothing was ever written to it before it was opened.
    pub fn is_new(&self) -> bool {
        self.new
    }

    /// Ends when the store has failed, with the reason. Sled does not recover from a write that
    /// went wrong, so the process must end and open the store anew.
    pub fn failed(&self) -> impl Future<Output = String> + Send + 'static {
        self.writer.failed()
    }
}

#[async_trait]
impl OrderedStore for SledRecords {
    const MAX_VALUE: usize = rows::MAX_VALUE;

    /// A store that failed answers nothing any more, not even reads, since what they would see may be
    /// gone after the next start.
    fn rows(&self) -> Result<&dyn Rows, StoreError> {
        self.writer.check()?;
        Ok(&self.rows)
    }

    async fn write(&self, operation: Operation, wait: Wait) -> Result<(), StoreError> {
        self.writer.write(operation, wait).await
    }

    fn check(&self) -> Result<(), StoreError> {
        self.writer.look()
    }
}
