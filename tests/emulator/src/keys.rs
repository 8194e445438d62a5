//! RSA signing keys and JSON Web Signatures.
//!
//! Tokens are signed without a JWT library, since fault injection needs headers that no library writes.

use std::sync::Arc;
use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
};
use aws_lc_rs::{error::Unspecified, hmac};
use serde_json::{Value, json};

use crate::bytes::{base64, base64url, from_base64url, sha256_base64url};
use crate::signing::SigningAlgorithm;

/// An RSA-2048 key pair and its published parameters.
#[derive(Debug)]
pub(crate) struct Key {
    pair: KeyPair,
    public: ParsedPublicKey,
    /// The key id in headers and key sets.
    pub(crate) kid: String,
    n: String,
    e: String,
}

impl Key {
    pub(crate) fn generate() -> Result<Self, Unspecified> {
        let pair = KeyPair::generate(KeySize::Rsa2048)?;
        let public_key = pair.public_key();
        let n = base64url(public_key.modulus().big_endian_without_leading_zero());
        let e = base64url(public_key.exponent().big_endian_without_leading_zero());
        let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public_key.as_ref())
            .map_err(|_| Unspecified)?;
        let kid = sha256_base64url(&n)[..27].to_owned();
        Ok(Self { pair, public, kid, n, e })
    }

    /// The public key as a JSON Web Key.
    pub(crate) fn jwk(&self) -> Value {
        json!({ "kty": "RSA", "use": "sig", "kid": self.kid, "x5t": self.kid, "n": self.n, "e": self.e })
    }

    /// Signs header and claims with RS256.
    pub(crate) fn sign(&self, header: &impl ToString, claims: &impl ToString) -> String {
        let input = signing_input(header, claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input.as_bytes(), &mut signature)
            .expect("an RSA-2048 key signs a SHA-256 digest");
        format!("{input}.{}", base64url(signature))
    }

    /// Signs header and claims with HS256 under the public key's PEM as the secret (algorithm confusion attack).
    pub(crate) fn sign_hs256_with_public_key(
        &self,
        header: &impl ToString,
        claims: &impl ToString,
    ) -> String {
        let input = signing_input(header, claims);
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.public_pem().as_bytes());
        format!("{input}.{}", base64url(hmac::sign(&key, input.as_bytes())))
    }

    fn verifies(&self, input: &str, signature: &[u8]) -> bool {
        self.public.verify_sig(input.as_bytes(), signature).is_ok()
    }

    pub(crate) fn public_pem(&self) -> String {
        let der: Result<PublicKeyX509Der<'_>, _> = self.pair.public_key().as_der();
        let body = der.map(|der| base64(der.as_ref())).unwrap_or_default();
        let lines: String = body
            .as_bytes()
            .chunks(64)
            .map(|line| format!("{}\n", String::from_utf8_lossy(line)))
            .collect();
        format!("-----BEGIN PUBLIC KEY-----\n{lines}-----END PUBLIC KEY-----\n")
    }
}

/// Signs header and claims with an algorithm other than RS256.
pub(crate) fn signed_by(
    algorithm: SigningAlgorithm,
    header: &impl ToString,
    claims: &impl ToString,
) -> String {
    let input = signing_input(header, claims);
    format!("{input}.{}", base64url(algorithm.sign(&input)))
}

/// Header and claims with an empty signature.
pub(crate) fn unsigned(header: &impl ToString, claims: &impl ToString) -> String {
    format!("{}.", signing_input(header, claims))
}

fn signing_input(header: &impl ToString, claims: &impl ToString) -> String {
    format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()))
}

/// A key that no key set publishes, for tokens with a `jwk` header.
pub(crate) static UNPUBLISHED_KEY: LazyLock<Key> =
    LazyLock::new(|| Key::generate().expect("an RSA-2048 key can be generated"));

/// The keys in use. Rotation makes a new ring; a request continues with the ring it began with.
#[derive(Clone, Debug)]
pub(crate) struct KeyRing {
    /// The published keys; the first one signs.
    published: Vec<Arc<Key>>,
    /// No longer published, but Resource Manager still accepts access tokens signed with them.
    retired: Vec<Arc<Key>>,
}

impl KeyRing {
    /// Maximum number of retired keys that still verify access tokens.
    const MAX_RETIRED_KEYS: usize = 64;

    /// Two keys: one signs, one is the next, since Entra ID publishes its next key in advance.
    pub(crate) fn generate() -> Result<Self, Unspecified> {
        let (first, second) = std::thread::scope(|scope| {
            let other = scope.spawn(Key::generate);
            (Key::generate(), other.join().unwrap_or(Err(Unspecified)))
        });
        Ok(Self { published: vec![Arc::new(first?), Arc::new(second?)], retired: Vec::new() })
    }

    /// A ring with new signing keys; the old ones stay published only if `keep_old`.
    pub(crate) fn rotated(&self, keep_old: bool) -> Result<Self, Unspecified> {
        let mut next = Self::generate()?;
        let old = self.published.iter().cloned();
        if keep_old {
            next.published.extend(old);
            next.retired = self.retired.clone();
        } else {
            next.retired =
                old.chain(self.retired.iter().cloned()).take(Self::MAX_RETIRED_KEYS).collect();
        }
        Ok(next)
    }

    /// The current signing key.
    pub(crate) fn signing(&self) -> &Key {
        &self.published[0]
    }

    pub(crate) fn published(&self) -> impl Iterator<Item = &Key> {
        self.published.iter().map(AsRef::as_ref)
    }

    /// Verifies an RS256 signature by a published or retired key and returns the claims, which are not checked.
    pub(crate) fn verified_claims(&self, token: &str) -> Option<Value> {
        let (input, signature) = token.rsplit_once('.')?;
        let (header, claims) = input.split_once('.')?;
        let header: Value = serde_json::from_slice(&from_base64url(header)?).ok()?;
        if header["alg"] != "RS256" {
            return None;
        }
        let kid = header["kid"].as_str()?;
        let key = self.published.iter().chain(&self.retired).find(|key| key.kid == kid)?;
        if !key.verifies(input, &from_base64url(signature)?) {
            return None;
        }
        serde_json::from_slice(&from_base64url(claims)?).ok()
    }
}
