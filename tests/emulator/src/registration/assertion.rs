//! Verification of client assertions (RFC 7523 section 3, and Entra ID's certificate credentials).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    VerificationAlgorithm,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::bytes::{base64url, from_base64url};

/// The longest lifetime of an assertion in seconds.
const MAX_LIFETIME: i64 = 600;

/// Why an assertion is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AssertionError {
    /// `client_assertion_type` is another one.
    Type,
    Malformed,
    /// It names no registered certificate, or nothing is registered that could verify it.
    NoKey,
    /// The certificate that it names has expired.
    ExpiredKey,
    Signature,
    /// `iss` or `sub`.
    Client,
    Audience,
    /// It has expired, is not valid yet, or is valid for too long.
    Time,
    /// Its `jti` was used before, or it has none.
    Used,
}

/// An assertion whose signature is not yet verified.
pub(super) struct Assertion<'a> {
    input: &'a str,
    signature: Vec<u8>,
    header: Value,
    claims: Value,
}

impl<'a> Assertion<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, AssertionError> {
        let read = || {
            let (input, signature) = text.rsplit_once('.')?;
            let (header, claims) = input.split_once('.')?;
            let json = |part| serde_json::from_slice(&from_base64url(part)?).ok();
            let signature = from_base64url(signature)?;
            Some(Self { input, signature, header: json(header)?, claims: json(claims)? })
        };
        read().ok_or(AssertionError::Malformed)
    }

    pub(super) fn issuer(&self) -> &str {
        self.claims["iss"].as_str().unwrap_or_default()
    }

    /// `jti` and `exp`.
    pub(super) fn id_and_expiry(&self) -> Result<(&str, i64), AssertionError> {
        let id = self.claims["jti"].as_str().filter(|id| !id.is_empty());
        id.zip(self.claims["exp"].as_i64()).ok_or(AssertionError::Used)
    }

    /// Checks the claims.
    pub(super) fn check(&self, expected: &Expected<'_>, now: i64) -> Result<(), AssertionError> {
        if self.issuer() != expected.issuer || self.claims["sub"] != expected.subject {
            return Err(AssertionError::Client);
        }
        let audience = self.claims["aud"].as_str();
        if !audience.is_some_and(|it| expected.audiences.iter().any(|own| own == it)) {
            return Err(AssertionError::Audience);
        }
        let time = |name: &str| self.claims[name].as_i64();
        let is_valid = time("exp").is_some_and(|end| {
            let start = time("nbf").unwrap_or(now);
            let is_own = expected.issuer == expected.subject;
            start <= now && now < end && (!is_own || end - start <= MAX_LIFETIME)
        });
        if is_valid { Ok(()) } else { Err(AssertionError::Time) }
    }
}

/// What an assertion has to say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) subject: &'a str,
    /// Exactly one of them, as a string.
    pub(super) audiences: &'a [String],
}

/// A registered public key (SubjectPublicKeyInfo).
pub(super) struct Verifier(Vec<u8>);

impl Verifier {
    pub(super) fn of_key(pem: &str) -> Result<Self, AssertionError> {
        let key = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes());
        key.map(|key| Self(key.to_vec())).map_err(|_| AssertionError::NoKey)
    }

    /// The key of a certificate, if the assertion names it.
    pub(super) fn of_certificate(
        pem: &str,
        assertion: &Assertion<'_>,
        now: i64,
    ) -> Option<Result<Self, AssertionError>> {
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
        if assertion.header["x5t#S256"] != base64url(Sha256::digest(&der)) {
            return None;
        }
        let (_, certificate) = X509Certificate::from_der(&der).ok()?;
        if certificate.validity().not_after.timestamp() < now {
            return Some(Err(AssertionError::ExpiredKey));
        }
        Some(Ok(Self(certificate.public_key().raw.to_vec())))
    }

    pub(super) fn verify(&self, assertion: &Assertion<'_>) -> Result<(), AssertionError> {
        let algorithm: &'static dyn VerificationAlgorithm = match assertion.header["alg"].as_str() {
            Some("RS256") => &RSA_PKCS1_2048_8192_SHA256,
            Some("PS256") => &RSA_PSS_2048_8192_SHA256,
            Some("ES256") => &ECDSA_P256_SHA256_FIXED,
            _ => return Err(AssertionError::Signature),
        };
        let key = ParsedPublicKey::new(algorithm, &self.0).map_err(|_| AssertionError::NoKey)?;
        let verified = key.verify_sig(assertion.input.as_bytes(), &assertion.signature);
        verified.map_err(|_| AssertionError::Signature)
    }
}
