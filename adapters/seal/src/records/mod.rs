//! How records look before they are sealed: one module a format, each with structs of its own.
//!
//! A format that was ever released stays as it is; a new one gets the next number, and the old
//! one's `read` stays for as long as sessions of it may live.

pub(crate) mod v1;

use serde::Serialize;

/// The format that is written.
pub(crate) const FORMAT: u8 = 1;

/// How many bytes `record` takes.
pub(crate) fn size(record: &impl Serialize) -> Result<usize, postcard::Error> {
    postcard::experimental::serialized_size(record)
}

/// Writes `record` into `room`, which has the size that [`size`] gave.
pub(crate) fn lay_out(record: &impl Serialize, room: &mut [u8]) -> Result<(), postcard::Error> {
    postcard::to_slice(record, room).map(drop)
}
