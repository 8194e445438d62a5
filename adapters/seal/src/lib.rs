//! Authenticated encryption of what stores and browsers keep for Portico.
//!
//! [`SealedSessions`], [`SealedDecisions`], [`SealedDisconnected`] and [`SealedSigningKeys`] implement the domain's stores over any store of bytes.
//! `records` encodes a record, [`Seal`] encrypts it with a key of the [`KeyRing`], and `names` gives it
//! a name that cannot be computed without that key. Expiry and references are the store's work.
//! [`SealedHosts`] encrypts what browsers hold at protected hosts. [`SealedAttempts`] encrypts login attempts for cookies; its store keeps only which were spent.

mod attempts;
mod decisions;
mod disconnected;
mod host;
mod key_file;
mod key_ring;
mod names;
mod records;
mod seal;
mod sessions;
mod signing_keys;
#[cfg(feature = "testing")]
pub mod testing;

pub use self::{
    attempts::SealedAttempts,
    decisions::SealedDecisions,
    disconnected::SealedDisconnected,
    host::SealedHosts,
    key_file::KeyFileError,
    key_ring::{KeyRing, KeyRingError},
    seal::Seal,
    sessions::{MissingKey, NOTE_KEYS_EVERY, SealedSessions},
    signing_keys::SealedSigningKeys,
};
