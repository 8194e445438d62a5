//! Sealed records in maps: for trying Portico out, and for tests.
//!
//! Everything is gone when the process ends, so the promise to survive a kill is the one this
//! store cannot keep; every other promise of the ports holds.

mod attempts;
mod records;
mod sessions;

pub use self::records::MemoryRecords;
