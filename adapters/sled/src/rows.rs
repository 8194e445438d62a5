//! Reading rows, and collecting what one operation changes.

use std::{collections::BTreeMap, ops::RangeBounds};

use portico_domain::{identity::PersonKey, ports::StoreError, time::Timestamp};
use sled::{Batch, IVec, Tree};

use crate::{
    layout::{self, Head, PIECE},
    ledger::Ledger,
};

/// Why rows could not be read or changed.
#[derive(Debug)]
pub(crate) enum RowError {
    /// Sled failed.
    Sled(sled::Error),
    /// One record cannot be read, or is too large to be written.
    Record(StoreError),
}

impl From<sled::Error> for RowError {
    fn from(error: sled::Error) -> Self {
        Self::Sled(error)
    }
}

impl From<RowError> for StoreError {
    fn from(error: RowError) -> Self {
        match error {
            RowError::Sled(error) => Self::Unavailable(error.to_string()),
            RowError::Record(error) => error,
        }
    }
}

/// A record and what its row says about it.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) head: Head,
    pub(crate) bytes: Vec<u8>,
}

/// What a record that is to be written says about itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    pub(crate) generation: u64,
    pub(crate) expires_at: Timestamp,
    pub(crate) person: Option<PersonKey>,
}

/// The rows, for reading.
#[derive(Clone, Debug)]
pub(crate) struct Rows(Tree);

impl Rows {
    pub(crate) fn new(tree: Tree) -> Self {
        Self(tree)
    }

    /// The record of a row, whole.
    ///
    /// A write may come between the row and its further pieces. Every write has its own
    /// generation, so a reader then misses a piece and begins again with the new row; where the
    /// row is the same as before, the piece is truly gone.
    pub(crate) fn find(&self, row: &[u8]) -> Result<Option<Record>, RowError> {
        let mut seen = None;
        while let Some(value) = self.0.get(row)? {
            let (head, first) = Head::read(&value).ok_or_else(unknown_format)?;
            if let Some(bytes) = self.assemble(row, &head, first)? {
                return Ok(Some(Record { head, bytes }));
            }
            if seen.replace(head.generation) == Some(head.generation) {
                let message = "a piece of it is missing".to_owned();
                return Err(RowError::Record(StoreError::Unreadable(message)));
            }
        }
        Ok(None)
    }

    fn assemble(
        &self,
        row: &[u8],
        head: &Head,
        first: &[u8],
    ) -> Result<Option<Vec<u8>>, sled::Error> {
        let mut bytes = Vec::with_capacity(first.len() + usize::from(head.more) * PIECE);
        bytes.extend_from_slice(first);
        for index in 0..head.more {
            match self.0.get(layout::chunk(row, head.generation, index))? {
                Some(piece) => bytes.extend_from_slice(&piece),
                None => return Ok(None),
            }
        }
        Ok(Some(bytes))
    }

    /// What a row says about its record; `None` where there is no row or it is of no known format.
    pub(crate) fn head(&self, row: &[u8]) -> Result<Option<Head>, sled::Error> {
        Ok(self.0.get(row)?.and_then(|value| Head::read(&value).map(|(head, _)| head)))
    }

    /// The value of a row that holds no record.
    pub(crate) fn value(&self, row: &[u8]) -> Result<Option<IVec>, sled::Error> {
        self.0.get(row)
    }

    /// Whether there is such a row, of whatever format.
    pub(crate) fn contains(&self, row: &[u8]) -> Result<bool, sled::Error> {
        self.0.contains_key(row)
    }

    /// How many bytes the record of a row takes at most; none where there is no row.
    pub(crate) fn bytes(&self, row: &[u8]) -> Result<usize, sled::Error> {
        let Some(value) = self.0.get(row)? else { return Ok(0) };
        let more = Head::read(&value).map_or(0, |(head, _)| usize::from(head.more));
        Ok(value.len() + more * PIECE)
    }

    /// The rows without records whose keys begin with `prefix`.
    pub(crate) fn values_with(
        &self,
        prefix: &[u8],
    ) -> impl Iterator<Item = Result<(IVec, IVec), sled::Error>> + use<> {
        self.0.scan_prefix(prefix)
    }

    /// The keys that begin with `prefix`.
    pub(crate) fn keys_with(
        &self,
        prefix: &[u8],
    ) -> impl Iterator<Item = Result<IVec, sled::Error>> + use<> {
        self.0.scan_prefix(prefix).keys()
    }

    /// The keys in `range`, in order.
    pub(crate) fn keys_in(
        &self,
        range: impl RangeBounds<Vec<u8>>,
    ) -> impl DoubleEndedIterator<Item = Result<IVec, sled::Error>> {
        self.0.range(range).keys()
    }

    /// Writes the changes in one batch, with the ledger of the state that they make.
    pub(crate) fn apply(&self, changes: Changes, ledger: &mut Ledger) -> Result<(), sled::Error> {
        let mut batch = Batch::default();
        let mut next = *ledger;
        next.next();
        for (key, value) in changes.rows {
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
        batch.insert(&[layout::LEDGER], next.value());
        self.0.apply_batch(batch)?;
        *ledger = next;
        Ok(())
    }
}

fn unknown_format() -> RowError {
    let message = "its row is of a format that this Portico does not know".to_owned();
    RowError::Record(StoreError::Unreadable(message))
}

/// What one operation changes: written in one piece, or not at all.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The rows that are written, and those that are removed.
    rows: BTreeMap<IVec, Option<IVec>>,
    add: bool,
}

impl Changes {
    /// Whether there is anything to write.
    pub(crate) fn any(&self) -> bool {
        !self.rows.is_empty()
    }

    /// Whether any of it is a row that is written, not only rows that are removed.
    pub(crate) fn add(&self) -> bool {
        self.add
    }

    /// Writes a row without a value.
    pub(crate) fn mark(&mut self, row: Vec<u8>) {
        self.insert(row, Vec::new());
    }

    /// Writes a row whose value is no record, over what stood there.
    pub(crate) fn keep(&mut self, row: Vec<u8>, value: Vec<u8>) {
        self.insert(row, value);
    }

    /// Writes a record under the key `row`. What stood there before must have been erased.
    pub(crate) fn write(
        &mut self,
        row: Vec<u8>,
        about: About,
        record: &[u8],
    ) -> Result<(), RowError> {
        let About { generation, expires_at, person } = about;
        let (first, rest) = record.split_at(record.len().min(PIECE - Head::MAX_LEN));
        let more = rest.len().div_ceil(PIECE).try_into().map_err(|_| {
            let message = format!("a record of {} bytes is too large", record.len());
            RowError::Record(StoreError::Unavailable(message))
        })?;
        for (index, piece) in (0..more).zip(rest.chunks(PIECE)) {
            self.insert(layout::chunk(&row, generation, index), piece.to_vec());
        }
        let mut value = Vec::with_capacity(Head::MAX_LEN + first.len());
        Head { generation, more, expires_at, person }.write_to(&mut value);
        value.extend_from_slice(first);
        self.insert(row, value);
        Ok(())
    }

    /// Removes a row and the further pieces that its head tells of.
    pub(crate) fn erase(&mut self, row: Vec<u8>, head: Option<&Head>) {
        if let Some(head) = head {
            for index in 0..head.more {
                self.remove(layout::chunk(&row, head.generation, index));
            }
        }
        self.remove(row);
    }

    pub(crate) fn remove(&mut self, row: impl Into<IVec>) {
        self.rows.insert(row.into(), None);
    }

    fn insert(&mut self, row: Vec<u8>, value: Vec<u8>) {
        self.add = true;
        self.rows.insert(row.into(), Some(value.into()));
    }
}
