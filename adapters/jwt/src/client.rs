//! Client assertions, verified by the public keys of apps.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use portico_domain::{apps::ClientKey, ports::AssertionVerifier, signing::SigningAlgorithm};
use serde_json::{Map, Value};
use thiserror::Error;
use x509_parser::{
    pem::parse_x509_pem, prelude::FromDer, public_key::PublicKey, x509::SubjectPublicKeyInfo,
};

/// The shortest modulus of an RSA key, in bytes.
const MIN_RSA_LEN: usize = 256;

/// The longest assertion, in bytes. Those of client libraries have less than 1 KiB.
const MAX_LEN: usize = 8 * 1_024;

/// Verifies assertions with ES256 and RS256.
#[derive(Clone, Copy, Debug, Default)]
pub struct JwtAssertions;

/// The text is no public key that a backend can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidClientKey {
    /// It is no PEM document with a public key.
    #[error("write the public key as PEM, from -----BEGIN PUBLIC KEY----- to its end")]
    NoPublicKey,
    /// It is a private key.
    #[error("this is a private key, which stays with the backend: write its public key")]
    Private,
    /// It is of another kind, or too short.
    #[error("keys are of the curve P-256, or RSA with 2,048 bits or more")]
    Kind,
}

/// Reads a public key of a backend: a PEM document with a `SubjectPublicKeyInfo` (RFC 7468 section 13).
pub fn read_client_key(pem: &str) -> Result<ClientKey, InvalidClientKey> {
    if pem.contains("PRIVATE KEY") {
        return Err(InvalidClientKey::Private);
    }
    let pem = pem.trim();
    if !pem.starts_with("-----BEGIN PUBLIC KEY-----") {
        return Err(InvalidClientKey::NoPublicKey);
    }
    let key = |algorithm| ClientKey { algorithm, pem: pem.to_owned() };
    let algorithms = [SigningAlgorithm::Es256, SigningAlgorithm::Rs256];
    let fitting = algorithms.map(key).into_iter().find(|key| decoding_key(key).is_some());
    fitting.ok_or(InvalidClientKey::Kind)
}

impl AssertionVerifier for JwtAssertions {
    fn verified(&self, assertion: &str, keys: &[ClientKey]) -> Option<Map<String, Value>> {
        if assertion.len() > MAX_LEN || asks_for_an_extension(assertion) {
            return None;
        }
        keys.iter().find_map(|key| {
            let mut validation = Validation::new(algorithm(key.algorithm));
            // The use case checks the claims, by its own clock.
            validation.required_spec_claims.clear();
            validation.validate_exp = false;
            validation.validate_aud = false;
            decode(assertion, &decoding_key(key)?, &validation).ok().map(|decoded| decoded.claims)
        })
    }
}

/// Whether the header asks for an extension: whoever does not know it must refuse the token (RFC 7515 section
/// 4.1.11). `jsonwebtoken` reads past it.
fn asks_for_an_extension(assertion: &str) -> bool {
    let header = assertion.split('.').next().unwrap_or_default();
    let header = BASE64_URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let header: Map<String, Value> = serde_json::from_slice(&header).unwrap_or_default();
    ["crit", "b64", "zip", "enc"].iter().any(|name| header.contains_key(*name))
}

fn algorithm(algorithm: SigningAlgorithm) -> Algorithm {
    match algorithm {
        SigningAlgorithm::Es256 => Algorithm::ES256,
        SigningAlgorithm::Rs256 => Algorithm::RS256,
    }
}

/// The key, if it is of this algorithm.
fn decoding_key(key: &ClientKey) -> Option<DecodingKey> {
    let (_, pem) = parse_x509_pem(key.pem.as_bytes()).ok()?;
    let (rest, info) = SubjectPublicKeyInfo::from_der(&pem.contents).ok()?;
    if pem.label != "PUBLIC KEY" || !rest.is_empty() {
        return None;
    }
    match (key.algorithm, info.parsed().ok()?) {
        (SigningAlgorithm::Es256, PublicKey::EC(point)) => {
            // Uncompressed: 4, x, y of 32 bytes each (SEC 1 section 2.3.3).
            let [4, coordinates @ ..] = point.data() else { return None };
            let (x, y) = (coordinates.len() == 64).then(|| coordinates.split_at(32))?;
            DecodingKey::from_ec_components(&encoded(x), &encoded(y)).ok()
        }
        (SigningAlgorithm::Rs256, PublicKey::RSA(rsa)) => {
            let modulus = without_zeros(rsa.modulus);
            if modulus.len() < MIN_RSA_LEN {
                return None;
            }
            Some(DecodingKey::from_rsa_raw_components(modulus, without_zeros(rsa.exponent)))
        }
        _ => None,
    }
}

/// An unsigned number without the leading zeros of DER.
fn without_zeros(number: &[u8]) -> &[u8] {
    let start = number.iter().position(|&byte| byte != 0).unwrap_or(number.len());
    number.get(start..).unwrap_or_default()
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests;
