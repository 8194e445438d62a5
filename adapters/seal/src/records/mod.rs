//! How records look before they are sealed.
//!
//! Fields are tagged (CBOR, RFC 8949: each struct is an array, `#[n(3)]` its fourth element). A new
//! field is `Option` and one line with the next number: it is `None` in what was written before, and an
//! earlier Portico passes over it. A number is never given to another field. Only what cannot be said
//! so gets a new [`FORMAT`], which [`decode`] then tells from the one before.
//!
//! Texts are borrowed both ways: from the domain's values when written, from the opened record when
//! read. A token is copied once, into the type that zeroises it.

mod attempt;
mod ending;
mod finished;
mod listing;
mod notes;
mod session;
#[cfg(test)]
mod tests;
mod token;
mod tokens;
mod undecided;

use minicbor::{CborLen, Decode, Encode};
use portico_domain::identity::InvalidIdentifier;
use thiserror::Error;

pub(crate) use self::{
    attempt::Attempt,
    ending::Ending,
    finished::Finished,
    listing::Listing,
    notes::{SessionAt, SignOuts, SignedOut, UsedKey, UsedKeys},
    session::{Head, Session, TokensId},
    tokens::Tokens,
    undecided::Undecided,
};

/// The format that is written. The first, which had its fields by position and a session whole, was
/// never released; what is found of it ends.
pub(crate) const FORMAT: u8 = 2;

/// The format of Portico before sessions were in records of their own size.
pub(crate) const EARLIER_FORMAT: u8 = 1;

/// Why an opened record does not decode. Its seal was whole: a bug or a version mismatch, not tampering.
#[derive(Debug, Error)]
pub(crate) enum DecodeError {
    #[error("it does not decode: {0}")]
    Layout(#[from] minicbor::decode::Error),
    #[error("{0}")]
    Identifier(#[from] InvalidIdentifier),
    #[error("a URL in it is none: {0}")]
    Url(#[from] url::ParseError),
}

/// A record that can be laid out.
pub(crate) trait Layout: Encode<()> + CborLen<()> {}

impl<T: Encode<()> + CborLen<()>> Layout for T {}

/// How many bytes `record` takes.
pub(crate) fn size(record: &impl Layout) -> usize {
    minicbor::len(record)
}

/// Writes `record` into `room`, which has the size that [`size`] gave.
pub(crate) fn lay_out(record: &impl Layout, room: &mut [u8]) -> Result<(), LayoutError> {
    minicbor::encode(record, room)
}

/// Why a record cannot be laid out.
pub(crate) type LayoutError = minicbor::encode::Error<minicbor::encode::write::EndOfSlice>;

/// The bytes of `record`.
pub(crate) fn to_bytes(record: &impl Layout) -> Result<Vec<u8>, LayoutError> {
    let mut bytes = vec![0; size(record)];
    lay_out(record, &mut bytes)?;
    Ok(bytes)
}

/// The record that these bytes were laid out from, in [`FORMAT`].
pub(crate) fn decode<'a, T: Decode<'a, ()>>(plain: &'a [u8]) -> Result<T, DecodeError> {
    Ok(minicbor::decode(plain)?)
}
