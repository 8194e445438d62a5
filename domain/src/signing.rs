//! The keys that sign session tokens, and when one follows another.
//!
//! A verifier keeps the published keys for a while (`Cache-Control` of the JWK set, RFC 7517 section 5).
//! So a key is published before it signs, and stays published until the last token that it signed has
//! expired: no verifier meets a token whose key it cannot find.

use std::{fmt, time::Duration};

use zeroize::Zeroizing;

use crate::time::Timestamp;

/// How long a key signs before its successor is made.
pub const SIGNS_FOR: Duration = Duration::from_hours(30 * 24);

/// How long a key is published before it signs. Verifiers that ignore `Cache-Control` keep a set of keys
/// for a day at most.
pub const PUBLISHED_BEFORE: Duration = Duration::from_hours(24);

/// How long a key is published after its successor signs: longer than a token lives, and than a clock may
/// be wrong.
pub const PUBLISHED_AFTER: Duration = Duration::from_hours(1);

/// A signature algorithm (RFC 7518 section 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SigningAlgorithm {
    /// ECDSA with P-256 and SHA-256.
    #[default]
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, for verifiers that take nothing else.
    Rs256,
}

impl SigningAlgorithm {
    /// Its name in `alg`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    /// The algorithm with this name in `alg`.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Es256, Self::Rs256].into_iter().find(|known| known.as_str() == name)
    }
}

/// A private key: PKCS#8 in DER (RFC 5208). Redacted in `Debug`, zeroised when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(Zeroizing<Vec<u8>>);

impl PrivateKey {
    /// Wraps the bytes.
    pub fn new(pkcs8: Vec<u8>) -> Self {
        Self(Zeroizing::new(pkcs8))
    }

    /// The bytes. They must never reach a log, an error or a page.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(redacted)")
    }
}

/// A key that signs session tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// Its name in `kid` (RFC 7515 section 4.1.4).
    pub id: String,
    /// Its algorithm.
    pub algorithm: SigningAlgorithm,
    /// When it was made, which is when it is published.
    pub created_at: Timestamp,
    /// The key.
    pub private: PrivateKey,
}

impl SigningKey {
    /// Whether it has been published long enough to sign.
    fn is_ready(&self, now: Timestamp) -> bool {
        self.created_at.plus(PUBLISHED_BEFORE) <= now
    }
}

/// The keys, of each algorithm the oldest first. All of them are published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SigningKeys(Vec<SigningKey>);

impl SigningKeys {
    /// These keys.
    pub fn new(mut keys: Vec<SigningKey>) -> Self {
        keys.sort_by_key(|key| key.created_at);
        Self(keys)
    }

    /// All of them.
    pub fn all(&self) -> &[SigningKey] {
        &self.0
    }

    /// The key that signs at `now`: the newest that has been published long enough. The first key of an
    /// algorithm signs at once, since no verifier can have keys without it.
    pub fn signer(&self, algorithm: SigningAlgorithm, now: Timestamp) -> Option<&SigningKey> {
        let newest_ready = self.of(algorithm).rev().find(|key| key.is_ready(now));
        newest_ready.or_else(|| self.of(algorithm).next())
    }

    /// Whether a key of this algorithm has to be made at `now`: there is none, or the newest has signed
    /// for [`SIGNS_FOR`].
    pub fn is_due(&self, algorithm: SigningAlgorithm, now: Timestamp) -> bool {
        let newest = self.of(algorithm).next_back();
        newest.is_none_or(|key| key.created_at.plus(SIGNS_FOR) <= now)
    }

    /// With this key.
    #[must_use]
    pub fn with(mut self, key: SigningKey) -> Self {
        self.0.push(key);
        Self::new(self.0)
    }

    /// Without the keys whose last token has expired at `now`.
    #[must_use]
    pub fn without_retired(&self, now: Timestamp) -> Self {
        let is_retired = |key: &SigningKey| {
            let signs_since = |it: &SigningKey| it.created_at.plus(PUBLISHED_BEFORE);
            let newer = self.of(key.algorithm).filter(|it| it.created_at > key.created_at);
            newer.into_iter().any(|it| signs_since(it).plus(PUBLISHED_AFTER) <= now)
        };
        Self(self.0.iter().filter(|key| !is_retired(key)).cloned().collect())
    }

    fn of(&self, algorithm: SigningAlgorithm) -> impl DoubleEndedIterator<Item = &SigningKey> {
        self.0.iter().filter(move |key| key.algorithm == algorithm)
    }
}

#[cfg(test)]
mod tests;
