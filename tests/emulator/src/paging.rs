//! Parts of a listing, by offset, and opaque tokens for the offsets.

use crate::bytes::{base64url, from_base64url};

/// The items from an offset on, so many at most, and the offset of the next ones if there are more.
pub(crate) fn window<T>(all: &[T], from: usize, size: usize) -> (&[T], Option<usize>) {
    let rest = all.get(from..).unwrap_or_default();
    let (items, more) = rest.split_at_checked(size).unwrap_or((rest, &[]));
    (items, (!more.is_empty()).then_some(from + size))
}

/// An offset as a token that a client has no business reading.
pub(crate) fn cursor(from: usize) -> String {
    base64url(format!("from={from}"))
}

/// What [`cursor`] made; `None` when it did not.
pub(crate) fn offset(cursor: &str) -> Option<usize> {
    let text = String::from_utf8(from_base64url(cursor)?).ok()?;
    text.strip_prefix("from=")?.parse().ok()
}
