//! Random bytes, GUIDs, text encodings and digests.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

/// Random bytes.
///
/// # Panics
/// When the operating system provides no entropy.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A random (version 4) GUID.
pub(crate) fn guid() -> String {
    guid_of(random())
}

/// A GUID derived from `text`: the same text gives the same GUID.
pub(crate) fn guid_from(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    guid_of(std::array::from_fn(|at| digest[at]))
}

fn guid_of(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Base64url without padding, as in JOSE.
pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes base64url without padding; `None` for any other text.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Padded standard base64, as in PEM.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Decodes padded standard base64; `None` for any other text.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Base64url of the SHA-256 of `text`: PKCE's S256 method and pairwise subjects.
pub(crate) fn sha256_base64url(text: &str) -> String {
    base64url(Sha256::digest(text.as_bytes()))
}
