//! The file format of a cache entry: machine code, authenticated together with the entry's name.
//!
//! `nonce (12 bytes) ‖ tag (16) ‖ machine code`. The tag is AES-256-GCM's over no plaintext and the
//! machine code as additional data (GMAC, NIST SP 800-38D), under a key derived for each name. Every
//! start verifies tens of megabytes, for which HMAC-SHA-256 takes five times as long.

use std::io;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    error::Unspecified,
    hmac::{self, HMAC_SHA256, Key},
    rand,
};

const TAG_LEN: usize = 16;
/// Bytes before the machine code: nonce and tag.
pub(crate) const HEADER_LEN: usize = NONCE_LEN + TAG_LEN;

/// Authenticates entries under keys derived from one key.
pub(crate) struct Authenticator(Key);

impl Authenticator {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        let parent = Key::new(HMAC_SHA256, &key);
        let derived = hmac::sign(&parent, b"portico compiled plug-ins 2");
        Self(Key::new(HMAC_SHA256, derived.as_ref()))
    }

    /// The entry file of these bytes under this name.
    pub(crate) fn seal(&self, name: &str, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let sealed = || {
            let mut nonce = [0; NONCE_LEN];
            rand::fill(&mut nonce)?;
            let key = self.key(name)?;
            let tag = key.seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bytes),
                &mut [],
            )?;
            Ok([&nonce, tag.as_ref(), bytes].concat())
        };
        sealed().map_err(|Unspecified| io::Error::other("it cannot be authenticated"))
    }

    /// Whether `seal` made the file, with this key and name; the sealed bytes follow the header.
    pub(crate) fn is_genuine(&self, name: &str, file: &[u8]) -> bool {
        let Some((header, bytes)) = file.split_at_checked(HEADER_LEN) else { return false };
        let (nonce, tag) = header.split_at(NONCE_LEN);
        let opened = || {
            let nonce = Nonce::try_assume_unique_for_key(nonce)?;
            self.key(name)?.open_in_place(nonce, Aad::from(bytes), &mut tag.to_vec()).map(drop)
        };
        opened().is_ok()
    }

    fn key(&self, name: &str) -> Result<LessSafeKey, Unspecified> {
        let key = hmac::sign(&self.0, name.as_bytes());
        Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_ref())?))
    }
}
