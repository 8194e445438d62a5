//! The keys of rows. The first byte of a key is the kind of the row.
//!
//! | Key | Value |
//! | --- | --- |
//! | `n` | the epoch that login attempts begin in, and when it began |
//! | `x ‖ epoch ‖ attempt` | nothing: the attempt was spent |
//! | the key of a record ([`crate::Key`]) | a [`super::row::Head`] and the first piece of the record |
//! | `c ‖ key of a row ‖ version ‖ index` | a further piece of that row's record |
//! | `p ‖ owner ‖ key of a record` | the record's place among those of its owner, and its size |
//! | `e ‖ expiry ‖ key of a record` | nothing: what expires when |
//! | `b ‖ key of a shared record ‖ key of a record` | nothing: the second refers to the first |
//!
//! Numbers are big-endian. `m` is reserved for the store underneath. The earlier layout had tokens of a
//! session under `t ‖ session ‖ account`, `p ‖ person ‖ session` without the kind of the record, and
//! login attempts under `a`: such rows are removed with the session or the entry of the expiry index.

use std::ops::Range;

use portico_domain::{
    epoch::{CurrentEpoch, Epoch},
    login::AttemptKey,
    ports::Version,
    time::Timestamp,
};

use super::prefix_end;
use crate::contract::{Key, Kind, Owner};

const EPOCH: u8 = b'n';
const SPENT: u8 = b'x';
const EARLIER_TOKENS: u8 = b't';
const OWNER: u8 = b'p';
const EXPIRY: u8 = b'e';
const PIECE: u8 = b'c';
const REFERENCE: u8 = b'b';

pub(super) fn epoch() -> Vec<u8> {
    vec![EPOCH]
}

pub(super) fn epoch_value(current: &CurrentEpoch) -> Vec<u8> {
    let [number, began_at] = [current.epoch.number(), current.began_at.unix_seconds()];
    [number.to_be_bytes(), began_at.to_be_bytes()].concat()
}

/// Decodes the value of the epoch's row; `None` if it is malformed.
pub(super) fn epoch_of(value: &[u8]) -> Option<CurrentEpoch> {
    let (number, rest) = value.split_first_chunk()?;
    let began_at: [u8; 8] = rest.try_into().ok()?;
    let epoch = Epoch::from_number(u64::from_be_bytes(*number));
    let began_at = Timestamp::from_unix_seconds(u64::from_be_bytes(began_at));
    Some(CurrentEpoch { epoch, began_at })
}

pub(super) fn spent(epoch: Epoch, key: &AttemptKey) -> Vec<u8> {
    join(SPENT, &[&epoch.number().to_be_bytes(), key.as_bytes()])
}

/// The range of spent attempts of epochs before this one.
pub(super) fn spent_before(epoch: Epoch) -> Range<Vec<u8>> {
    vec![SPENT]..join(SPENT, &[&epoch.number().to_be_bytes()])
}

pub(super) fn piece(row: &[u8], version: Version, index: u16) -> Vec<u8> {
    join(PIECE, &[row, &version.0.to_be_bytes(), &index.to_be_bytes()])
}

pub(super) fn owned(owner: &Owner, row: &[u8], earlier: bool) -> Vec<u8> {
    // The earlier layout omits the kind of the record, which was always a session.
    let row = if earlier { row.get(1..).unwrap_or_default() } else { row };
    join(OWNER, &[owner.as_bytes(), row])
}

/// The value of an owner's entry: the place of the record, and its size with its dependents in bytes.
pub(super) fn owned_value(place: Version, bytes: usize) -> Vec<u8> {
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    [&place.0.to_be_bytes()[..], &bytes.to_be_bytes()].concat()
}

/// The place and the size in an owner's entry; the earlier layout has no size.
pub(super) fn owned_of(value: &[u8]) -> Option<(Version, Option<usize>)> {
    let (place, rest) = value.split_first_chunk()?;
    let bytes = rest.try_into().ok().map(|bytes| u32::from_be_bytes(bytes) as usize);
    Some((Version(u64::from_be_bytes(*place)), bytes))
}

/// The range of entries of this owner.
pub(super) fn owned_by(owner: &Owner) -> Range<Vec<u8>> {
    with_prefix(join(OWNER, &[owner.as_bytes()]))
}

/// The key of the record in an owner's entry.
pub(super) fn owned_key(entry: &[u8]) -> Option<Key> {
    let key = entry.get(1 + size_of::<Owner>()..)?;
    // The earlier layout omits the kind.
    if key.len() == 32 { Some(Key::new(Kind::Session, key)) } else { Key::from_bytes(key) }
}

/// The key of the row's entry in the expiry index.
pub(super) fn expiry(at: Timestamp, row: &[u8]) -> Vec<u8> {
    join(EXPIRY, &[&at.unix_seconds().to_be_bytes(), row])
}

/// The range of entries of the expiry index that expired by `now`.
pub(super) fn expired_by(now: Timestamp) -> Range<Vec<u8>> {
    vec![EXPIRY]..expired_after(now)
}

/// The range of entries of the expiry index that expire after `latest`.
pub(super) fn expiring_after(latest: Timestamp) -> Range<Vec<u8>> {
    expired_after(latest)..vec![EXPIRY + 1]
}

fn expired_after(latest: Timestamp) -> Vec<u8> {
    match latest.unix_seconds().checked_add(1) {
        Some(next) => join(EXPIRY, &[&next.to_be_bytes()]),
        None => vec![EXPIRY + 1],
    }
}

/// The key of the row in an entry of the expiry index.
pub(super) fn expiring(entry: &[u8]) -> &[u8] {
    entry.get(1 + size_of::<u64>()..).unwrap_or_default()
}

pub(super) fn reference(to: &Key, from: &[u8]) -> Vec<u8> {
    join(REFERENCE, &[to.as_bytes(), from])
}

/// The range of references to this record.
pub(super) fn references(to: &Key) -> Range<Vec<u8>> {
    with_prefix(join(REFERENCE, &[to.as_bytes()]))
}

/// The range of tokens of a session in the earlier layout.
pub(super) fn earlier_tokens(session: &[u8]) -> Range<Vec<u8>> {
    with_prefix(join(EARLIER_TOKENS, &[session.get(1..).unwrap_or_default()]))
}

fn with_prefix(prefix: Vec<u8>) -> Range<Vec<u8>> {
    let end = prefix_end(&prefix);
    prefix..end
}

fn join(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = 1 + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut key = Vec::with_capacity(length);
    key.push(kind);
    for part in parts {
        key.extend_from_slice(part);
    }
    key
}

#[cfg(test)]
mod tests;
