//! Signatures by other algorithms than the key ring's RS256, as other providers make them: one key for each, the same
//! in every emulator of a process.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::bytes::base64url;

/// An algorithm of RFC 7518 section 3.1 or RFC 8037 section 3.1.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[allow(missing_docs, reason = "each has the name that the RFCs have for it")]
pub enum SigningAlgorithm {
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    EdDSA,
}

struct Keys {
    rsa: RsaKeyPair,
    p256: EcdsaKeyPair,
    p384: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys {
    rsa: RsaKeyPair::generate(KeySize::Rsa2048).expect("an RSA-2048 key can be generated"),
    p256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a P-256 key can be"),
    p384: EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).expect("a P-384 key can be"),
    ed25519: Ed25519KeyPair::generate().expect("an Ed25519 key can be"),
});

impl SigningAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 8] = [
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::EdDSA,
    ];

    /// The `alg` value.
    pub fn name(self) -> &'static str {
        match self {
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::EdDSA => "EdDSA",
        }
    }

    /// The `kid` of its key.
    pub(crate) fn kid(self) -> String {
        format!("signs-{}", self.name())
    }

    /// The public key as a JSON Web Key.
    pub(crate) fn jwk(self) -> Value {
        let point = |crv: &str, point: &[u8]| {
            // An uncompressed point: 4, x, y.
            let (x, y) = point[1..].split_at(point.len() / 2);
            json!({ "kty": "EC", "crv": crv, "x": base64url(x), "y": base64url(y) })
        };
        let mut jwk = match self {
            Self::ES256 => point("P-256", KEYS.p256.public_key().as_ref()),
            Self::ES384 => point("P-384", KEYS.p384.public_key().as_ref()),
            Self::EdDSA => {
                let x = base64url(KEYS.ed25519.public_key().as_ref());
                json!({ "kty": "OKP", "crv": "Ed25519", "x": x })
            }
            _ => {
                let key = KEYS.rsa.public_key();
                let n = base64url(key.modulus().big_endian_without_leading_zero());
                let e = base64url(key.exponent().big_endian_without_leading_zero());
                json!({ "kty": "RSA", "n": n, "e": e })
            }
        };
        jwk["use"] = "sig".into();
        jwk["alg"] = self.name().into();
        jwk["kid"] = self.kid().into();
        jwk
    }

    /// Signs `text`.
    pub(crate) fn sign(self, text: &str) -> Vec<u8> {
        let (text, random) = (text.as_bytes(), SystemRandom::new());
        let rsa = |encoding: &'static dyn RsaEncoding| {
            let mut signature = vec![0; KEYS.rsa.public_modulus_len()];
            let signed = KEYS.rsa.sign(encoding, &random, text, &mut signature);
            signed.expect("an RSA-2048 key signs a digest");
            signature
        };
        let ecdsa = |key: &EcdsaKeyPair| {
            key.sign(&random, text).expect("a key signs a digest").as_ref().to_vec()
        };
        match self {
            Self::RS384 => rsa(&RSA_PKCS1_SHA384),
            Self::RS512 => rsa(&RSA_PKCS1_SHA512),
            Self::PS256 => rsa(&RSA_PSS_SHA256),
            Self::PS384 => rsa(&RSA_PSS_SHA384),
            Self::PS512 => rsa(&RSA_PSS_SHA512),
            Self::ES256 => ecdsa(&KEYS.p256),
            Self::ES384 => ecdsa(&KEYS.p384),
            Self::EdDSA => KEYS.ed25519.sign(text).as_ref().to_vec(),
        }
    }
}

/// `at_hash` (OpenID Connect Core section 3.1.3.6): the left half of the access token's hash under the hash function
/// of the ID token's algorithm; `None` is RS256.
pub(crate) fn at_hash(access_token: &str, algorithm: Option<SigningAlgorithm>) -> String {
    use SigningAlgorithm::{ES384, EdDSA, PS384, PS512, RS384, RS512};
    let hash = match algorithm {
        Some(RS384 | PS384 | ES384) => Sha384::digest(access_token).to_vec(),
        Some(RS512 | PS512 | EdDSA) => Sha512::digest(access_token).to_vec(),
        _ => Sha256::digest(access_token).to_vec(),
    };
    base64url(&hash[..hash.len() / 2])
}
