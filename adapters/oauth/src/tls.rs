//! Whose certificates are trusted.

use std::sync::{Arc, OnceLock};

use rustls::{
    ClientConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;

use crate::http_client::HttpClientError;

/// TLS that trusts what the system trusts. Its certificates are some 300 files: they are read once
/// in the life of a process, which has one client a provider.
pub(crate) fn system() -> Result<ClientConfig, HttpClientError> {
    static SYSTEM: OnceLock<ClientConfig> = OnceLock::new();
    if let Some(known) = SYSTEM.get() {
        return Ok(known.clone());
    }
    let read = config(Vec::new())?;
    Ok(SYSTEM.get_or_init(|| read).clone())
}

/// TLS that trusts what the system trusts, and these PEM certificates.
pub(crate) fn trusting(pem: &[u8]) -> Result<ClientConfig, HttpClientError> {
    let extra: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let extra = extra.map_err(|error| HttpClientError::Certificates(error.to_string()))?;
    if extra.is_empty() {
        return Err(HttpClientError::Certificates("there is none in the text".into()));
    }
    config(extra)
}

fn config(extra: Vec<CertificateDer<'static>>) -> Result<ClientConfig, HttpClientError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider))?;
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    // "Dangerous" is that another verifier takes the place of rustls' own: this one is rustls' own
    // with the system's certificates.
    let config = config.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(config.with_no_client_auth())
}
