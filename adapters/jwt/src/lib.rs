//! Signs and verifies session tokens, and verifies client assertions: JSON Web Tokens (RFC 7519) in compact serialization (RFC 7515 section 7.1).
//!
//! `jsonwebtoken`, which verifies ID tokens, reads the private key anew for each signature, and takes RSA
//! keys in another form than aws-lc makes them. The tests verify with it.

mod client;
mod key;

use std::sync::Arc;

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RsaKeyPair},
};
use portico_domain::{
    ports::{LoadedKey, SigningError, TokenSigner},
    signing::{PrivateKey, SigningAlgorithm, SigningKey},
};

use self::key::JwtKey;

pub use self::client::{InvalidClientKey, JwtAssertions, read_client_key};

/// Makes and reads keys of P-256, and of RSA with 2,048 bits, by aws-lc.
#[derive(Clone, Copy, Debug, Default)]
pub struct JwtSigner;

impl TokenSigner for JwtSigner {
    fn generate(&self, algorithm: SigningAlgorithm) -> Result<PrivateKey, SigningError> {
        let failed = |_| SigningError::Failed("no key was made");
        let pkcs8 = match algorithm {
            SigningAlgorithm::Es256 => {
                let random = SystemRandom::new();
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
                    .map_err(failed)?
                    .as_ref()
                    .to_vec()
            }
            SigningAlgorithm::Rs256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
                pair.as_der().map_err(failed)?.as_ref().to_vec()
            }
        };
        Ok(PrivateKey::new(pkcs8))
    }

    fn read(&self, key: &SigningKey) -> Result<Arc<dyn LoadedKey>, SigningError> {
        Ok(Arc::new(JwtKey::read(key)?))
    }
}

#[cfg(test)]
mod tests;
