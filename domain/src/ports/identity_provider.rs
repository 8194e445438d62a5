//! The identity provider of one cloud: authorization, tokens, ID tokens.

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

/// What an authorization request is made of, beside the provider's own part.
#[derive(Clone, Copy, Debug)]
pub struct AuthorizationRequest<'a> {
    /// State, nonce and PKCE verifier.
    pub secrets: &'a LoginSecrets,
    /// Where the answer shall come.
    pub redirect_uri: &'a Url,
    /// Who the person says they are (OpenID Connect Core section 3.1.2.1).
    pub login_hint: Option<&'a str>,
    /// What the provider shall ask of them.
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
    /// Where to send the browser.
    pub url: Url,
    /// What the answer's `iss` must be.
    pub issuer: ResponseIssuer,
}

/// Why an identity provider could not be used.
#[derive(Clone, Debug, Error)]
pub enum IdentityProviderError {
    /// It answered something untrue or unreadable.
    #[error("{check}: {detail}")]
    InvalidResponse {
        /// The check that failed.
        check: Check,
        /// What was wrong, without a token in it.
        detail: String,
    },
    /// The operator's settings do not fit the provider, or what it offers does not fit Portico:
    /// trying again changes nothing.
    #[error("the settings do not fit the provider: {0}")]
    Misconfigured(String),
    /// Its ID token is of another time, because its clock and this machine's differ.
    #[error("{check}: {detail}")]
    ClockDiffers {
        /// The check that failed, as in [`InvalidResponse`](Self::InvalidResponse).
        check: Check,
        /// By how many seconds, and which clock is ahead.
        detail: String,
    },
    /// It answered with an OAuth error (RFC 6749 section 5.2).
    #[error("{by} refused: {said}")]
    Refused {
        /// What it said.
        said: OAuthError,
        /// The address that was asked, without its query.
        by: String,
    },
    /// It cannot be reached, or says that it cannot serve now.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// It did not answer in time.
    #[error("the provider did not answer in time: {0}")]
    TimedOut(String),
}

/// The identity provider of one cloud, with Portico's registration there.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// Whether people could sign in now, as far as that can be known without one of them: what the
    /// provider says about itself is there, of this issuer, and its keys can be used.
    ///
    /// An adapter MUST ask anew, and neither use nor change what it keeps for logins: what was kept
    /// says nothing of now. A provider that says nothing about itself is well.
    async fn check(&self, sign_in: &SignIn) -> Result<(), IdentityProviderError>;

    /// Makes an authorization request with state, nonce and a PKCE S256 challenge.
    async fn authorization<'a>(
        &self,
        sign_in: &SignIn,
        request: AuthorizationRequest<'a>,
    ) -> Result<Authorization, IdentityProviderError>;

    /// Redeems a code and verifies the ID token that comes with the tokens; a provider without ID
    /// tokens gives none.
    ///
    /// An adapter MUST send the token request at most once, and MUST verify issuer, audience,
    /// signature by an allow-list of algorithms, times with 60 seconds of leeway, and nonce.
    async fn redeem(
        &self,
        sign_in: &SignIn,
        redemption: Redemption,
    ) -> Result<SignedIn, IdentityProviderError>;

    /// Portico's own token for these scopes (client credentials); adapters keep it while it lives.
    async fn application_token(
        &self,
        sign_in: &SignIn,
        scopes: &[String],
    ) -> Result<AccessToken, IdentityProviderError>;

    /// New tokens for old (RFC 6749 section 6). Where the provider gives no new refresh token, the
    /// old one comes back.
    async fn refresh(
        &self,
        sign_in: &SignIn,
        refresh_token: &RefreshToken,
        scopes: &[String],
    ) -> Result<TokenSet, IdentityProviderError>;

    /// Where a browser ends its session with the provider too (OpenID Connect RP-Initiated Logout
    /// section 2); `None` where the provider has no such address, or it is not known now.
    ///
    /// An adapter MUST answer from what it keeps: whoever signs out waits for nobody.
    fn end_session(&self, sign_in: &SignIn, return_to: &Url) -> Option<Url>;
}
