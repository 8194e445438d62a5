//! The names under which a store keeps what belongs to somebody.
//!
//! A store must find all sessions of a person, and the tokens of an account. The domain's keys for
//! both are hashes of who they are: whoever has a copy of the store and a list of people could try
//! them all. So a store gets an HMAC of them (HMAC-SHA-256), with keys that are made of the ring's.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portico_domain::{account::AccountId, identity::PersonKey};

use crate::key_ring::SealingKey;

/// How much of an HMAC names an account, as much as the domain takes of its hash.
const ACCOUNT: usize = 16;

/// Makes the names with one key of the ring.
pub(crate) struct Namer {
    persons: Key,
    accounts: Key,
}

impl Namer {
    /// With the key that [`SealingKey::derive`] is of.
    pub(crate) fn of(key: &SealingKey) -> Self {
        let key = |purpose| Key::new(HMAC_SHA256, key.derive(purpose).as_ref());
        Self { persons: key("names of persons"), accounts: key("names of accounts") }
    }

    /// What a person's sessions stand under.
    pub(crate) fn person(&self, person: &PersonKey) -> PersonKey {
        let mut name = [0; 32];
        name.copy_from_slice(sign(&self.persons, person.as_bytes()).as_ref());
        PersonKey::from_bytes(name)
    }

    /// What an account's tokens stand under.
    pub(crate) fn account(&self, account: &AccountId) -> AccountId {
        let name = sign(&self.accounts, account.as_str().as_bytes());
        AccountId::from_text(BASE64_URL_SAFE_NO_PAD.encode(&name.as_ref()[..ACCOUNT]))
    }
}
