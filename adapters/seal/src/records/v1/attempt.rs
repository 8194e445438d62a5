//! A login attempt in format 1.

use portico_domain::{
    epoch::Epoch,
    identity::{ProviderId, TenantId},
    login::{PendingLogin, ResponseIssuer},
    provider::Revision,
    return_to::ReturnTo,
    secret::{Nonce, PkceVerifier},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::Senseless;

#[derive(Serialize, Deserialize)]
pub(crate) struct Attempt<'a> {
    provider: &'a str,
    revision: &'a str,
    tenant: Option<&'a str>,
    redirect_uri: &'a str,
    return_to: &'a str,
    nonce: &'a str,
    verifier: &'a str,
    issuer: &'a str,
    issuer_required: bool,
    epoch: u64,
    expires_at: u64,
}

impl<'a> Attempt<'a> {
    pub(crate) fn of(attempt: &'a PendingLogin) -> Self {
        Self {
            provider: attempt.provider.as_str(),
            revision: attempt.revision.as_str(),
            tenant: attempt.tenant.as_ref().map(TenantId::as_str),
            redirect_uri: attempt.redirect_uri.as_str(),
            return_to: attempt.return_to.url().as_str(),
            nonce: attempt.nonce.expose(),
            verifier: attempt.verifier.expose(),
            issuer: &attempt.issuer.issuer,
            issuer_required: attempt.issuer.required,
            epoch: attempt.epoch.number(),
            expires_at: attempt.expires_at.unix_seconds(),
        }
    }

    pub(crate) fn read(plain: &'a [u8]) -> Result<PendingLogin, Senseless> {
        let record: Self = postcard::from_bytes(plain)?;
        Ok(PendingLogin {
            provider: ProviderId::parse(record.provider)?,
            revision: Revision::new(record.revision),
            tenant: record.tenant.map(TenantId::parse).transpose()?,
            redirect_uri: Url::parse(record.redirect_uri)?,
            return_to: ReturnTo::from_url(Url::parse(record.return_to)?),
            nonce: Nonce::new(record.nonce),
            verifier: PkceVerifier::new(record.verifier),
            issuer: ResponseIssuer {
                issuer: record.issuer.into(),
                required: record.issuer_required,
            },
            epoch: Epoch::from_number(record.epoch),
            expires_at: Timestamp::from_unix_seconds(record.expires_at),
        })
    }
}
