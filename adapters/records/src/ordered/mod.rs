//! Records over an ordered store of keys and values.
//!
//! `layout` says what stands under which key, `row` what begins the value of a record's row, `read`
//! puts records together, `edit` collects what a batch changes, `records` and `attempts` are the two
//! contracts over them.

mod attempts;
mod edit;
mod layout;
mod read;
mod records;
pub(crate) mod row;
mod stamp;

use std::{collections::BTreeMap, error::Error, fmt, ops::Range};

use async_trait::async_trait;
use portico_domain::ports::StoreError;

/// Why rows could not be read or changed.
#[derive(Debug)]
pub enum RowError {
    /// The store failed, for this and everything after it.
    Failed(Box<dyn Error + Send + Sync>),
    /// One record cannot be read, or cannot be written.
    Record(StoreError),
}

impl From<RowError> for StoreError {
    fn from(error: RowError) -> Self {
        match error {
            RowError::Failed(error) => Self::Unavailable(error.to_string()),
            RowError::Record(error) => error,
        }
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::Record(error) => error.fmt(f),
        }
    }
}

impl Error for RowError {}

/// The rows of a store, for reading.
pub trait Rows {
    /// The value of this key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, RowError>;

    /// The keys of this range, in their order.
    fn keys<'a>(
        &'a self,
        range: Range<Vec<u8>>,
    ) -> Box<dyn DoubleEndedIterator<Item = Result<Vec<u8>, RowError>> + 'a>;
}

/// What one operation changes: written in one piece, or not at all.
#[derive(Debug, Default)]
pub struct Changes {
    rows: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl Changes {
    /// Writes a row, over what stood there.
    pub fn insert(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.rows.insert(key, Some(value));
    }

    /// Removes a row.
    pub fn remove(&mut self, key: Vec<u8>) {
        self.rows.insert(key, None);
    }

    /// The rows that are written, and those that are removed, for the store that makes the changes.
    pub fn into_rows(self) -> impl Iterator<Item = (Vec<u8>, Option<Vec<u8>>)> {
        self.rows.into_iter()
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether any of it is a row that is written, not only rows that are removed.
    pub fn adds(&self) -> bool {
        self.rows.values().any(Option::is_some)
    }

    fn get(&self, key: &[u8]) -> Option<Option<&[u8]>> {
        self.rows.get(key).map(Option::as_deref)
    }
}

/// Reads rows and collects changes.
pub type Operation = Box<dyn FnOnce(&dyn Rows, &mut Changes) -> Result<(), RowError> + Send>;

/// What the end of a write waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// That it survives a loss of power, and all that was written before it.
    Durable,
    /// That everybody sees it. A kill within a second may undo it, unless a durable write came after.
    Seen,
}

/// A store of ordered keys and values with atomic batches. All of [`crate::Records`] is made of it.
#[async_trait]
pub trait OrderedStore: Send + Sync + 'static {
    /// The longest value that a row may have; a longer record is kept in several rows.
    const MAX_VALUE: usize;

    /// The rows, for reading. A store that has failed gives none.
    fn rows(&self) -> Result<&dyn Rows, StoreError>;

    /// Runs `operation` and makes its changes. A store MUST let no other write come between what the
    /// operation reads and its changes, MUST make all changes or none, and MUST make none where the
    /// operation fails. The operation is run also where the caller stops waiting.
    async fn write(&self, operation: Operation, wait: Wait) -> Result<(), StoreError>;

    /// Whether the store can be used.
    fn check(&self) -> Result<(), StoreError>;
}

/// The end of the range of all keys that begin with `prefix`, whose last byte is not 255.
pub fn prefix_end(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return end;
        }
    }
    vec![u8::MAX; 64]
}
