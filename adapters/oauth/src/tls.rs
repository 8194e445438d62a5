//! TLS client configuration: trusted certificates.

use std::sync::{Arc, OnceLock};

use rustls::{
    ClientConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use thiserror::Error;

/// Why the TLS configuration could not be built.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The text is no bundle of PEM certificates.
    #[error("the extra certificates are not PEM certificates: {0}")]
    Certificates(String),
    /// Most often the system has no trusted certificates.
    #[error("TLS cannot be set up")]
    SetUp(#[from] rustls::Error),
}

/// A configuration with the system's certificates. They are some 300 files, so they are read once per
/// process, which has one client per provider.
pub(crate) fn system() -> Result<ClientConfig, TlsError> {
    static SYSTEM: OnceLock<ClientConfig> = OnceLock::new();
    if let Some(known) = SYSTEM.get() {
        return Ok(known.clone());
    }
    let read = config(Vec::new())?;
    Ok(SYSTEM.get_or_init(|| read).clone())
}

/// A configuration with the system's certificates and these PEM certificates.
pub(crate) fn trusting(pem: &[u8]) -> Result<ClientConfig, TlsError> {
    let extra: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let extra = extra.map_err(|error| TlsError::Certificates(error.to_string()))?;
    if extra.is_empty() {
        return Err(TlsError::Certificates("there is none in the text".into()));
    }
    config(extra)
}

fn config(extra: Vec<CertificateDer<'static>>) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider))?;
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    // `dangerous` warns of a custom verifier; this one is the rustls project's, with the system's
    // certificates.
    let config = config.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(config.with_no_client_auth())
}
