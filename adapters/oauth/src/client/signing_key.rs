//! A private key from PEM (RFC 7468), with its certificate if the provider knows the client by one.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
        RsaEncoding, RsaKeyPair,
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portico_domain::time::Timestamp;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use thiserror::Error;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Why a file is no credential. The text says what to do, and quotes nothing of the file.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct InvalidCredential(String);

fn invalid<T>(why: impl Into<String>) -> Result<T, InvalidCredential> {
    Err(InvalidCredential(why.into()))
}

/// A key that signs client assertions.
pub(crate) struct SigningKey {
    pair: Pair,
    /// The certificate by which the provider knows it.
    certificate: Option<Certificate>,
}

struct Certificate {
    /// base64url of its SHA-256 (`x5t#S256`, RFC 7515 section 4.1.8).
    thumbprint: String,
    expires_at: Timestamp,
    /// When it expires, as text.
    expiry: String,
}

enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
}

impl SigningKey {
    /// A private key: RSA of 2,048 bits or more, or P-256.
    pub(super) fn of_key(pem: &str) -> Result<Self, InvalidCredential> {
        Ok(Self { pair: Pair::read(&private_key(pem)?)?, certificate: None })
    }

    /// An RSA key with its certificate, in either order; other certificates of a chain are ignored.
    /// Entra ID takes RSA alone.
    pub(super) fn of_certificate(pem: &str) -> Result<Self, InvalidCredential> {
        let Pair::Rsa(pair) = Pair::read(&private_key(pem)?)? else {
            return invalid("its key is an elliptic curve's: use a certificate with an RSA key");
        };
        let certificate = certificate_of(pair.public_key().as_ref(), pem)?;
        Ok(Self { pair: Pair::Rsa(pair), certificate: Some(certificate) })
    }

    /// Refuses a key whose certificate has expired at `now`: the provider would refuse it too.
    pub(super) fn unexpired(self, now: Timestamp) -> Result<Self, InvalidCredential> {
        match &self.certificate {
            Some(Certificate { expires_at, expiry, .. }) if *expires_at < now => invalid(format!(
                "its certificate expired at {expiry}: write a new one and its key into it, and \
                 register that with the provider"
            )),
            _ => Ok(self),
        }
    }

    /// Whether the provider knows it by a certificate.
    pub(crate) fn has_certificate(&self) -> bool {
        self.certificate.is_some()
    }

    /// `x5t#S256`, if there is a certificate.
    pub(super) fn thumbprint(&self) -> Option<&str> {
        self.certificate.as_ref().map(|it| it.thumbprint.as_str())
    }

    /// The algorithm (RFC 7518 section 3.1). With a certificate it is PS256, as Entra ID wants; a key
    /// alone signs by RS256, which every provider of `private_key_jwt` has, or by ES256.
    pub(super) fn algorithm(&self) -> &'static str {
        match (&self.pair, &self.certificate) {
            (Pair::Rsa(_), Some(_)) => "PS256",
            (Pair::Rsa(_), None) => "RS256",
            (Pair::P256(_), _) => "ES256",
        }
    }

    /// The signature by [`algorithm`](Self::algorithm); `None` if the system gives no random bytes.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let encoding: &'static dyn RsaEncoding = match self.certificate {
                    Some(_) => &RSA_PSS_SHA256,
                    None => &RSA_PKCS1_SHA256,
                };
                pair.sign(encoding, &random, message, &mut signature).ok()?;
                Some(signature)
            }
            Pair::P256(pair) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
        }
    }
}

impl Pair {
    fn read(key: &PrivateKeyDer<'_>) -> Result<Self, InvalidCredential> {
        let curve = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let found = match key {
            PrivateKeyDer::Pkcs1(key) => {
                RsaKeyPair::from_der(key.secret_pkcs1_der()).map(Self::Rsa)
            }
            PrivateKeyDer::Sec1(key) => {
                EcdsaKeyPair::from_private_key_der(curve, key.secret_sec1_der()).map(Self::P256)
            }
            key => RsaKeyPair::from_pkcs8(key.secret_der())
                .map(Self::Rsa)
                .or_else(|_| EcdsaKeyPair::from_pkcs8(curve, key.secret_der()).map(Self::P256)),
        };
        found.or_else(|_| {
            invalid("its key is damaged or of another kind: use RSA of 2048 bits or more, or P-256")
        })
    }
}

/// The only private key in the text.
fn private_key(pem: &str) -> Result<PrivateKeyDer<'static>, InvalidCredential> {
    if pem.contains("ENCRYPTED") {
        return invalid(
            "its key is encrypted, and Portico takes no password beside it: decrypt it with `openssl \
             pkey -in FILE -out NEW` and let only Portico read the new file",
        );
    }
    let mut keys = PrivateKeyDer::pem_slice_iter(pem.as_bytes());
    match (keys.next(), keys.next()) {
        (Some(Ok(key)), None) => Ok(key),
        (Some(Ok(_)), Some(Ok(_))) => invalid("it has several private keys: leave one"),
        (None, _) => invalid("it has no private key in PEM (`-----BEGIN PRIVATE KEY-----`)"),
        _ => invalid(NOT_WHOLE),
    }
}

/// The certificate in the text with this public key (RSAPublicKey, RFC 8017 appendix A.1.1).
fn certificate_of(public_key: &[u8], pem: &str) -> Result<Certificate, InvalidCredential> {
    let mut others = 0;
    for der in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let der = der.or_else(|_| invalid(NOT_WHOLE))?;
        let Ok((_, parsed)) = X509Certificate::from_der(&der) else { return invalid(NOT_WHOLE) };
        if parsed.public_key().subject_public_key.data.as_ref() == public_key {
            let not_after = parsed.validity().not_after;
            let seconds = not_after.timestamp().try_into().unwrap_or_default();
            return Ok(Certificate {
                thumbprint: BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, &der)),
                expires_at: Timestamp::from_unix_seconds(seconds),
                expiry: not_after.to_string(),
            });
        }
        others += 1;
    }
    match others {
        0 => invalid("it has no certificate: write the certificate and its private key into it"),
        _ => invalid(
            "its private key is not that of its certificate: write both of one pair into it",
        ),
    }
}

const NOT_WHOLE: &str = "it is not whole: a line of its PEM is damaged or missing";
