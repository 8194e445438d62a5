//! Issued authorization codes and opaque tokens, with the grant that each represents.

mod cloud;
mod codes;
mod entra;
mod tokens;

pub(crate) use cloud::Grant;
pub(crate) use codes::{CodeError, Codes};
pub(crate) use entra::CodeGrant;
pub(crate) use tokens::{TokenKind, Tokens};
