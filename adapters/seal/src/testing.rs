//! Records before they are sealed, and bytes that are no sealed record, for the fuzz targets:
//! nothing else calls it.

use portico_domain::{
    account::{AccountId, Listing, ListingDigest},
    decision::Undecided,
    login::{AttemptKey, PendingLogin},
    secret::SealedAttempt,
    session::{Ending, Session, TokenSet},
};

use crate::{
    Seal, attempts,
    records::{self, Head},
    seal::RecordContext,
};

/// The session that these bytes were laid out from, without what its accounts list; and the bytes of
/// what was read.
pub fn session(plain: &[u8]) -> Option<(Session, Vec<u8>)> {
    let Head { session, listings, tokens } = records::Session::read(plain).ok()?;
    let again = lay_out(&records::Session::of(&session, &listings, &tokens));
    Some((session, again))
}

/// The bytes of the head of a session, whose accounts refer to these listings and tokens.
pub fn lay_out_session(
    session: &Session,
    listings: &[Option<ListingDigest>],
    tokens: &[(AccountId, [u8; 16])],
) -> Vec<u8> {
    lay_out(&records::Session::of(session, listings, tokens))
}

/// The ending that these bytes were laid out from.
pub fn ending(plain: &[u8]) -> Option<Ending> {
    records::decode(plain).ok().map(records::Ending::read)
}

/// The bytes of an ending.
pub fn lay_out_ending(ending: Ending) -> Vec<u8> {
    lay_out(&records::Ending::of(ending))
}

/// The listing that these bytes were laid out from.
pub fn listing(plain: &[u8]) -> Option<Listing> {
    records::Listing::read(plain).ok()
}

/// The bytes of a listing.
pub fn lay_out_listing(listing: &Listing) -> Vec<u8> {
    lay_out(&records::Listing::of(listing))
}

/// The tokens that these bytes were laid out from.
pub fn tokens(plain: &[u8]) -> Option<TokenSet> {
    records::Tokens::read(plain).ok()
}

/// The bytes of tokens.
pub fn lay_out_tokens(tokens: &TokenSet) -> Vec<u8> {
    lay_out(&records::Tokens::of(tokens))
}

/// The attempt that these bytes were laid out from.
pub fn attempt(plain: &[u8]) -> Option<PendingLogin> {
    records::Attempt::read(plain).ok()
}

/// The bytes of an attempt.
pub fn lay_out_attempt(attempt: &PendingLogin) -> Vec<u8> {
    lay_out(&records::Attempt::of(attempt))
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
    records::Undecided::read(plain).ok()
}

/// The bytes of an undecided login.
pub fn lay_out_undecided(undecided: &Undecided) -> Vec<u8> {
    lay_out(&records::Undecided::of(undecided))
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

fn lay_out(record: &impl records::Layout) -> Vec<u8> {
    records::to_bytes(record).unwrap_or_default()
}
