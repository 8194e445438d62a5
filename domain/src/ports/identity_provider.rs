//! The identity provider of one cloud: authorization requests, tokens, ID tokens.

use async_trait::async_trait;
use portico_provider_model::SignIn;
use thiserror::Error;
use url::Url;

use crate::{
    check::Check,
    login::{LoginSecrets, OAuthError, Redemption, ResponseIssuer, SignedIn},
    secret::{AccessToken, RefreshToken},
    session::TokenSet,
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
    /// leeway, and nonce.
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
    /// old one.
    async fn refresh(
        &self,
        sign_in: &SignIn,
        refresh_token: &RefreshToken,
        scopes: &[String],
    ) -> Result<TokenSet, IdentityProviderError>;

    /// The URL where a browser ends its session at the provider (OpenID Connect RP-Initiated Logout
    /// section 2); `None` if the provider has none, or it is not in the cache.
    ///
    /// An adapter MUST use its cache alone: a sign-out must not wait for the provider.
    fn end_session(&self, sign_in: &SignIn, return_to: &Url) -> Option<Url>;
}
