//! Authenticated encryption of what stores and browsers keep for Portico.
//!
//! [`SealedSessions`], [`SealedDecisions`] and [`SealedDisconnected`] implement the domain's stores over any store of bytes.
//! `records` encodes a record, [`Seal`] encrypts it with a key of the [`KeyRing`], and `names` gives it
//! a name that cannot be computed without that key. Expiry and references are the store's work.
//! [`SealedAttempts`] encrypts login attempts for cookies; its store keeps only which were spent.

mod attempts;
mod decisions;
mod disconnected;
mod key_file;
mod key_ring;
mod names;
mod records;
mod seal;
mod sessions;
#[cfg(feature = "testing")]
pub mod testing;

pub use self::{
    attempts::SealedAttempts,
    decisions::SealedDecisions,
    disconnected::SealedDisconnected,
    key_file::KeyFileError,
    key_ring::{KeyRing, KeyRingError},
    seal::Seal,
    sessions::{MissingKey, NOTE_KEYS_EVERY, SealedSessions},
};
