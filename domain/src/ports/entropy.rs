//! Where secrets come from.

/// The operating system's randomness.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with bits nobody can predict.
    ///
    /// An adapter MUST end the process rather than return without having done so: every secret
    /// that Portico draws rests on it.
    fn fill(&self, bytes: &mut [u8]);
}
