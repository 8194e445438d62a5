//! Encryption of what stores and browsers keep for Portico.
//!
//! [`SealedSessions`] and [`SealedDecisions`] are the domain's typed stores over any store of bytes: a
//! record is laid out by `records`, sealed by [`Seal`] with a key of the [`KeyRing`], and only then
//! handed on, under names that only somebody with these keys can make (`names`). Which records there
//! are, and for how long, is the store's to keep. [`SealedAttempts`] seals login attempts for their
//! browsers' cookies; its store knows only which were spent.

mod attempts;
mod decisions;
mod endings;
mod key_file;
mod key_ring;
mod listings;
mod names;
mod records;
mod seal;
mod sessions;
#[cfg(feature = "testing")]
pub mod testing;
mod tokens;
mod used_keys;

pub use self::{
    attempts::SealedAttempts,
    decisions::SealedDecisions,
    key_file::KeyFileError,
    key_ring::{KeyRing, KeyRingError},
    seal::Seal,
    sessions::SealedSessions,
    used_keys::{MissingKey, NOTE_KEYS_EVERY},
};
