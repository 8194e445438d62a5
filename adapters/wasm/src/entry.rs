//! One file of the cache: machine code, authenticated together with the name it stands under.
//!
//! `HMAC-SHA256 (32 bytes) ‖ machine code`, the HMAC over `name ‖ 0 ‖ machine code`.

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    hmac::{self, Context, HMAC_SHA256, Key, Tag},
};

const TAG: usize = 32;

/// Authenticates entries, under a key of their own made from the given one.
pub(crate) struct Authenticator(Key);

impl Authenticator {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        let parent = Key::new(HMAC_SHA256, &key);
        let derived = hmac::sign(&parent, b"portico compiled plug-ins 1");
        Self(Key::new(HMAC_SHA256, derived.as_ref()))
    }

    /// The file for these bytes under this name.
    pub(crate) fn seal(&self, name: &str, bytes: &[u8]) -> Vec<u8> {
        [self.tag(name, bytes).as_ref(), bytes].concat()
    }

    /// The bytes of a file that this key made for this name; compares in constant time.
    pub(crate) fn open(&self, name: &str, mut file: Vec<u8>) -> Option<Vec<u8>> {
        let (tag, bytes) = file.split_at_checked(TAG)?;
        verify_slices_are_equal(self.tag(name, bytes).as_ref(), tag).ok()?;
        file.drain(..TAG);
        Some(file)
    }

    /// Made piece by piece: machine code is tens of megabytes, and a start reads all of it.
    fn tag(&self, name: &str, bytes: &[u8]) -> Tag {
        let mut context = Context::with_key(&self.0);
        for part in [name.as_bytes(), &[0], bytes] {
            context.update(part);
        }
        context.sign()
    }
}
