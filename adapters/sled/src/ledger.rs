//! The ledger: the number of batches that were written, and a digest of all rows.
//!
//! Both are in a row that every batch rewrites atomically with its changes. Sled recovers from a damaged
//! log by silently skipping what it cannot read: removed rows reappear, others are lost. The digest
//! then differs from that of the rows; and if the end of the log is lost, the number is less than that
//! of the [`crate::mark`].

use sha2::{Digest as _, Sha256};
use sled::Tree;
use thiserror::Error;

use crate::mark::{Mark, StoreId};

/// The key of the ledger. It sorts among rows without values, so that the leaf that every batch rewrites
/// is small.
pub(crate) const ROW: u8 = b'm';

/// The XOR of the hashes of all rows: independent of their order, and adding and removing a row are the
/// same operation. It detects damage; it does not resist an attacker who chooses rows.
type RowsDigest = u128;

/// How the rows differ from those that were durable.
#[derive(Debug, Error)]
pub(crate) enum Mismatch {
    #[error("it has rows and no ledger")]
    NoLedger,
    #[error("the format of its ledger is unknown")]
    Format,
    #[error("its rows belong to another store than its mark")]
    OtherStore,
    #[error("it ends with batch {found} although batch {durable} was durable: it is older")]
    Older { found: u64, durable: u64 },
    #[error("its rows are not those that batch {number} left")]
    Rows { number: u64 },
    #[error(transparent)]
    Sled(#[from] sled::Error),
}

/// The state after the last batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ledger {
    store: StoreId,
    /// The number of batches that were written.
    number: u64,
    rows: RowsDigest,
}

const FORMAT: u8 = 1;
const LENGTH: usize = 1 + 16 + 8 + 16;

impl Ledger {
    /// Reads every row of `tree` and compares them with the ledger, and the ledger with the mark.
    ///
    /// A number above the mark's is no damage: a batch is written before the mark, and a batch that
    /// waits for no flush is not marked at once.
    pub(crate) fn verified(tree: &Tree, mark: &Mark) -> Result<Self, Mismatch> {
        let (mut ledger, mut rows) = (None, 0);
        for row in tree {
            let (key, value) = row?;
            if *key == [ROW] {
                ledger = Some(Self::read(&value).ok_or(Mismatch::Format)?);
            } else {
                rows ^= hash(&key, &value);
            }
        }
        let new = Self { store: mark.store, number: 0, rows: 0 };
        let Some(ledger) = ledger.or((rows == 0).then_some(new)) else {
            return Err(Mismatch::NoLedger);
        };
        if ledger.store != mark.store {
            return Err(Mismatch::OtherStore);
        }
        if ledger.number < mark.number {
            return Err(Mismatch::Older { found: ledger.number, durable: mark.number });
        }
        if ledger.rows != rows {
            return Err(Mismatch::Rows { number: ledger.number });
        }
        Ok(ledger)
    }

    /// The number of batches that were written.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Counts another batch.
    pub(crate) fn next(&mut self) {
        self.number += 1;
    }

    /// Adds a row to the digest, or removes it.
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

/// Half of the SHA-256 of a row. The length of the key comes first, so that keys and values with equal
/// concatenations differ.
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
    fn read_returns_the_written_ledger_and_none_for_malformed_values() {
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
    fn digest_depends_on_rows_and_not_on_their_order() {
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
