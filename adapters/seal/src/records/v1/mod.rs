//! Format 1: postcard, which writes fields in order without names. So a field is never added,
//! moved or retyped here.
//!
//! Texts are borrowed both ways: from the domain's values when written, from the opened record when
//! read. A token is copied once, into the type that zeroises it.

mod attempt;
mod ending;
mod finished;
mod session;
mod tenant;
#[cfg(test)]
mod tests;
mod token;
mod tokens;
mod undecided;

pub(crate) use self::{
    attempt::Attempt, ending::Ending, finished::Finished, session::Session, tokens::Tokens,
    undecided::Undecided,
};

use portico_domain::identity::InvalidIdentifier;
use thiserror::Error;

/// Why an opened record makes no sense. Its seal was whole, so Portico itself wrote it so.
#[derive(Debug, Error)]
pub(crate) enum DecodeError {
    #[error("its layout is not that of format 1: {0}")]
    Layout(#[from] postcard::Error),
    #[error("{0}")]
    Identifier(#[from] InvalidIdentifier),
    #[error("a URL in it is none: {0}")]
    Url(#[from] url::ParseError),
}
