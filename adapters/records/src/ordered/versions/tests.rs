use std::{
    cell::{Cell, RefCell},
    ops::Range,
};

use super::*;
use crate::ordered::row::Head;

const ROW: &[u8] = b"row";

/// One row; counts its reads. During the next read it changes to `next`, and the cache forgets it.
#[derive(Default)]
struct OneRow<'a> {
    value: RefCell<Option<Vec<u8>>>,
    reads: Cell<usize>,
    next: Cell<Option<(u64, &'a VersionCache)>>,
}

impl OneRow<'_> {
    fn set(&self, version: u64) {
        let head = Head {
            version: Version(version),
            more: 0,
            expires_at: Some(Timestamp::from_unix_seconds(100)),
            owners: vec![],
            refers: vec![],
            earlier: false,
        };
        *self.value.borrow_mut() = head.to_bytes();
    }
}

impl Rows for OneRow<'_> {
    fn get(&self, _: &[u8]) -> Result<Option<Vec<u8>>, RowError> {
        self.reads.set(self.reads.get() + 1);
        let value = self.value.borrow().clone();
        if let Some((next, versions)) = self.next.take() {
            self.set(next);
            versions.forget(ROW);
        }
        Ok(value)
    }

    fn keys<'a>(
        &'a self,
        _: Range<Vec<u8>>,
    ) -> Box<dyn DoubleEndedIterator<Item = Result<Vec<u8>, RowError>> + 'a> {
        Box::new(std::iter::empty())
    }
}

fn version(versions: &VersionCache, rows: &OneRow<'_>) -> Option<u64> {
    versions.find(rows, ROW).unwrap().map(|found| found.version.0)
}

#[test]
fn version_is_read_once_until_it_is_forgotten() {
    let (versions, rows) = (VersionCache::default(), OneRow::default());
    rows.set(1);
    assert_eq!([(); 3].map(|()| version(&versions, &rows)), [Some(1); 3]);
    assert_eq!(rows.reads.get(), 1);
    rows.set(2);
    versions.forget(ROW);
    assert_eq!([(); 3].map(|()| version(&versions, &rows)), [Some(2); 3]);
    assert_eq!(rows.reads.get(), 2);
}

#[test]
fn version_that_changes_while_it_is_read_is_not_cached() {
    let (versions, rows) = (VersionCache::default(), OneRow::default());
    rows.set(1);
    rows.next.set(Some((2, &versions)));
    assert_eq!(version(&versions, &rows), Some(1));
    assert_eq!(version(&versions, &rows), Some(2));
}

#[test]
fn version_of_a_long_key_is_read_each_time() {
    let (versions, rows) = (VersionCache::default(), OneRow::default());
    rows.set(1);
    let long = [b'r'; MAX_KEY_LEN + 1];
    for reads in 1..=2 {
        assert!(versions.find(&rows, &long).unwrap().is_some());
        assert_eq!(rows.reads.get(), reads);
    }
    versions.forget(&long);
}

#[test]
fn missing_record_is_read_each_time() {
    let (versions, rows) = (VersionCache::default(), OneRow::default());
    assert_eq!(version(&versions, &rows), None);
    rows.set(1);
    assert_eq!(version(&versions, &rows), Some(1));
}

#[test]
fn live_ends_at_the_expiry() {
    let at = Timestamp::from_unix_seconds;
    let until = VersionUntil { version: Version(1), expires_at: Some(at(100)) };
    assert_eq!(until.live(at(99)), Some(Version(1)));
    assert_eq!(until.live(at(100)), None);
    assert_eq!(VersionUntil { expires_at: None, ..until }.live(at(100)), Some(Version(1)));
}
