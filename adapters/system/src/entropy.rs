//! The operating system's randomness, or no process at all.

use portico_domain::ports::Entropy;

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            // The port promises that it never returns without randomness, and unwinding could be
            // caught: a process that would draw guessable secrets must not go on.
            tracing::error!(%error, "the operating system gives no randomness; Portico ends");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fill_writes_every_byte_and_two_draws_differ() {
        let (mut first, mut second) = ([0_u8; 32], [0_u8; 32]);
        SystemEntropy.fill(&mut first);
        SystemEntropy.fill(&mut second);
        assert_ne!(first, second);

        // A byte that is never filled stays zero; the odds that chance does so are 2^-512.
        let mut seen = [0_u8; 32];
        for _ in 0..64 {
            let mut drawn = [0_u8; 32];
            SystemEntropy.fill(&mut drawn);
            seen.iter_mut().zip(drawn).for_each(|(seen, drawn)| *seen |= drawn);
        }
        assert!(seen.iter().all(|&byte| byte != 0));
    }
}
