//! The operating system's random number generator.

use portico_domain::ports::Entropy;

/// The operating system's random number generator. Aborts the process if it fails.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            // The port must not return without filling the buffer, and a panic could be caught:
            // the process would go on with guessable secrets.
            tracing::error!(%error, "the random number generator failed; Portico aborts");
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

        // A byte that is never written stays zero; by chance that happens with a probability of
        // 2^-512 for each byte.
        let mut union = [0_u8; 32];
        for _ in 0..64 {
            let mut bytes = [0_u8; 32];
            SystemEntropy.fill(&mut bytes);
            union.iter_mut().zip(bytes).for_each(|(union, byte)| *union |= byte);
        }
        assert!(union.iter().all(|&byte| byte != 0));
    }
}
