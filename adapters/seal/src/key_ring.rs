//! The keys that seal records: the first seals, every one opens.

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

/// Names a key in the records it sealed: the first bytes of its SHA-256.
pub(crate) type KeyId = [u8; 4];

/// A key's id as operators read it: hexadecimal.
pub(crate) fn shown(id: KeyId) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why a text is no key ring.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum KeyRingError {
    /// There is no key in it.
    #[error("there is no key; make one with: openssl rand -base64 32")]
    Empty,
    /// One entry is no key.
    #[error("key {number} {why}; make one with: openssl rand -base64 32")]
    Entry {
        /// Which entry, counted from 1.
        number: usize,
        /// What is wrong with it, without the entry itself.
        why: String,
    },
}

/// The keys that seal records.
///
/// To change the key, put the new one in front of the old; once the longest session has ended,
/// nothing needs the old one any more.
pub struct KeyRing {
    first: SealingKey,
    others: Vec<SealingKey>,
}

pub(crate) struct SealingKey {
    pub(crate) id: KeyId,
    /// Zeroised by aws-lc when dropped.
    pub(crate) key: LessSafeKey,
    /// What keys for other uses are made from.
    pseudorandom: Prk,
}

impl KeyRing {
    /// Reads keys of 32 bytes in base64, standard or url-safe, separated by commas.
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        if text.trim().is_empty() {
            return Err(KeyRingError::Empty);
        }
        let mut keys: Vec<SealingKey> = Vec::new();
        for (index, entry) in text.split(',').enumerate() {
            let key = SealingKey::parse(entry.trim())
                .and_then(|key| refuse_known(&keys, key))
                .map_err(|why| KeyRingError::Entry { number: index + 1, why })?;
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or(KeyRingError::Empty)?;
        Ok(Self { first, others: keys.collect() })
    }

    /// A ring of one new key, for a store that ends with the process.
    pub fn draw(entropy: &dyn Entropy) -> Result<Self, KeyRingError> {
        let mut key = Zeroizing::new([0_u8; KEY_LENGTH]);
        entropy.fill(key.as_mut());
        Self::parse(&Zeroizing::new(BASE64_STANDARD.encode(key.as_ref())))
    }

    /// A key for another use than sealing records, made of the key that seals (HKDF-SHA256, RFC
    /// 5869). Each `purpose` has one of its own.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        self.first.derive(purpose)
    }

    /// The key that seals.
    pub(crate) fn first(&self) -> &SealingKey {
        &self.first
    }

    /// The key with this id.
    pub(crate) fn get(&self, id: KeyId) -> Option<&SealingKey> {
        self.all().find(|key| key.id == id)
    }

    fn all(&self) -> impl Iterator<Item = &SealingKey> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The keys that only open.
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
        expanded
            .and_then(|expanded| expanded.fill(derived.as_mut()))
            .expect("a key of one hash's length can be derived");
        derived
    }

    fn parse(entry: &str) -> Result<Self, String> {
        let bytes = decode(entry)?;
        let unbound = UnboundKey::new(&AES_256_GCM_SIV, &bytes)
            .map_err(|_| format!("holds {} bytes where {KEY_LENGTH} are needed", bytes.len()))?;
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
    // The decoder's error quotes a byte of the key; its place and value are nobody's business.
    decoded.map(Zeroizing::new).map_err(|_| "is not base64".into())
}

/// Two keys of one id could not be told apart in a record. By chance that happens once in four
/// thousand million pairs; by mistake, whenever a key is pasted twice.
fn refuse_known(known: &[SealingKey], key: SealingKey) -> Result<SealingKey, String> {
    match known.iter().position(|earlier| earlier.id == key.id) {
        Some(index) => Err(format!("repeats key {}", index + 1)),
        None => Ok(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const B: &str = "+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/8=";

    fn why(text: &str) -> String {
        KeyRing::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn the_first_key_seals_and_all_are_found_by_their_id() {
        let ring = KeyRing::parse(&format!("{B}, {A}\n")).unwrap();
        let (a, b) = (KeyRing::parse(A).unwrap(), KeyRing::parse(B).unwrap());
        assert_eq!(ring.first().id, b.first().id);
        assert!(ring.get(a.first().id).is_some() && ring.get(b.first().id).is_some());
        assert!(ring.get([0; 4]).is_none());
    }

    #[test]
    fn both_alphabets_with_and_without_padding_are_one_key() {
        let id = |text: &str| KeyRing::parse(text).unwrap().first().id;
        for spelling in [B.replace('+', "-").replace('/', "_"), B.replace('=', "")] {
            assert_eq!(id(&spelling), id(B), "{spelling}");
        }
    }

    #[test]
    fn a_text_without_a_key_says_how_to_make_one() {
        for empty in ["", " \n"] {
            assert!(why(empty).contains("openssl rand -base64 32"), "{}", why(empty));
        }
    }

    #[test]
    fn a_wrong_entry_is_named_with_the_reason_and_never_shown() {
        for (text, expected) in [
            (format!("{A},"), "key 2 is empty"),
            (format!("{A},c2hvcnQ="), "key 2 holds 5 bytes where 32 are needed"),
            ("not base64!".into(), "key 1 is not base64"),
            (format!("{A},{B},{A}"), "key 3 repeats key 1"),
        ] {
            assert!(why(&text).starts_with(expected), "{}", why(&text));
            assert!(why(&text).contains("openssl rand -base64 32"));
        }
        assert!(!why("not base64!").contains('!'));
    }

    #[test]
    fn debug_shows_how_many_keys_there_are_and_none_of_them() {
        let ring = KeyRing::parse(&format!("{A},{B}")).unwrap();
        assert_eq!(format!("{ring:?}"), "KeyRing(2 keys, redacted)");
    }
}
