//! Signatures of session tokens.

use std::sync::Arc;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::signing::{PrivateKey, SigningAlgorithm, SigningKey};

/// Why no key was made, or nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SigningError {
    /// The system gave no random bytes, or the algorithm failed.
    #[error("the cryptographic library failed: {0}")]
    Failed(&'static str),
    /// The bytes are no private key of the algorithm.
    #[error("the stored signing key {0} is damaged")]
    DamagedKey(String),
    /// There is no key of this algorithm yet.
    #[error("there is no signing key yet")]
    NoKey,
}

/// Makes and reads keys that sign JSON Web Tokens (RFC 7515).
pub trait TokenSigner: Send + Sync {
    /// Makes a private key. That of RS256 takes up to a second of a processor.
    fn generate(&self, algorithm: SigningAlgorithm) -> Result<PrivateKey, SigningError>;

    /// Reads a key.
    fn read(&self, key: &SigningKey) -> Result<Arc<dyn LoadedKey>, SigningError>;
}

/// A key that is ready to sign.
pub trait LoadedKey: Send + Sync {
    /// Its public half as a JWK (RFC 7517), with `kid`, `use` and `alg`. An adapter MUST leave out every
    /// private member.
    fn public_jwk(&self) -> &Value;

    /// An access token (RFC 9068) with these claims: a JWT whose header has `typ` `at+jwt` and the key's
    /// `kid`.
    fn sign(&self, claims: &Map<String, Value>) -> Result<String, SigningError>;

    /// The claims of a token that this key signed as [`LoadedKey::sign`] does; `None` for any other text.
    /// The claims themselves are not checked.
    fn verified(&self, token: &str) -> Option<Map<String, Value>>;
}
