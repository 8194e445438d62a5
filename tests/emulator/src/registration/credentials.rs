//! Keys and certificates as an operator makes them for an application.

use std::io;
use std::time::{Duration, SystemTime};

use rcgen::{
    CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, SignatureAlgorithm,
};

use super::RegisteredCredential;

/// A private key in PEM (PKCS #8), and what is registered of it.
#[derive(Debug)]
pub struct ClientKey {
    /// The private key, with its certificate if it has one.
    pub pem: String,
    /// What the provider gets: the certificate or the public key.
    pub registration: RegisteredCredential,
}

impl ClientKey {
    /// An RSA key.
    ///
    /// # Errors
    /// No key can be generated.
    pub fn rsa() -> io::Result<Self> {
        Self::of(&PKCS_RSA_SHA256)
    }

    /// A P-256 key.
    ///
    /// # Errors
    /// No key can be generated.
    pub fn p256() -> io::Result<Self> {
        Self::of(&PKCS_ECDSA_P256_SHA256)
    }

    fn of(algorithm: &'static SignatureAlgorithm) -> io::Result<Self> {
        let key = KeyPair::generate_for(algorithm).map_err(io::Error::other)?;
        let registration = RegisteredCredential::PublicKey(key.public_key_pem());
        Ok(Self { pem: key.serialize_pem(), registration })
    }

    /// A self-signed certificate with an RSA key, in one text, that expires at this time.
    ///
    /// # Errors
    /// No certificate can be generated.
    pub fn certificate(expires_at: SystemTime) -> io::Result<Self> {
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256).map_err(io::Error::other)?;
        let mut params = CertificateParams::new(["portico.example".to_owned()]);
        if let Ok(params) = &mut params {
            params.not_before = (expires_at - Duration::from_secs(366 * 24 * 3_600)).into();
            params.not_after = expires_at.into();
        }
        let certificate = params.and_then(|it| it.self_signed(&key)).map_err(io::Error::other)?;
        let pem = format!("{}{}", key.serialize_pem(), certificate.pem());
        Ok(Self { pem, registration: RegisteredCredential::Certificate(certificate.pem()) })
    }
}
