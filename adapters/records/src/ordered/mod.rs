//! Records over an ordered store of keys and values.
//!
//! `layout` defines the keys of rows, `row` the head in the value of a record's row. `read` assembles
//! records, `edit` collects the changes of a batch. `records` and `attempts` implement the two traits.

mod attempts;
mod edit;
mod layout;
mod read;
mod records;
pub(crate) mod row;
mod stamp;
mod versions;

use std::{collections::BTreeMap, error::Error, fmt, ops::Range};

use async_trait::async_trait;
use portico_domain::ports::StoreError;

pub use self::versions::VersionCache;

/// Why rows could not be read or changed.
#[derive(Debug)]
pub enum RowError {
    /// The store has failed and cannot be used any more.
    Failed(Box<dyn Error + Send + Sync>),
    /// One record cannot be read or written.
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

/// Read access to the rows of a store.
pub trait Rows {
    /// The value of this key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, RowError>;

    /// The keys of this range in ascending order.
    fn keys<'a>(
        &'a self,
        range: Range<Vec<u8>>,
    ) -> Box<dyn DoubleEndedIterator<Item = Result<Vec<u8>, RowError>> + 'a>;
}

/// The changes of one operation, which are written atomically.
#[derive(Debug, Default)]
pub struct Changes {
    rows: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl Changes {
    /// Inserts or overwrites a row.
    pub fn insert(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.rows.insert(key, Some(value));
    }

    /// Removes a row.
    pub fn remove(&mut self, key: Vec<u8>) {
        self.rows.insert(key, None);
    }

    /// The changed rows; `None` for a removed one.
    pub fn into_rows(self) -> impl Iterator<Item = (Vec<u8>, Option<Vec<u8>>)> {
        self.rows.into_iter()
    }

    /// Whether no row changes.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether a row is inserted or overwritten, not only removed.
    pub fn adds(&self) -> bool {
        self.rows.values().any(Option::is_some)
    }

    fn get(&self, key: &[u8]) -> Option<Option<&[u8]>> {
        self.rows.get(key).map(Option::as_deref)
    }
}

/// Reads rows and collects changes.
pub type Operation = Box<dyn FnOnce(&dyn Rows, &mut Changes) -> Result<(), RowError> + Send>;

/// What the caller of a write waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until the write, and all writes before it, survive a loss of power.
    Durable,
    /// Until the write is visible to readers. A kill within a second may undo it, unless a durable write
    /// follows.
    Seen,
}

/// A store of ordered keys and values with atomic batches; it gets [`crate::Records`] and
/// [`crate::AttemptRecords`] from this module.
#[async_trait]
pub trait OrderedStore: Send + Sync + 'static {
    /// The longest value of a row, in bytes; a longer record is stored in several rows.
    const MAX_VALUE: usize;

    /// Read access to the rows. Fails if the store has failed.
    fn rows(&self) -> Result<&dyn Rows, StoreError>;

    /// Runs `operation` and writes its changes. A store MUST NOT write anything else between the reads
    /// of the operation and its changes, MUST write all changes or none, and MUST write none if the
    /// operation fails. It runs the operation even if the caller stops waiting.
    async fn write(&self, operation: Operation, wait: Wait) -> Result<(), StoreError>;

    /// Fails if the store cannot be used.
    fn check(&self) -> Result<(), StoreError>;

    /// The versions that the store caches. `None` if reading a row is as fast, or others write too.
    fn versions(&self) -> Option<&VersionCache> {
        None
    }
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
