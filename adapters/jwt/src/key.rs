//! A key that is ready to sign.

use aws_lc_rs::{
    error::KeyRejected,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
        ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portico_domain::{
    ports::{LoadedKey, SigningError},
    signing::{SigningAlgorithm, SigningKey},
};
use serde_json::{Map, Value, json};

/// The media type of an access token (RFC 9068 section 2.1).
const TYPE: &str = "at+jwt";

/// A key with what does not change from token to token.
pub(crate) struct JwtKey {
    pair: Pair,
    public: ParsedPublicKey,
    jwk: Value,
    /// The header, encoded, with the dot behind it.
    header: String,
}

enum Pair {
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl JwtKey {
    pub(crate) fn read(key: &SigningKey) -> Result<Self, SigningError> {
        let pkcs8 = key.private.expose();
        let pair = match key.algorithm {
            SigningAlgorithm::Es256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map(Pair::P256)
            }
            SigningAlgorithm::Rs256 => RsaKeyPair::from_pkcs8(pkcs8).map(Pair::Rsa),
        };
        let damaged = || SigningError::DamagedKey(key.id.clone());
        let pair = pair.map_err(|_| damaged())?;
        let public = pair.public_key().map_err(|_| damaged())?;
        let mut jwk = pair.public_members();
        jwk["kid"] = key.id.as_str().into();
        jwk["use"] = "sig".into();
        jwk["alg"] = key.algorithm.as_str().into();
        let header = json!({ "alg": key.algorithm.as_str(), "typ": TYPE, "kid": key.id });
        Ok(Self { pair, public, jwk, header: encoded(header.to_string().as_bytes()) + "." })
    }
}

impl Pair {
    /// The members of a JWK that are of its type (RFC 7518 sections 6.2.1 and 6.3.1).
    fn public_members(&self) -> Value {
        match self {
            Self::P256(pair) => {
                // Uncompressed: 4, x, y (SEC 1 section 2.3.3).
                let point = pair.public_key().as_ref();
                let (x, y) = point.get(1..).unwrap_or_default().split_at(point.len() / 2);
                json!({ "kty": "EC", "crv": "P-256", "x": encoded(x), "y": encoded(y) })
            }
            Self::Rsa(pair) => {
                let public = pair.public_key();
                let n = encoded(public.modulus().big_endian_without_leading_zero());
                let e = encoded(public.exponent().big_endian_without_leading_zero());
                json!({ "kty": "RSA", "n": n, "e": e })
            }
        }
    }

    fn public_key(&self) -> Result<ParsedPublicKey, KeyRejected> {
        match self {
            Self::P256(pair) => {
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref())
            }
            Self::Rsa(pair) => {
                ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let failed = |_| SigningError::Failed("nothing was signed");
        let random = SystemRandom::new();
        match self {
            Self::P256(pair) => Ok(pair.sign(&random, message).map_err(failed)?.as_ref().to_vec()),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
        }
    }
}

impl LoadedKey for JwtKey {
    fn public_jwk(&self) -> &Value {
        &self.jwk
    }

    fn sign(&self, claims: &Map<String, Value>) -> Result<String, SigningError> {
        let claims = serde_json::to_vec(claims).map_err(|_| SigningError::Failed("no JSON"))?;
        let mut token = self.header.clone() + &encoded(&claims);
        let signature = self.pair.sign(token.as_bytes())?;
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// The header is compared as it stands: this key writes no other.
    fn verified(&self, token: &str) -> Option<Map<String, Value>> {
        let (claims, signature) = token.strip_prefix(&self.header)?.split_once('.')?;
        let signed = &token.as_bytes()[..self.header.len() + claims.len()];
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.public.verify_sig(signed, &signature).ok()?;
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
