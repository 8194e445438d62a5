//! A login whose person is at the identity provider. The attempt is sealed in the browser's cookie.

use url::Url;

use super::{
    ATTEMPT_LIFETIME, AuthorizationResponse, AuthorizedLogin, Callback, CallbackRejected, Epoch,
    Redemption,
};
use crate::{
    identity::{ProviderId, Revision, TenantId},
    issuer_template::IssuerTemplate,
    return_to::ReturnTo,
    secret::{Nonce, PkceVerifier, State},
    session::{SessionKey, SignOutCount},
    time::Timestamp,
};

/// The secrets of one attempt, drawn when it begins.
#[derive(Clone, Debug)]
pub struct LoginSecrets {
    /// Identifies the attempt.
    pub state: State,
    /// The ID token must carry it.
    pub nonce: Nonce,
    /// The token request must carry it.
    pub verifier: PkceVerifier,
}

/// What the `iss` of an authorization response must be (RFC 9207).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseIssuer {
    /// The provider's issuer; `{tenantid}` in it matches any one tenant.
    pub issuer: String,
    /// Whether the provider declares that it sends `iss`: then a response without it is an attack.
    pub required: bool,
}

impl ResponseIssuer {
    /// Whether a response with this `iss` may be from the provider.
    pub fn accepts(&self, iss: Option<&str>) -> bool {
        let Some(iss) = iss else { return !self.required };
        IssuerTemplate::new(&self.issuer).matches(iss)
    }
}

/// Where a login began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoginOrigin {
    /// The session that the browser had.
    pub session: Option<SessionKey>,
    /// Whether a page of Portico or of the dashboard began it: then the account is connected to
    /// that session without a question.
    pub own_page: bool,
    /// The number of sign-outs everywhere until then.
    pub sign_outs: SignOutCount,
    /// Whether the resources are listed again, however recent the last listing is.
    pub refresh: bool,
}

/// A login that waits for its callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingLogin {
    /// The provider it began with.
    pub provider: ProviderId,
    /// The build of the provider that completes the login.
    pub revision: Revision,
    /// The requested tenant, if any.
    pub tenant: Option<TenantId>,
    /// The redirect URI of the authorization request: the token request must repeat it.
    pub redirect_uri: Url,
    /// The target of the final redirect.
    pub return_to: ReturnTo,
    /// Whether a failed login redirects to `return_to` with an `error` parameter. Only if the
    /// caller named a `return_to`: then an app is there that can read the parameter.
    pub returns_errors: bool,
    /// The ID token must carry it.
    pub nonce: Nonce,
    /// The token request must carry it.
    pub verifier: PkceVerifier,
    /// What the `iss` of the response must be.
    pub issuer: ResponseIssuer,
    /// Where the login began.
    pub origin: LoginOrigin,
    /// The epoch it began in: a store that refuses this epoch refuses the attempt.
    pub epoch: Epoch,
    /// After this it accepts no callback.
    pub expires_at: Timestamp,
}

pub(super) fn is_live(expires_at: Timestamp, now: Timestamp) -> bool {
    now < expires_at && expires_at <= now.plus(ATTEMPT_LIFETIME)
}

impl PendingLogin {
    /// Whether the attempt may accept a callback at `now`: before it expires, and not before it
    /// began. An attempt from the future began under a clock that was ahead, and would live too
    /// long.
    pub fn is_live(&self, now: Timestamp) -> bool {
        is_live(self.expires_at, now)
    }

    /// Accepts the callback if it is a response to this attempt.
    ///
    /// The sender is checked before the content: an error counts only if it came from the provider
    /// that the browser was sent to.
    pub fn accept(
        self,
        provider: &ProviderId,
        callback: Callback,
    ) -> Result<AuthorizedLogin, CallbackRejected> {
        if self.provider != *provider {
            return Err(CallbackRejected::OtherProvider);
        }
        if !self.issuer.accepts(callback.iss.as_deref()) {
            return Err(CallbackRejected::WrongIssuer);
        }
        match callback.response {
            AuthorizationResponse::Error(error) => Err(CallbackRejected::Refused(error)),
            AuthorizationResponse::Code(code) => Ok(AuthorizedLogin {
                revision: self.revision,
                tenant: self.tenant,
                return_to: self.return_to,
                origin: self.origin,
                redemption: Redemption {
                    code,
                    verifier: self.verifier,
                    nonce: self.nonce,
                    redirect_uri: self.redirect_uri,
                },
            }),
        }
    }
}

#[cfg(test)]
mod tests;
