//! What Portico stands on gives way: disks that fill, providers that fail in every way. The tests
//! are in `tests/`; `docs/assurance.md` says where the other faults are tried, and their figures.
#![allow(clippy::unwrap_used, reason = "a harness that cannot go on fails the test that uses it")]

mod disk;

pub use self::disk::Disk;
