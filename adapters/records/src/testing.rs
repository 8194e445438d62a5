//! Decoding of rows, for the fuzz targets only.

use crate::ordered::row::Head;

/// Decodes the value of a record's row and encodes it again. Returns the bytes and the length of the
/// record's piece in them; `None` if the format is unknown or not written any more.
pub fn value_again(value: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (head, piece) = Head::read(value)?;
    let mut again = head.to_bytes().filter(|_| !head.earlier)?;
    again.extend_from_slice(piece);
    Some((again, piece.len()))
}
