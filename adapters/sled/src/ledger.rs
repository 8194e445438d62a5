//! What the store says of itself: how many batches were written to it, and a digest of its rows.
//!
//! Both stand in a row that every batch rewrites, so that they are of the very state that the batch
//! made. Sled recovers from a damaged log by leaving out what it cannot read and says nothing of it:
//! rows that were removed are there again, others are gone. Then the digest is not that of the rows;
//! and where the end of the log is missing, the number is less than that of the [`crate::mark`].

use sha2::{Digest as _, Sha256};
use sled::Tree;
use thiserror::Error;

use crate::mark::Mark;

/// The key of the ledger. It lies among the rows without values, so that the leaf which every batch
/// changes is a small one.
pub(crate) const ROW: u8 = b'm';

/// Names one store: drawn when it is made, in its mark and its ledger.
pub(crate) type StoreId = [u8; 16];

/// The XOR of a hash of each row: independent of their order, and a row is added and taken out in
/// the same way. It is for damage, not against somebody who writes rows of their choice.
type RowsDigest = u128;

/// Why the rows are not those that were made durable.
#[derive(Debug, Error)]
pub(crate) enum Mismatch {
    #[error("it holds rows and has no ledger")]
    NoLedger,
    #[error("its ledger is of no known format")]
    Format,
    #[error("its rows are of another store than its mark")]
    OtherStore,
    #[error("it was written up to batch {found} where batch {durable} was durable: it is older")]
    Older { found: u64, durable: u64 },
    #[error("its rows are not those that batch {number} left")]
    Rows { number: u64 },
    #[error(transparent)]
    Sled(#[from] sled::Error),
}

/// The state that the last batch made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ledger {
    store: StoreId,
    /// How many batches were written.
    number: u64,
    rows: RowsDigest,
}

const FORMAT: u8 = 1;
const LENGTH: usize = 1 + 16 + 8 + 16;

impl Ledger {
    /// Reads every row of `tree`, and holds them against its ledger and that against the mark.
    ///
    /// A number above the mark's is no damage: batches that nobody was answered yet, and those that
    /// wait for no disk, come before the mark that covers them.
    pub(crate) fn verified(tree: &Tree, mark: &Mark) -> Result<Self, Mismatch> {
        let (mut kept, mut rows) = (None, 0);
        for row in tree {
            let (key, value) = row?;
            if *key == [ROW] {
                kept = Some(Self::read(&value).ok_or(Mismatch::Format)?);
            } else {
                rows ^= hash(&key, &value);
            }
        }
        let new = Self { store: mark.store, number: 0, rows: 0 };
        let Some(kept) = kept.or((rows == 0).then_some(new)) else {
            return Err(Mismatch::NoLedger);
        };
        if kept.store != mark.store {
            return Err(Mismatch::OtherStore);
        }
        if kept.number < mark.number {
            return Err(Mismatch::Older { found: kept.number, durable: mark.number });
        }
        if kept.rows != rows {
            return Err(Mismatch::Rows { number: kept.number });
        }
        Ok(kept)
    }

    /// How many batches were written.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Begins another batch.
    pub(crate) fn next(&mut self) {
        self.number += 1;
    }

    /// Counts a row in, or out again.
    pub(crate) fn toggle(&mut self, key: &[u8], value: &[u8]) {
        self.rows ^= hash(key, value);
    }

    /// The value of the ledger's row.
    pub(crate) fn value(&self) -> Vec<u8> {
        let mut value = Vec::with_capacity(LENGTH);
        value.push(FORMAT);
        value.extend_from_slice(&self.store);
        value.extend_from_slice(&self.number.to_be_bytes());
        value.extend_from_slice(&self.rows.to_be_bytes());
        value
    }

    fn read(value: &[u8]) -> Option<Self> {
        let (&FORMAT, rest) = value.split_first()? else { return None };
        let (store, rest) = rest.split_first_chunk()?;
        let (number, rest) = rest.split_first_chunk()?;
        let rows = rest.try_into().ok()?;
        Some(Self {
            store: *store,
            number: u64::from_be_bytes(*number),
            rows: RowsDigest::from_be_bytes(rows),
        })
    }
}

/// Half of the SHA-256 of a row; the length comes first, so that no byte may move from the key to
/// the value.
fn hash(key: &[u8], value: &[u8]) -> RowsDigest {
    let mut hash = Sha256::new();
    hash.update((key.len() as u64).to_be_bytes());
    hash.update(key);
    hash.update(value);
    let hash: [u8; 32] = hash.finalize().into();
    hash.first_chunk().copied().map(RowsDigest::from_be_bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_is_read_as_it_was_written() {
        let mut ledger = Ledger { store: [7; 16], number: 41, rows: 0 };
        ledger.next();
        ledger.toggle(b"key", b"value");
        assert_eq!(Ledger::read(&ledger.value()), Some(ledger));
        assert_eq!(ledger.value().len(), LENGTH);
        for broken in [&b""[..], &[FORMAT], &ledger.value()[..40], &[9; LENGTH]] {
            assert_eq!(Ledger::read(broken), None);
        }
    }

    #[test]
    fn the_digest_is_of_the_rows_whatever_their_order() {
        let digest = |rows: &[(&str, &str)]| {
            let mut ledger = Ledger { store: [7; 16], number: 0, rows: 0 };
            for (key, value) in rows {
                ledger.toggle(key.as_bytes(), value.as_bytes());
            }
            ledger.rows
        };
        assert_eq!(digest(&[("a", "1"), ("b", "2")]), digest(&[("b", "2"), ("a", "1")]));
        assert_eq!(digest(&[("a", "1"), ("b", "2"), ("b", "2")]), digest(&[("a", "1")]));
        assert_ne!(digest(&[("a", "1")]), digest(&[("a", "2")]));
        assert_ne!(digest(&[("ab", "c")]), digest(&[("a", "bc")]));
    }
}
