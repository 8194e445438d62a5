//! The rows in sled.

use std::ops::Range;

use portico_records::{Changes, RowError, Rows};
use sled::{Batch, Tree};

use crate::ledger::{self, Ledger};

/// The longest value of a row.
///
/// Sled writes a leaf of its tree as one message, and puts a message above a quarter of a segment,
/// 128 KiB, into a file that it does not sync. A leaf has up to 17 rows before it splits, and 19
/// where it has just swallowed a small neighbour: 20 rows of this length and their keys still fit.
pub(crate) const MAX_VALUE: usize = 6_000;

/// The rows of the one tree.
#[derive(Clone, Debug)]
pub(crate) struct SledRows(Tree);

impl SledRows {
    pub(crate) fn new(tree: Tree) -> Self {
        Self(tree)
    }

    /// Writes the changes in one batch, with the ledger of the state that they make.
    pub(crate) fn apply(&self, changes: Changes, ledger: &mut Ledger) -> Result<(), sled::Error> {
        let mut batch = Batch::default();
        let mut next = *ledger;
        next.next();
        for (key, value) in changes.into_rows() {
            if let Some(before) = self.0.get(&key)? {
                next.toggle(&key, &before);
            }
            match value {
                Some(value) => {
                    next.toggle(&key, &value);
                    batch.insert(key, value);
                }
                None => batch.remove(key),
            }
        }
        batch.insert(&[ledger::ROW], next.value());
        self.0.apply_batch(batch)?;
        *ledger = next;
        Ok(())
    }
}

impl Rows for SledRows {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, RowError> {
        let value = self.0.get(key).map_err(failed)?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn keys<'a>(
        &'a self,
        range: Range<Vec<u8>>,
    ) -> Box<dyn DoubleEndedIterator<Item = Result<Vec<u8>, RowError>> + 'a> {
        let keys = self.0.range(range).keys();
        Box::new(keys.map(|key| key.map(|key| key.to_vec()).map_err(failed)))
    }
}

fn failed(error: sled::Error) -> RowError {
    RowError::Failed(error.into())
}
