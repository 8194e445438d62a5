//! The result of a login.

use thiserror::Error;

use crate::{
    identity::{Identifiers, ProviderId, TenantId},
    listing::Incident,
    login::CallbackRejected,
    ports::{IdentityProviderError, StoreError},
    provider::CallError,
    return_to::ReturnTo,
    secret::{DecisionId, SealedFinish, SessionId},
    use_cases::LandError,
};

/// A login that succeeded.
#[derive(Debug)]
pub struct Completed {
    /// The result for the browser.
    pub end: LoginEnd,
    /// The target of the final redirect.
    pub return_to: ReturnTo,
    /// Who signed in.
    pub person: Identifiers,
    /// A cookie with which the same callback is redirected on if it comes again. The login is complete
    /// without it.
    pub finish: Option<SealedFinish>,
    /// The warnings of the listing, for the person.
    pub warnings: Vec<String>,
    /// The failed requests of the listing, for the log.
    pub incidents: Vec<Incident>,
}

/// The result of a login that succeeded.
#[derive(Debug)]
pub enum LoginEnd {
    /// The browser has a session under a new id; the former id is invalid.
    LoggedIn(SessionId),
    /// The login waits for a choice of its person; the browser's session is unchanged.
    Undecided(DecisionId),
}

/// A login that failed, with what is known of it.
#[derive(Debug, Error)]
#[error("the login failed")]
pub struct LoginFailed {
    /// Why.
    #[source]
    pub error: CompleteLoginError,
    /// The person, if verified claims identify one.
    pub person: Option<Identifiers>,
    /// The target of a redirect with the error: only if the login request named a target, and the
    /// callback is a response of its provider.
    pub return_to: Option<ReturnTo>,
}

/// Why a login failed. Its attempt stays spent.
#[derive(Debug, Error)]
pub enum CompleteLoginError {
    /// The attempt was spent before.
    #[error("the login attempt was spent before")]
    Spent,
    /// The attempt does not accept the callback.
    #[error("the callback was rejected")]
    Rejected(#[from] CallbackRejected),
    /// The provider was removed since the login began.
    #[error("there is no provider {0}")]
    UnknownProvider(ProviderId),
    /// The call to the provider failed.
    #[error("the provider {0} failed")]
    Provider(ProviderId, #[source] CallError),
    /// The provider returned an identity that is not in the verified claims.
    #[error("the provider {0} named an identity that is not in the verified claims")]
    IdentityMadeUp(ProviderId),
    /// The identity provider failed, refused, or sent an invalid response.
    #[error("the identity provider of {0} failed")]
    Identity(ProviderId, #[source] IdentityProviderError),
    /// People of this tenant may not sign in.
    #[error("the tenant {0} is not allowed")]
    TenantNotAllowed(TenantId),
    /// The provider is connect-only, and there is no session to connect it to.
    #[error("there is no session to connect to")]
    SignInFirst,
    /// The store could not be used.
    #[error("the store could not be used")]
    Store(#[from] StoreError),
    /// The login cannot have a session.
    #[error("the login has no session")]
    Landing(#[from] LandError),
}
