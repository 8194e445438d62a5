//! Pages of a listing by offset, and opaque cursors.

use crate::bytes::{base64url, from_base64url};

/// At most `size` items from an offset, and the offset of the next page if there is one.
pub(crate) fn window<T>(all: &[T], from: usize, size: usize) -> (&[T], Option<usize>) {
    let rest = all.get(from..).unwrap_or_default();
    let (items, more) = rest.split_at_checked(size).unwrap_or((rest, &[]));
    (items, (!more.is_empty()).then_some(from + size))
}

/// Encodes an offset as an opaque cursor.
pub(crate) fn cursor(from: usize) -> String {
    base64url(format!("from={from}"))
}

/// Decodes a cursor made by [`cursor`]; `None` for any other text.
pub(crate) fn offset(cursor: &str) -> Option<usize> {
    let text = String::from_utf8(from_base64url(cursor)?).ok()?;
    text.strip_prefix("from=")?.parse().ok()
}
