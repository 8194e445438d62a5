//! Encoding and decoding of plain records, and sealing under a test context, for the fuzz targets only.

use portico_domain::{
    account::{AccountId, Listing, ListingDigest},
    decision::Undecided,
    login::{AttemptKey, PendingLogin},
    secret::SealedAttempt,
    session::{Ending, Session, TokenSet},
};

use crate::{
    attempts,
    records::{self, Head},
    seal::{RecordContext, Seal},
};

/// Decodes the head of a session. Returns the session without listings, and the head encoded again.
pub fn session(plain: &[u8]) -> Option<(Session, Vec<u8>)> {
    let Head { session, listings, tokens } = records::Session::read(plain).ok()?;
    let again = encoded(&records::Session::of(&session, &listings, &tokens));
    Some((session, again))
}

/// Encodes the head of a session that refers to these listings and tokens.
pub fn lay_out_session(
    session: &Session,
    listings: &[Option<ListingDigest>],
    tokens: &[(AccountId, [u8; 16])],
) -> Vec<u8> {
    encoded(&records::Session::of(session, listings, tokens))
}

/// Decodes an ending.
pub fn ending(plain: &[u8]) -> Option<Ending> {
    records::decode(plain).ok().map(records::Ending::read)
}

/// Encodes an ending.
pub fn lay_out_ending(ending: Ending) -> Vec<u8> {
    encoded(&records::Ending::of(ending))
}

/// Decodes a listing.
pub fn listing(plain: &[u8]) -> Option<Listing> {
    records::Listing::read(plain).ok()
}

/// Encodes a listing.
pub fn lay_out_listing(listing: &Listing) -> Vec<u8> {
    encoded(&records::Listing::of(listing))
}

/// Decodes tokens.
pub fn tokens(plain: &[u8]) -> Option<TokenSet> {
    records::Tokens::read(plain).ok()
}

/// Encodes tokens.
pub fn lay_out_tokens(tokens: &TokenSet) -> Vec<u8> {
    encoded(&records::Tokens::of(tokens))
}

/// Decodes an attempt.
pub fn attempt(plain: &[u8]) -> Option<PendingLogin> {
    records::Attempt::read(plain).ok()
}

/// Encodes an attempt.
pub fn lay_out_attempt(attempt: &PendingLogin) -> Vec<u8> {
    encoded(&records::Attempt::of(attempt))
}

/// Seals an attempt for a cookie.
pub fn attempt_cookie(seal: &Seal, key: &AttemptKey, attempt: &PendingLogin) -> String {
    let sealed = attempts::seal(seal, key, attempt);
    sealed.map_or_else(|_| String::new(), |sealed| sealed.expose().to_owned())
}

/// Opens the attempt in a cookie.
pub fn open_attempt_cookie(seal: &Seal, key: &AttemptKey, cookie: &str) -> Option<PendingLogin> {
    attempts::open(seal, key, &SealedAttempt::new(cookie))
}

/// Decodes an undecided login.
pub fn undecided(plain: &[u8]) -> Option<Undecided> {
    records::Undecided::read(plain).ok()
}

/// Encodes an undecided login.
pub fn lay_out_undecided(undecided: &Undecided) -> Vec<u8> {
    encoded(&records::Undecided::of(undecided))
}

/// Seals a text under this key.
pub fn seal(seal: &Seal, key: &[u8], text: &str) -> Vec<u8> {
    seal.seal(RecordContext { kind: "fuzz", key }, &text).unwrap_or_default()
}

/// Opens what [`seal`] has sealed under this key.
pub fn open(seal: &Seal, key: &[u8], mut sealed: Vec<u8>) -> Option<Vec<u8>> {
    let opened = seal.open(RecordContext { kind: "fuzz", key }, &mut sealed);
    opened.ok().map(<[u8]>::to_vec)
}

fn encoded(record: &impl records::Encodable) -> Vec<u8> {
    records::to_bytes(record).unwrap_or_default()
}
