//! The encoding of records before they are sealed.
//!
//! Fields are numbered (CBOR, RFC 8949: each struct is an array, `#[n(3)]` its fourth element). A new
//! field is an `Option` with the next number: it is `None` in older records, and older versions ignore
//! it. A number is never reused for another field. A change that cannot be made this way needs a new
//! [`FORMAT`] and a dispatch in [`decode`].
//!
//! Text is borrowed both ways: from the domain's values when encoding, from the plain text when
//! decoding. A token is copied once, into the type that zeroises it.

mod account_token;
mod attempt;
mod client;
mod disconnected;
mod ending;
mod finished;
mod host;
mod listing;
mod notes;
mod session;
mod signing_keys;
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
    disconnected::Disconnected,
    ending::Ending,
    finished::Finished,
    host::{HandOff, HostSession},
    listing::Listing,
    notes::{SessionAt, SignOuts, SignedOut, UsedKey, UsedKeys},
    session::{Head, Session, TokensId},
    signing_keys::SigningKeys,
    tokens::Tokens,
    undecided::Undecided,
};

/// The format that is written.
pub(crate) const FORMAT: u8 = 2;

/// The format before sessions were split into records, with fields by position. It was never released;
/// its records are recognised and removed.
pub(crate) const EARLIER_FORMAT: u8 = 1;

/// Why a decrypted record does not decode: a bug or a version mismatch, not tampering.
#[derive(Debug, Error)]
pub(crate) enum DecodeError {
    #[error("it does not decode: {0}")]
    Cbor(#[from] minicbor::decode::Error),
    #[error("{0}")]
    Identifier(#[from] InvalidIdentifier),
    #[error("it contains an invalid URL: {0}")]
    Url(#[from] url::ParseError),
}

/// A record that can be encoded.
pub(crate) trait Encodable: Encode<()> + CborLen<()> {}

impl<T: Encode<()> + CborLen<()>> Encodable for T {}

/// The encoded length of `record`, in bytes.
pub(crate) fn size(record: &impl Encodable) -> usize {
    minicbor::len(record)
}

/// Encodes `record` into `buffer`, whose length is [`size`].
pub(crate) fn encode_into(record: &impl Encodable, buffer: &mut [u8]) -> Result<(), EncodeError> {
    minicbor::encode(record, buffer)
}

/// Why a record cannot be encoded.
pub(crate) type EncodeError = minicbor::encode::Error<minicbor::encode::write::EndOfSlice>;

/// Encodes `record`.
pub(crate) fn to_bytes(record: &impl Encodable) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = vec![0; size(record)];
    encode_into(record, &mut bytes)?;
    Ok(bytes)
}

/// Decodes a record of [`FORMAT`].
pub(crate) fn decode<'a, T: Decode<'a, ()>>(plain: &'a [u8]) -> Result<T, DecodeError> {
    Ok(minicbor::decode(plain)?)
}
