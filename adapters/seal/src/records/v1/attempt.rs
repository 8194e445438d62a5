//! A login attempt in format 1.

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
use serde::{Deserialize, Serialize};
use url::Url;

use super::DecodeError;

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

/// Where a login was begun: laid out behind the attempt.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Begun {
    session: Option<[u8; 32]>,
    own_page: bool,
    sign_outs: u64,
}

impl Begun {
    fn of(origin: &LoginOrigin) -> Self {
        Self {
            session: origin.session.map(|key| *key.as_bytes()),
            own_page: origin.own_page,
            sign_outs: origin.sign_outs.0,
        }
    }
}

impl<'a> Attempt<'a> {
    /// The attempt, where it was begun, and whether errors return.
    pub(crate) fn of(attempt: &'a PendingLogin) -> (Self, Begun, bool) {
        let (begun, returns_errors) = (Begun::of(&attempt.origin), attempt.returns_errors);
        let attempt = Self {
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
        };
        (attempt, begun, returns_errors)
    }

    pub(crate) fn read(plain: &'a [u8]) -> Result<PendingLogin, DecodeError> {
        let (record, rest): (Self, _) = postcard::take_from_bytes(plain)?;
        // Portico before 0.2 wrote nothing of where a login was begun, and for a while nothing behind
        // that.
        let (begun, rest) = match rest {
            [] => (Begun::default(), rest),
            rest => postcard::take_from_bytes(rest)?,
        };
        let returns_errors = if rest.is_empty() { false } else { postcard::from_bytes(rest)? };
        Ok(PendingLogin {
            provider: ProviderId::parse(record.provider)?,
            revision: Revision::new(record.revision),
            tenant: record.tenant.map(TenantId::parse).transpose()?,
            redirect_uri: Url::parse(record.redirect_uri)?,
            return_to: ReturnTo::from_url(Url::parse(record.return_to)?),
            returns_errors,
            nonce: Nonce::new(record.nonce),
            verifier: PkceVerifier::new(record.verifier),
            issuer: ResponseIssuer {
                issuer: record.issuer.into(),
                required: record.issuer_required,
            },
            epoch: Epoch::from_number(record.epoch),
            origin: LoginOrigin {
                session: begun.session.map(SessionKey::from_bytes),
                own_page: begun.own_page,
                sign_outs: SignOutCount(begun.sign_outs),
            },
            expires_at: Timestamp::from_unix_seconds(record.expires_at),
        })
    }
}
