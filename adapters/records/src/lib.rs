//! The contract of a store of records: bytes under keys that reveal nothing.
//!
//! A store implements [`Records`] and [`AttemptRecords`]. The seal relies on their MUSTs only, and
//! `portico-contract` tests them. A database with transactions (Redis, PostgreSQL) implements the traits
//! directly. A store with ordered keys and atomic batches (sled, redb, memory) implements
//! [`OrderedStore`]; `ordered` then provides both traits with layout and indexes.

mod contract;
mod ordered;
#[cfg(feature = "testing")]
pub mod testing;

pub use self::{
    contract::{AttemptRecords, Batch, Committed, Key, Kind, Owned, Owner, Put, Record, Records},
    ordered::{Changes, Operation, OrderedStore, RowError, Rows, VersionCache, Wait, prefix_end},
};
