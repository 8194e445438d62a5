//! Assembles records from rows.

use portico_domain::ports::StoreError;

use super::{RowError, Rows, layout, row::Head};

/// A record and its head.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) head: Head,
    pub(super) bytes: Vec<u8>,
}

/// Reads the record of a row with all its pieces.
///
/// A write may happen between the reads of the row and of its pieces. Each write has a version of its
/// own, so the reader then misses a piece and starts again; if the row has not changed, the piece is
/// lost.
pub(super) fn record(rows: &dyn Rows, row: &[u8]) -> Result<Option<Found>, RowError> {
    let mut previous_version = None;
    while let Some(mut value) = rows.get(row)? {
        let (head, first) = Head::read(&value).ok_or_else(|| unreadable(UNKNOWN_FORMAT))?;
        let begin = value.len() - first.len();
        value.drain(..begin);
        if let Some(bytes) = assemble(rows, row, &head, value)? {
            return Ok(Some(Found { head, bytes }));
        }
        if previous_version.replace(head.version) == Some(head.version) {
            return Err(unreadable("a piece of it is missing"));
        }
    }
    Ok(None)
}

const UNKNOWN_FORMAT: &str = "the format of its row is unknown to this version of Portico";

fn unreadable(why: &str) -> RowError {
    RowError::Record(StoreError::Unreadable(why.to_owned()))
}

fn assemble(
    rows: &dyn Rows,
    row: &[u8],
    head: &Head,
    mut bytes: Vec<u8>,
) -> Result<Option<Vec<u8>>, RowError> {
    for index in 0..head.more {
        match rows.get(&layout::piece(row, head.version, index))? {
            Some(piece) => bytes.extend_from_slice(&piece),
            None => return Ok(None),
        }
    }
    Ok(Some(bytes))
}

/// The head of a row; `None` if the row does not exist or its format is unknown.
pub(super) fn head(rows: &dyn Rows, row: &[u8]) -> Result<Option<Head>, RowError> {
    Ok(rows.get(row)?.and_then(|value| Head::read(&value).map(|(head, _)| head)))
}

/// An upper bound of the size of a record with all its dependents, in bytes.
pub(super) fn bytes(rows: &dyn Rows, row: &[u8], max: usize) -> Result<usize, RowError> {
    let Some(value) = rows.get(row)? else { return Ok(0) };
    bytes_of(rows, &value, max)
}

/// As [`bytes`], of the record that begins with this value.
pub(super) fn bytes_of(rows: &dyn Rows, value: &[u8], max: usize) -> Result<usize, RowError> {
    let Some((head, _)) = Head::read(value) else { return Ok(value.len()) };
    let mut bytes = value.len() + usize::from(head.more) * max;
    for key in &head.refers {
        bytes += self::bytes(rows, key.as_bytes(), max)?;
    }
    Ok(bytes)
}
