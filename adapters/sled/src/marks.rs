//! Marks: small records beside the sessions.

use portico_domain::{
    ports::{Mark, MarkKey},
    time::Timestamp,
};

use crate::{
    attempts, layout,
    rows::{About, Changes, RowError, Rows},
};

/// The sealed mark, where there is one that has not expired.
pub(crate) fn find(
    rows: &Rows,
    key: &MarkKey,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, RowError> {
    let found = rows.find(&layout::mark(key))?;
    Ok(found.filter(|record| now < record.head.expires_at).map(|record| record.bytes))
}

/// Writes the mark in the place of the one before.
pub(crate) fn write(rows: &Rows, changes: &mut Changes, mark: &Mark) -> Result<(), RowError> {
    let row = layout::mark(&mark.key);
    let generation = rows.head(&row)?.map_or(0, |head| head.generation) + 1;
    attempts::erase(rows, changes, &row)?;
    changes.mark(layout::expiry(mark.expires_at, &row));
    let about = About { generation, expires_at: mark.expires_at, person: None };
    changes.write(row, about, &mark.sealed)
}
