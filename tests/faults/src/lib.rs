//! Fault injection: full disks, damaged stores, failing providers, wrong clocks. The tests are in
//! `tests/`; `docs/assurance.md` lists the faults that other crates test, with figures.

mod disk;

pub use self::disk::Disk;
