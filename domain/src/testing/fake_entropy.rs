//! Entropy that repeats from run to run and never within one.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::ports::Entropy;

/// Fills with 1, 2, 3, …: every draw differs, and every run of a test draws the same.
#[derive(Debug, Default)]
pub struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        bytes.fill(0);
        for (byte, value) in bytes.iter_mut().zip(count.to_be_bytes()) {
            *byte = value;
        }
    }
}
