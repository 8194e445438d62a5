//! The identity provider of one cloud: authorization requests, tokens, ID tokens.

use std::time::Duration;

use async_trait::async_trait;
use portico_provider_model::SignIn;
use thiserror::Error;
use url::Url;

use crate::{
    check::Check,
    login::{LoginSecrets, OAuthError, Redemption, ResponseIssuer, SignedIn},
    secret::{AccessToken, IdToken, LogoutToken, RefreshToken},
    session::TokenSet,
    sign_in::ProviderSessionId,
    time::Timestamp,
    verified_claims::VerifiedClaims,
};

/// The parts of an authorization request that the provider does not declare.
#[derive(Clone, Copy, Debug)]
pub struct AuthorizationRequest<'a> {
    /// State, nonce and PKCE verifier.
    pub secrets: &'a LoginSecrets,
    /// The redirect URI.
    pub redirect_uri: &'a Url,
    /// `login_hint` (OpenID Connect Core section 3.1.2.1).
    pub login_hint: Option<&'a str>,
    /// `prompt`.
    pub prompt: Option<Prompt>,
    /// `claims`, a JSON object (OpenID Connect Core section 5.5).
    pub claims: Option<&'a str>,
}

/// `prompt` of OpenID Connect Core section 3.1.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Ask nothing.
    None,
    /// Sign in again.
    Login,
    /// Consent again.
    Consent,
    /// Choose an account.
    SelectAccount,
}

/// An authorization request, ready for the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The URL that the browser is redirected to.
    pub url: Url,
    /// What the `iss` of the response must be.
    pub issuer: ResponseIssuer,
}

/// The response to a refresh (RFC 6749 section 6, OpenID Connect Core section 12.2).
#[derive(Clone, Debug)]
pub struct Refreshed {
    /// The tokens. Their `scopes` are empty if the provider named none: they are unchanged.
    pub tokens: TokenSet,
    /// The ID token, if the response has one.
    pub id_token: Option<RefreshedIdToken>,
}

/// A verified ID token of a refresh. Whose it is, and whether its `nonce` is that of the login if it has
/// one, has not been checked.
#[derive(Clone, Debug)]
pub struct RefreshedIdToken {
    /// Its claims.
    pub claims: VerifiedClaims,
    /// Its issuer.
    pub issuer: String,
}

/// A verified logout token (OpenID Connect Back-Channel Logout section 2.4). Whether it came before has
/// not been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedLogout {
    /// Its issuer.
    pub issuer: String,
    /// Its id (`jti`), which no other logout token of the issuer has.
    pub id: String,
    /// The first second at which it is not accepted any more, leeway included.
    pub until: Timestamp,
    /// What has ended.
    pub ended: EndedAtProvider,
}

/// What has ended at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndedAtProvider {
    /// One session of a person (`sid`).
    Session(ProviderSessionId),
    /// All sessions of the person whom these claims name (`sub` without `sid`).
    Person(VerifiedClaims),
}

/// Why a call to an identity provider failed.
#[derive(Clone, Debug, Error)]
pub enum IdentityProviderError {
    /// A response is invalid.
    #[error("{check}: {detail}")]
    InvalidResponse {
        /// The check that failed.
        check: Check,
        /// What is wrong; holds no token.
        detail: String,
    },
    /// The operator's settings do not fit the provider, or its metadata does not fit Portico. A retry
    /// cannot help.
    #[error("the settings do not fit the provider: {0}")]
    Misconfigured(String),
    /// The times of the ID token are wrong because the provider's clock and this machine's differ.
    #[error("{check}: {detail}")]
    ClockDiffers {
        /// The check that failed, as in [`InvalidResponse`](Self::InvalidResponse).
        check: Check,
        /// The difference in seconds, and which clock is ahead.
        detail: String,
    },
    /// It responded with an OAuth error (RFC 6749 section 5.2).
    #[error("{endpoint} refused: {error}")]
    Refused {
        /// The error.
        error: OAuthError,
        /// The URL that responded, without its query.
        endpoint: String,
    },
    /// It cannot be reached, or responds that it is unavailable.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// The request timed out.
    #[error("the provider did not answer in time: {0}")]
    TimedOut(String),
}

/// How long ago a logout token may have been issued: as long as its id is remembered at the most. The
/// specification recommends that it expires after two minutes (OpenID Connect Back-Channel Logout section
/// 4); a provider that could not deliver it may try again.
pub const MAX_LOGOUT_TOKEN_AGE: Duration = Duration::from_secs(15 * 60);

/// The identity provider of one cloud, with Portico's registration there.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// Whether people could sign in now, as far as a check without a login can tell: the discovery
    /// document is there, has this issuer, and its keys can be used.
    ///
    /// An adapter MUST fetch both, and MUST neither read nor write the cache that logins use: a cache
    /// entry says nothing about now. A provider without a discovery document passes.
    async fn check(&self, sign_in: &SignIn) -> Result<(), IdentityProviderError>;

    /// An authorization request with state, nonce and a PKCE S256 challenge.
    async fn authorization<'a>(
        &self,
        sign_in: &SignIn,
        request: AuthorizationRequest<'a>,
    ) -> Result<Authorization, IdentityProviderError>;

    /// Redeems a code, and verifies the ID token if the provider issues one.
    ///
    /// An adapter MUST send the token request at most once, unless the provider refused the client's
    /// credential (`invalid_client`) and another one has replaced it since: then once more. It MUST
    /// verify issuer, audience, signature by an allow-list of algorithms, times with 60 seconds of
    /// leeway, and nonce. The tokens have the ID token as [`TokenSet::id_token`] says.
    async fn redeem(
        &self,
        sign_in: &SignIn,
        redemption: Redemption,
    ) -> Result<SignedIn, IdentityProviderError>;

    /// Portico's own token for these scopes (client credentials grant). Adapters cache it until it
    /// expires.
    async fn application_token(
        &self,
        sign_in: &SignIn,
        scopes: &[String],
    ) -> Result<AccessToken, IdentityProviderError>;

    /// Refreshes tokens (RFC 6749 section 6). If the response has no refresh token, the result has the
    /// old one. Without `scopes`, those of the refresh token are requested.
    ///
    /// An adapter MUST send the request at most once, since a refresh token may work once, and MUST
    /// verify an ID token in the response like that of [`redeem`](Self::redeem), except its nonce.
    async fn refresh(
        &self,
        sign_in: &SignIn,
        refresh_token: &RefreshToken,
        scopes: &[String],
    ) -> Result<Refreshed, IdentityProviderError>;

    /// Verifies a logout token (OpenID Connect Back-Channel Logout section 2.6).
    ///
    /// An adapter MUST verify issuer, audience, signature and times as those of an ID token, with `exp`
    /// required, and MUST refuse a token of another kind by its `typ`, one without the member
    /// `http://schemas.openid.net/event/backchannel-logout` of `events`, one with a `nonce`, one
    /// without `jti`, one with neither `sub` nor `sid`, and one that was issued longer ago than
    /// [`MAX_LOGOUT_TOKEN_AGE`]. A provider without ID tokens issues no logout tokens either.
    async fn verify_logout(
        &self,
        sign_in: &SignIn,
        token: &LogoutToken,
    ) -> Result<VerifiedLogout, IdentityProviderError>;

    /// The URL where a browser ends its session at the provider (OpenID Connect RP-Initiated Logout
    /// section 2); `None` if the provider has none, or it is not in the cache.
    ///
    /// The `hint` is the ID token of the person's login. An adapter MUST use its cache alone: a sign-out
    /// must not wait for the provider.
    #[allow(clippy::needless_lifetimes, reason = "the mock of a reference in an option needs it")]
    fn end_session<'a>(
        &self,
        sign_in: &SignIn,
        return_to: &Url,
        hint: Option<&'a IdToken>,
    ) -> Option<Url>;
}
