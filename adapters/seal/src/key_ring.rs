//! The keys that seal records: the first key seals, all of them open.

use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, LessSafeKey, UnboundKey},
    digest,
    hkdf::{HKDF_SHA256, Prk, Salt},
};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_STANDARD,
};
use portico_domain::ports::Entropy;
use thiserror::Error;
use zeroize::Zeroizing;

/// The length of a key, in bytes.
pub(crate) const KEY_LENGTH: usize = 32;

/// Identifies a key in the records that it sealed: the first bytes of its SHA-256.
pub(crate) type KeyId = [u8; 4];

/// A key id in hexadecimal, as operators see it.
pub(crate) fn hex(id: KeyId) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why a text is not a key ring.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum KeyRingError {
    /// The text contains no key.
    #[error("there is no key; make one with: openssl rand -base64 32")]
    Empty,
    /// One entry is not a valid key.
    #[error("key {number} {why}; make one with: openssl rand -base64 32")]
    Entry {
        /// The number of the entry, counted from 1.
        number: usize,
        /// What is wrong with the entry. Does not contain its text.
        why: String,
    },
}

/// The keys that seal records.
///
/// To rotate the key, put a new one before the old. The old key can be removed once all sessions that
/// it sealed have ended.
pub struct KeyRing {
    first: SealingKey,
    others: Vec<SealingKey>,
}

pub(crate) struct SealingKey {
    pub(crate) id: KeyId,
    /// Zeroised by aws-lc when dropped.
    pub(crate) key: LessSafeKey,
    /// HKDF's pseudorandom key, for deriving keys for other purposes.
    pseudorandom: Prk,
}

impl KeyRing {
    /// Parses keys of 32 bytes in base64, standard or url-safe, separated by commas.
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        if text.trim().is_empty() {
            return Err(KeyRingError::Empty);
        }
        let mut keys: Vec<SealingKey> = Vec::new();
        for (index, entry) in text.split(',').enumerate() {
            let key = SealingKey::parse(entry.trim())
                .and_then(|key| refuse_duplicate(&keys, key))
                .map_err(|why| KeyRingError::Entry { number: index + 1, why })?;
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or(KeyRingError::Empty)?;
        Ok(Self { first, others: keys.collect() })
    }

    /// Generates a ring of one key, for a store that lives as long as the process.
    pub fn draw(entropy: &dyn Entropy) -> Result<Self, KeyRingError> {
        let mut key = Zeroizing::new([0_u8; KEY_LENGTH]);
        entropy.fill(key.as_mut());
        Self::parse(&Zeroizing::new(BASE64_STANDARD.encode(key.as_ref())))
    }

    /// Derives a key for `purpose` from the first key (HKDF-SHA256, RFC 5869).
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        self.first.derive(purpose)
    }

    /// The key that seals.
    pub(crate) fn first(&self) -> &SealingKey {
        &self.first
    }

    pub(crate) fn get(&self, id: KeyId) -> Option<&SealingKey> {
        self.all().find(|key| key.id == id)
    }

    fn all(&self) -> impl Iterator<Item = &SealingKey> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// All keys but the first: they open records and seal none.
    pub(crate) fn others(&self) -> &[SealingKey] {
        &self.others
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyRing({} keys, redacted)", 1 + self.others.len())
    }
}

impl SealingKey {
    #[allow(clippy::expect_used, reason = "32 bytes are the length of one SHA-256")]
    pub(crate) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut derived = Zeroizing::new([0; 32]);
        let info = [purpose.as_bytes()];
        let expanded = self.pseudorandom.expand(&info, HKDF_SHA256.hmac_algorithm());
        expanded.and_then(|expanded| expanded.fill(derived.as_mut())).expect("HKDF gives 32 bytes");
        derived
    }

    fn parse(entry: &str) -> Result<Self, String> {
        let bytes = decode(entry)?;
        let unbound = UnboundKey::new(&AES_256_GCM_SIV, &bytes)
            .map_err(|_| format!("has {} bytes instead of {KEY_LENGTH}", bytes.len()))?;
        let hash = digest::digest(&digest::SHA256, &bytes);
        let [a, b, c, d, ..] = *hash.as_ref() else { return Err("has no hash".into()) };
        let pseudorandom = Salt::new(HKDF_SHA256, b"portico").extract(&bytes);
        Ok(Self { id: [a, b, c, d], key: LessSafeKey::new(unbound), pseudorandom })
    }
}

fn decode(entry: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    const CONFIG: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    if entry.is_empty() {
        return Err("is empty".into());
    }
    let url_safe = entry.contains(['-', '_']);
    let alphabet = if url_safe { &alphabet::URL_SAFE } else { &alphabet::STANDARD };
    let decoded = GeneralPurpose::new(alphabet, CONFIG).decode(entry);
    // The decoder's error contains a byte of the key and its offset, so it is dropped.
    decoded.map(Zeroizing::new).map_err(|_| "is not base64".into())
}

/// Refuses a key whose id another key has: records name their key by its id. Ids of different keys
/// collide once in 2^32 pairs; the usual cause is a key that was pasted twice.
fn refuse_duplicate(keys: &[SealingKey], key: SealingKey) -> Result<SealingKey, String> {
    match keys.iter().position(|earlier| earlier.id == key.id) {
        Some(index) => Err(format!("repeats key {}", index + 1)),
        None => Ok(key),
    }
}

#[cfg(test)]
mod tests;
