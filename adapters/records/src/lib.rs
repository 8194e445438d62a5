//! What a store keeps for Portico: records of bytes, under keys that tell nothing.
//!
//! Who writes a store reads [`Records`] and [`AttemptRecords`]: their MUSTs are all that the seal
//! above relies on, and `portico-contract` tests them. A database with transactions of its own (Redis,
//! PostgreSQL) implements them directly. One that has ordered keys and atomic batches (sled, redb,
//! memory) implements [`OrderedStore`] alone: layout, indexes and rules stand above it, in `ordered`.

mod contract;
mod ordered;
#[cfg(feature = "testing")]
pub mod testing;

pub use self::{
    contract::{AttemptRecords, Batch, Committed, Key, Kind, Owned, Owner, Put, Record, Records},
    ordered::{Changes, Operation, OrderedStore, RowError, Rows, Wait, prefix_end},
};
