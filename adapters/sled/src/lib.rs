//! An ordered store in sled: the store of one Portico on one machine.
//!
//! All rows are in one tree, so that one batch writes a whole session atomically; `portico-records`
//! decides what the rows contain. One thread writes (`writer`); readers call sled directly (`rows`).
//! `disk_reserve` refuses writes before the disk is full, `ledger` and `mark` detect that sled has
//! recovered another state than was durable, `presence` that the store's files were moved. `opening`
//! opens a store, `set_aside` renames a damaged one.

mod disk_reserve;
mod ledger;
mod mark;
mod opening;
mod presence;
mod rows;
mod set_aside;
mod store;
#[cfg(test)]
mod tests;
mod writer;

pub use self::{
    opening::{OpenError, Options},
    set_aside::set_aside,
    store::SledRecords,
};
