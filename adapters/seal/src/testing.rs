//! Records before they are sealed, and bytes that are no sealed record, for the fuzz targets:
//! nothing else calls it.

use portico_domain::{
    decision::Undecided,
    login::{AttemptKey, PendingLogin},
    secret::SealedAttempt,
    session::{Session, TokenSet},
};
use serde::Serialize;

use crate::{
    Seal, attempts,
    records::{self, v1},
    seal::RecordContext,
};

/// The session that these bytes were laid out from.
pub fn session(plain: &[u8]) -> Option<Session> {
    v1::Session::read(plain).ok()
}

/// The bytes of a session.
pub fn lay_out_session(session: &Session) -> Vec<u8> {
    lay_out(&v1::Session::of(session))
}

/// The tokens that these bytes were laid out from.
pub fn tokens(plain: &[u8]) -> Option<TokenSet> {
    v1::Tokens::read(plain).ok()
}

/// The bytes of tokens.
pub fn lay_out_tokens(tokens: &TokenSet) -> Vec<u8> {
    lay_out(&v1::Tokens::of(tokens))
}

/// The attempt that these bytes were laid out from.
pub fn attempt(plain: &[u8]) -> Option<PendingLogin> {
    v1::Attempt::read(plain).ok()
}

/// The bytes of an attempt.
pub fn lay_out_attempt(attempt: &PendingLogin) -> Vec<u8> {
    lay_out(&v1::Attempt::of(attempt))
}

/// What a browser keeps of an attempt.
pub fn attempt_cookie(seal: &Seal, key: &AttemptKey, attempt: &PendingLogin) -> String {
    let sealed = attempts::seal(seal, key, attempt);
    sealed.map_or_else(|_| String::new(), |sealed| sealed.expose().to_owned())
}

/// The attempt that a browser brings.
pub fn open_attempt_cookie(seal: &Seal, key: &AttemptKey, cookie: &str) -> Option<PendingLogin> {
    attempts::open(seal, key, &SealedAttempt::new(cookie))
}

/// The undecided login that these bytes were laid out from.
pub fn undecided(plain: &[u8]) -> Option<Undecided> {
    v1::Undecided::read(plain).ok()
}

/// The bytes of an undecided login.
pub fn lay_out_undecided(undecided: &Undecided) -> Vec<u8> {
    lay_out(&v1::Undecided::of(undecided))
}

/// Seals a text for one place.
pub fn seal(seal: &Seal, key: &[u8], text: &str) -> Vec<u8> {
    seal.seal(RecordContext { kind: "fuzz", key }, &text).unwrap_or_default()
}

/// What was sealed for that place.
pub fn open(seal: &Seal, key: &[u8], mut sealed: Vec<u8>) -> Option<Vec<u8>> {
    let opened = seal.open(RecordContext { kind: "fuzz", key }, &mut sealed);
    opened.ok().map(<[u8]>::to_vec)
}

fn lay_out(record: &impl Serialize) -> Vec<u8> {
    let mut room = vec![0; records::size(record).unwrap_or_default()];
    let laid_out = records::lay_out(record, &mut room);
    laid_out.map(|()| room).unwrap_or_default()
}
