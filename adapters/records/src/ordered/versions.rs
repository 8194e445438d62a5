//! A cache of the versions of records, for a store in which no other process writes.

use portico_domain::{ports::Version, time::Timestamp};
use quick_cache::sync::{Cache, GuardResult};

use super::{RowError, Rows, read};

/// The most cached versions, some 100 bytes each.
const MAX_VERSIONS: usize = 1 << 17;

/// The longest key of a cached row, in bytes. That of a session has 33.
const MAX_KEY_LEN: usize = 39;

/// The versions of records that were asked for.
///
/// A store that has one MUST call [`VersionCache::forget`] for each changed row once the change is
/// visible to readers and before its caller is answered. So whoever asks after a change sees it.
#[derive(Debug)]
pub struct VersionCache(Cache<RowKey, VersionUntil>);

/// The key of a row in the entry itself: one that is elsewhere costs a further access to memory that
/// is in no processor cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct RowKey {
    len: u8,
    bytes: [u8; MAX_KEY_LEN],
}

impl RowKey {
    /// `None` if the key is longer than [`MAX_KEY_LEN`].
    fn of(row: &[u8]) -> Option<Self> {
        let mut bytes = [0; MAX_KEY_LEN];
        bytes.get_mut(..row.len())?.copy_from_slice(row);
        Some(Self { len: row.len() as u8, bytes })
    }
}

/// The version of a record, and when the record expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct VersionUntil {
    pub(super) version: Version,
    pub(super) expires_at: Option<Timestamp>,
}

impl Default for VersionCache {
    fn default() -> Self {
        Self(Cache::new(MAX_VERSIONS))
    }
}

impl VersionCache {
    /// The version of the record of this row, cached or read.
    pub(super) fn find(
        &self,
        rows: &dyn Rows,
        row: &[u8],
    ) -> Result<Option<VersionUntil>, RowError> {
        let Some(key) = RowKey::of(row) else { return read_version(rows, row) };
        match self.0.get_value_or_guard(&key, None) {
            GuardResult::Value(found) => Ok(Some(found)),
            GuardResult::Guard(guard) => {
                let found = read_version(rows, row)?;
                if let Some(found) = found {
                    // Not cached if the row was forgotten since the read began.
                    let _ = guard.insert(found);
                }
                Ok(found)
            }
            GuardResult::Timeout => read_version(rows, row),
        }
    }

    /// Removes the version of the record of this row, if the row is one of a record.
    pub fn forget(&self, row: &[u8]) {
        if let Some(key) = RowKey::of(row) {
            self.0.remove(&key);
        }
    }
}

/// Reads the version of the record of this row.
pub(super) fn read_version(rows: &dyn Rows, row: &[u8]) -> Result<Option<VersionUntil>, RowError> {
    let head = read::head(rows, row)?;
    Ok(head.map(|head| VersionUntil { version: head.version, expires_at: head.expires_at }))
}

impl VersionUntil {
    /// The version, unless the record has expired at `now`.
    pub(super) fn live(self, now: Timestamp) -> Option<Version> {
        self.expires_at.is_none_or(|end| now < end).then_some(self.version)
    }
}

#[cfg(test)]
mod tests {
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
                owner: None,
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
}
