//! Reads and batches of rows in sled's tree.

use std::{ops::Range, sync::Arc};

use portico_records::{Changes, RowError, Rows, VersionCache};
use sled::{Batch, Tree};

use crate::ledger::{self, Ledger};

/// The longest value of a row, in bytes.
///
/// Sled writes a leaf as one message, and puts a message larger than a quarter of a segment (128 KiB)
/// into a file that it does not sync. A leaf has up to 17 rows before it splits, and 19 after it has
/// merged a small neighbour; 20 rows of this length with their keys fit.
pub(crate) const MAX_VALUE: usize = 6_000;

/// The rows of the one tree, and the versions of records that were read.
#[derive(Clone, Debug)]
pub(crate) struct SledRows {
    tree: Tree,
    pub(crate) versions: Arc<VersionCache>,
}

impl SledRows {
    pub(crate) fn new(tree: Tree) -> Self {
        Self { tree, versions: Arc::default() }
    }

    /// Writes the changes and the updated ledger in one batch.
    pub(crate) fn apply(&self, changes: Changes, ledger: &mut Ledger) -> Result<(), sled::Error> {
        let mut batch = Batch::default();
        let mut next = *ledger;
        next.next();
        let mut changed = Vec::new();
        for (key, value) in changes.into_rows() {
            changed.push(key.clone());
            if let Some(before) = self.tree.get(&key)? {
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
        self.tree.apply_batch(batch)?;
        changed.iter().for_each(|key| self.versions.forget(key));
        *ledger = next;
        Ok(())
    }
}

impl Rows for SledRows {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, RowError> {
        let value = self.tree.get(key).map_err(failed)?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn keys<'a>(
        &'a self,
        range: Range<Vec<u8>>,
    ) -> Box<dyn DoubleEndedIterator<Item = Result<Vec<u8>, RowError>> + 'a> {
        let keys = self.tree.range(range).keys();
        Box::new(keys.map(|key| key.map(|key| key.to_vec()).map_err(failed)))
    }
}

fn failed(error: sled::Error) -> RowError {
    RowError::Failed(error.into())
}
