//! Sealed records in sled: the store of one Portico on one machine.
//!
//! Everything is in one tree, so that one batch holds all there is of a session and no kill can
//! tear it. One thread writes (`writer`); reads go to sled from whoever asks. `layout` says
//! what stands under which key, `rows` reads and changes it, `room` keeps the disk from running
//! full, `ledger` and `mark` tell when sled brings back another state than was durable, `presence`
//! when its files are gone from where they were, `opening` and `set_aside` are for before and after
//! the store's life.

mod attempts;
mod disk_reserve;
mod layout;
mod ledger;
mod mark;
mod marks;
mod opening;
mod persons;
mod presence;
mod rows;
mod sessions;
mod set_aside;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(test)]
mod tests;
mod writer;

use std::{fs::File, future::Future};

use portico_domain::ports::StoreError;

pub use self::{
    opening::{OpenError, Options},
    set_aside::set_aside,
};
use self::{rows::Rows, writer::Writer};

/// Login attempts and sessions in sled.
///
/// Dropping it writes what is still waiting; whoever waits for an answer then gets one.
#[derive(Debug)]
pub struct SledRecords {
    // In this order: the writer ends before sled closes, and both before the folder is free.
    writer: Writer,
    rows: Rows,
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

    /// What every call begins with: a store that failed answers nothing any more, not even reads,
    /// since what they would see may be gone after the next start.
    fn rows(&self) -> Result<&Rows, StoreError> {
        self.writer.check()?;
        Ok(&self.rows)
    }
}
