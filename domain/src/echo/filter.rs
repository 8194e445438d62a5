//! A filter of windows: one bit for each hash.

/// The size as a power of two of bits: 32 KiB.
const BITS: u32 = 18;

/// Excludes nearly every window of an honest response without a look into the table.
pub(super) struct WindowFilter(Box<[u64]>);

impl Default for WindowFilter {
    fn default() -> Self {
        Self(vec![0; 1 << (BITS - u64::BITS.ilog2())].into())
    }
}

impl WindowFilter {
    pub(super) fn insert(&mut self, window: u128) {
        let (word, bit) = position(window);
        self.0[word] |= bit;
    }

    /// False for a window that was not inserted, but for one in some thousands; true for all others.
    pub(super) fn may_contain(&self, window: u128) -> bool {
        let (word, bit) = position(window);
        self.0[word] & bit != 0
    }
}

/// The word and the bit of a window.
const fn position(window: u128) -> (usize, u64) {
    // Multiplicative hashing (Knuth, volume 3, section 6.4) of both halves.
    let mixed = (window as u64 ^ ((window >> 64) as u64).rotate_left(23))
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hash = mixed >> (u64::BITS - BITS);
    ((hash >> 6) as usize, 1 << (hash & 63))
}
