//! Keys of several algorithms, and ID tokens signed by them.

use super::*;

/// One key of each type.
pub(super) struct Signers {
    pub(super) rsa: RsaKey,
    pub(super) p256: EcKey,
    pub(super) p384: EcKey,
    pub(super) ed: EdKey,
}

impl Signers {
    pub(super) fn generate() -> Self {
        let (p256, p384) = (EcKey::generate(), EcKey::p384());
        Self { rsa: RsaKey::generate(), p256, p384, ed: EdKey::generate() }
    }

    pub(super) fn keys(&self) -> KeySet {
        keys([
            self.rsa.jwk("RSA"),
            self.p256.jwk("P-256"),
            self.p384.jwk("P-384"),
            self.ed.jwk("Ed25519"),
        ])
    }

    /// A token with this `alg` and `kid`, signed with this algorithm by the key of its type.
    pub(super) fn token(&self, algorithm: &str, kid: &str, claims: &Value) -> String {
        let header = json!({"alg": algorithm, "kid": kid});
        token_with(&header, &claims.to_string(), |message| match algorithm {
            "ES256" => self.p256.sign(message),
            "ES384" => self.p384.sign(message),
            "EdDSA" => self.ed.sign(message),
            _ => self.rsa.by(algorithm, message),
        })
    }
}
