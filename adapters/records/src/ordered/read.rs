//! Reading records from rows.

use portico_domain::ports::StoreError;

use super::{RowError, Rows, layout, row::Head};

/// A record and what its row says about it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) head: Head,
    pub(super) bytes: Vec<u8>,
}

/// The record of a row, whole.
///
/// A write may come between the row and its further pieces. Every write has its own version, so a
/// reader then misses a piece and begins again with the new row; where the row is the same as before,
/// the piece is truly gone.
pub(super) fn record(rows: &dyn Rows, row: &[u8]) -> Result<Option<Found>, RowError> {
    let mut seen = None;
    while let Some(mut value) = rows.get(row)? {
        let (head, first) = Head::read(&value).ok_or_else(|| unreadable(UNKNOWN_FORMAT))?;
        let begin = value.len() - first.len();
        value.drain(..begin);
        if let Some(bytes) = assemble(rows, row, &head, value)? {
            return Ok(Some(Found { head, bytes }));
        }
        if seen.replace(head.version) == Some(head.version) {
            return Err(unreadable("a piece of it is missing"));
        }
    }
    Ok(None)
}

const UNKNOWN_FORMAT: &str = "its row is of a format that this Portico does not know";

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

/// What a row says about its record; `None` where there is no row or it is of no known format.
pub(super) fn head(rows: &dyn Rows, row: &[u8]) -> Result<Option<Head>, RowError> {
    Ok(rows.get(row)?.and_then(|value| Head::read(&value).map(|(head, _)| head)))
}

/// How many bytes the record of a row takes at most, with all that it refers to.
pub(super) fn bytes(rows: &dyn Rows, row: &[u8], max: usize) -> Result<usize, RowError> {
    let Some(value) = rows.get(row)? else { return Ok(0) };
    let Some((head, _)) = Head::read(&value) else { return Ok(value.len()) };
    let mut bytes = value.len() + usize::from(head.more) * max;
    for key in &head.refers {
        bytes += self::bytes(rows, key.as_bytes(), max)?;
    }
    Ok(bytes)
}
