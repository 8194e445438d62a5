//! Randomness, and the secrets that are drawn from it. They are drawn here and not where the secrets
//! are defined, so that no value depends on a port.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::{
    login::LoginSecrets,
    secret::{BrowserId, DecisionId, Nonce, PkceVerifier, SessionId, State},
};

/// The operating system's randomness.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with unpredictable bits.
    ///
    /// An adapter MUST end the process rather than return without having done so: every secret
    /// that Portico draws depends on it.
    fn fill(&self, bytes: &mut [u8]);
}

macro_rules! drawn_at_random {
    ($($name:ident),+) => {$(
        impl $name {
            /// Draws a new one: 256 random bits as 43 characters of unpadded base64url.
            pub fn draw(entropy: &dyn Entropy) -> Self {
                let mut bytes = Zeroizing::new([0_u8; 32]);
                entropy.fill(bytes.as_mut());
                Self::new(BASE64_URL_SAFE_NO_PAD.encode(bytes.as_ref()))
            }
        }
    )+};
}

drawn_at_random!(State, Nonce, PkceVerifier, BrowserId, DecisionId, SessionId);

impl LoginSecrets {
    /// Draws state, nonce and PKCE verifier.
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self {
            state: State::draw(entropy),
            nonce: Nonce::draw(entropy),
            verifier: PkceVerifier::draw(entropy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::CountingEntropy;

    #[test]
    fn draw_returns_43_characters_that_differ_from_the_next_draw() {
        let entropy = CountingEntropy::default();
        let (first, second) = (SessionId::draw(&entropy), SessionId::draw(&entropy));
        assert_eq!(first.expose().len(), 43);
        assert_ne!(first, second);
        assert_eq!(first, SessionId::new(first.expose()));
    }
}
