//! What stores know logins and browsers by: hashes, so that a stolen store opens nothing.

use crate::{
    digest,
    secret::{BrowserId, State},
};

/// The key of a login attempt in a store: the SHA-256 of its `state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttemptKey([u8; 32]);

impl AttemptKey {
    /// The key of the attempt with this `state`.
    pub fn of(state: &State) -> Self {
        Self(digest::of_bytes(state.expose().as_bytes()))
    }

    /// Reads a key that a store holds.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key as bytes, for a store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A short name for the attempt's cookie: 16 hexadecimal digits, not secret.
    pub fn label(&self) -> String {
        self.0[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The key of a browser in a store while it has logins under way: the SHA-256 of its cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BrowserKey([u8; 32]);

impl BrowserKey {
    /// The key of the browser with this id.
    pub fn of(id: &BrowserId) -> Self {
        Self(digest::of_bytes(id.expose().as_bytes()))
    }

    /// The key as bytes, for a store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempt_key_is_the_sha256_of_the_state_and_label_its_first_8_bytes() {
        let key = AttemptKey::of(&State::new("abc"));
        // SHA-256 of "abc" (FIPS 180-2, appendix B.1).
        assert_eq!(key.label(), "ba7816bf8f01cfea");
        assert_eq!(key.as_bytes()[28..], [0xf2, 0x00, 0x15, 0xad]);
        assert_eq!(AttemptKey::from_bytes(*key.as_bytes()), key);
    }
}
