//! Key pairs that sign any bytes, for tests.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
        RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// An RSA key of 2048 bits.
pub(crate) struct RsaKey(RsaKeyPair);

impl RsaKey {
    pub(crate) fn generate() -> Self {
        Self(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    /// Its public half, as a provider publishes it.
    pub(crate) fn jwk(&self, kid: &str) -> Value {
        // RSAPublicKey (RFC 8017 appendix A.1.1) of 2048 bits: the modulus follows nine bytes of
        // tags and lengths; the exponent is always 65537.
        let modulus = &self.0.public_key().as_ref()[9..9 + 256];
        let n = BASE64_URL_SAFE_NO_PAD.encode(modulus);
        json!({"kty": "RSA", "use": "sig", "kid": kid, "n": n, "e": "AQAB"})
    }

    /// The public half as bytes that an attacker could take for a shared secret.
    pub(crate) fn public_bytes(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    pub(crate) fn rs256(&self, message: &[u8]) -> Vec<u8> {
        self.sign(&RSA_PKCS1_SHA256, message)
    }

    pub(crate) fn ps256(&self, message: &[u8]) -> Vec<u8> {
        self.sign(&RSA_PSS_SHA256, message)
    }

    /// By the algorithm of this name.
    pub(crate) fn by(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let encoding: &'static dyn RsaEncoding = match algorithm {
            "RS256" => &RSA_PKCS1_SHA256,
            "RS384" => &RSA_PKCS1_SHA384,
            "RS512" => &RSA_PKCS1_SHA512,
            "PS256" => &RSA_PSS_SHA256,
            "PS384" => &RSA_PSS_SHA384,
            _ => &RSA_PSS_SHA512,
        };
        self.sign(encoding, message)
    }

    fn sign(&self, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(encoding, &SystemRandom::new(), message, &mut signature).unwrap();
        signature
    }
}

/// An EC key on P-256 or P-384.
pub(crate) struct EcKey {
    pair: EcdsaKeyPair,
    curve: &'static str,
}

impl EcKey {
    pub(crate) fn generate() -> Self {
        Self::on("P-256", &ECDSA_P256_SHA256_FIXED_SIGNING)
    }

    pub(crate) fn p384() -> Self {
        Self::on("P-384", &ECDSA_P384_SHA384_FIXED_SIGNING)
    }

    fn on(curve: &'static str, algorithm: &'static EcdsaSigningAlgorithm) -> Self {
        Self { pair: EcdsaKeyPair::generate(algorithm).unwrap(), curve }
    }

    pub(crate) fn jwk(&self, kid: &str) -> Value {
        // An uncompressed point: 4, x, y.
        let point = &self.pair.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        let [x, y] = [x, y].map(|half| BASE64_URL_SAFE_NO_PAD.encode(half));
        json!({"kty": "EC", "crv": self.curve, "use": "sig", "kid": kid, "x": x, "y": y})
    }

    /// ES256 or ES384, as the curve has it.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
    }
}

/// A key on Ed25519.
pub(crate) struct EdKey(Ed25519KeyPair);

impl EdKey {
    pub(crate) fn generate() -> Self {
        Self(Ed25519KeyPair::generate().unwrap())
    }

    pub(crate) fn jwk(&self, kid: &str) -> Value {
        let x = BASE64_URL_SAFE_NO_PAD.encode(self.0.public_key().as_ref());
        json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": kid, "x": x})
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

/// A token with a signature made by `sign`.
pub(crate) fn token_with(header: &Value, claims: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let [header, claims] =
        [header.to_string(), claims.to_owned()].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
    let message = format!("{header}.{claims}");
    let signature = BASE64_URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

/// A token signed by `key` with RS256.
pub(crate) fn token(key: &RsaKey, kid: &str, claims: &Value) -> String {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": kid});
    token_with(&header, &claims.to_string(), |message| key.rs256(message))
}
