//! What reads a row of a store, for the fuzz targets: nothing else calls it.

use crate::ordered::row::Head;

/// The value of a row that holds a record, read and written again, and how many bytes of it are the
/// record's; `None` where it is of no known format, or of one that is not written any more.
pub fn value_again(value: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (head, piece) = Head::read(value)?;
    let mut again = head.to_bytes().filter(|_| !head.earlier)?;
    again.extend_from_slice(piece);
    Some((again, piece.len()))
}
