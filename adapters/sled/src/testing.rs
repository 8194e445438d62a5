//! What reads a row of the store, for the fuzz targets: nothing else calls it.

use crate::layout::Head;

/// The value of a row that holds a record, read and written again, and how many bytes of it are the
/// record's; `None` where it is of no known format.
pub fn value_again(value: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (head, piece) = Head::read(value)?;
    let mut again = Vec::with_capacity(value.len());
    head.write_to(&mut again);
    again.extend_from_slice(piece);
    Some((again, piece.len()))
}
