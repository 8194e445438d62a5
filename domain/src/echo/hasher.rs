//! The hash of a window in the table of windows.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Makes hashers that multiply by a random number, so that nobody can choose tokens with equal hashes.
/// A listing adds thousands of windows to its table: the standard hash of each takes longer than all
/// other work on it.
pub(super) struct WindowHashes(u64);

/// The hash of one window.
pub(super) struct WindowHash {
    factor: u64,
    hash: u64,
}

impl Default for WindowHashes {
    fn default() -> Self {
        // Odd, so that the multiplication loses nothing.
        Self(RandomState::new().hash_one(()) | 1)
    }
}

impl BuildHasher for WindowHashes {
    type Hasher = WindowHash;

    fn build_hasher(&self) -> WindowHash {
        WindowHash { factor: self.0, hash: 0 }
    }
}

impl Hasher for WindowHash {
    fn write(&mut self, bytes: &[u8]) {
        for eight in bytes.chunks(8) {
            let mut padded = [0; 8];
            padded[..eight.len()].copy_from_slice(eight);
            self.mix(u64::from_le_bytes(padded));
        }
    }

    fn write_u128(&mut self, window: u128) {
        self.mix(window as u64);
        self.mix((window >> 64) as u64);
    }

    fn finish(&self) -> u64 {
        self.hash
    }
}

impl WindowHash {
    /// Folds the product of both (Wang Yi's multiply-and-fold).
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.hash ^ word).wrapping_mul(u128::from(self.factor));
        self.hash = product as u64 ^ (product >> 64) as u64;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn windows_that_differ_in_one_bit_have_different_hashes() {
        let hashes = WindowHashes::default();
        let window = u128::from_le_bytes(*b"abcdefghijklmnop");
        let others = (0..128).map(|bit| window ^ (1 << bit)).chain([window]);
        let all: HashSet<u64> = others.map(|window| hashes.hash_one(window)).collect();
        assert_eq!(all.len(), 129);
    }

    #[test]
    fn hash_depends_on_every_byte_and_on_the_factor() {
        let hash = |hashes: &WindowHashes, bytes: &[u8]| {
            let mut hasher = hashes.build_hasher();
            hasher.write(bytes);
            hasher.finish()
        };
        let [one, other] = [3, 5].map(WindowHashes);
        let inputs: [&[u8]; 4] = [b"a", b"b", b"aaaaaaaab", b"aaaaaaaac"];
        let all: HashSet<u64> = inputs.iter().map(|bytes| hash(&one, bytes)).collect();
        assert_eq!(all.len(), inputs.len());
        assert_ne!(hash(&one, b"a"), hash(&other, b"a"));
    }
}
