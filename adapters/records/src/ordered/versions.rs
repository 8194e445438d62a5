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
mod tests;
