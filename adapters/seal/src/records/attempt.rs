//! A login attempt.

use minicbor::{CborLen, Decode, Encode, bytes::ByteArray};
use portico_domain::{
    epoch::Epoch,
    identity::{ProviderId, TenantId},
    login::{LoginOrigin, PendingLogin, ResponseIssuer},
    provider::Revision,
    return_to::ReturnTo,
    secret::{Nonce, PkceVerifier},
    session::{SessionKey, SignOutCount},
    time::Timestamp,
};
use url::Url;

use super::DecodeError;

#[derive(CborLen, Decode, Encode)]
pub(crate) struct Attempt<'a> {
    #[b(0)]
    provider: &'a str,
    #[b(1)]
    revision: &'a str,
    #[b(2)]
    tenant: Option<&'a str>,
    #[b(3)]
    redirect_uri: &'a str,
    #[b(4)]
    return_to: &'a str,
    #[b(5)]
    nonce: &'a str,
    #[b(6)]
    verifier: &'a str,
    #[b(7)]
    issuer: &'a str,
    #[n(8)]
    issuer_required: bool,
    #[n(9)]
    epoch: u64,
    #[n(10)]
    expires_at: u64,
    #[n(11)]
    returns_errors: bool,
    #[n(12)]
    sign_outs: u64,
    #[n(13)]
    own_page: bool,
    #[n(14)]
    session: Option<ByteArray<32>>,
    #[n(15)]
    refresh: Option<bool>,
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
            returns_errors: attempt.returns_errors,
            sign_outs: attempt.origin.sign_outs.0,
            own_page: attempt.origin.own_page,
            session: attempt.origin.session.map(|key| ByteArray::from(*key.as_bytes())),
            refresh: attempt.origin.refresh.then_some(true),
        }
    }

    pub(crate) fn read(plain: &'a [u8]) -> Result<PendingLogin, DecodeError> {
        let record: Self = super::decode(plain)?;
        Ok(PendingLogin {
            provider: ProviderId::parse(record.provider)?,
            revision: Revision::new(record.revision),
            tenant: record.tenant.map(TenantId::parse).transpose()?,
            redirect_uri: Url::parse(record.redirect_uri)?,
            return_to: ReturnTo::from_url(Url::parse(record.return_to)?),
            returns_errors: record.returns_errors,
            nonce: Nonce::new(record.nonce),
            verifier: PkceVerifier::new(record.verifier),
            issuer: ResponseIssuer {
                issuer: record.issuer.into(),
                required: record.issuer_required,
            },
            epoch: Epoch::from_number(record.epoch),
            origin: LoginOrigin {
                session: record.session.map(|key| SessionKey::from_bytes(*key)),
                own_page: record.own_page,
                sign_outs: SignOutCount(record.sign_outs),
                refresh: record.refresh.unwrap_or_default(),
            },
            expires_at: Timestamp::from_unix_seconds(record.expires_at),
        })
    }
}
