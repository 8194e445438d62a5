//! Begins a login: draws its secrets, seals the attempt for its browser, and returns the redirect to
//! the identity provider.

use std::sync::Arc;

use thiserror::Error;
use url::Url;

use crate::{
    identity::{ProviderId, TenantId},
    login::{ATTEMPT_LIFETIME, AttemptKey, LoginOrigin, LoginSecrets, PendingLogin},
    ports::{
        Authorization, AuthorizationRequest, Clock, Entropy, IdentityProviderError, LoginAttempts,
        Prompt, Sessions, StoreError,
    },
    provider::{CallError, Providers, Registration},
    return_to::Destinations,
    secret::SealedAttempt,
    session::SessionKey,
};

mod requested_tenant;

/// Begins logins.
pub struct BeginLogin {
    /// The offered providers.
    pub providers: Providers,
    /// Seals attempts.
    pub attempts: Arc<dyn LoginAttempts>,
    /// The sessions, for the number of sign-outs everywhere.
    pub sessions: Arc<dyn Sessions>,
    /// The targets that logins may redirect to.
    pub destinations: Destinations,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Draws the secrets.
    pub entropy: Arc<dyn Entropy>,
}

/// The parameters of a login request.
#[derive(Clone, Debug)]
pub struct LoginRequest {
    /// The provider.
    pub provider: ProviderId,
    /// The tenant, if not the default.
    pub tenant: Option<TenantId>,
    /// `login_hint`.
    pub login_hint: Option<String>,
    /// `prompt`.
    pub prompt: Option<Prompt>,
    /// `claims` (OpenID Connect Core section 5.5): those that repair a tenant of the browser's session
    /// ([`Session::repair_claims`](crate::session::Session::repair_claims)), and never the browser's own.
    pub claims: Option<String>,
    /// The requested target of the final redirect.
    pub return_to: Option<String>,
    /// The browser's session. Some providers can only be connected to one.
    pub session: Option<SessionKey>,
    /// Whether a page of Portico or of the dashboard sent the request.
    pub own_page: bool,
    /// Whether the resources are listed again, however recent the last listing is.
    pub refresh: bool,
}

/// A login that began.
#[derive(Debug)]
pub struct LoginBegun {
    /// The authorization URL to redirect the browser to.
    pub url: Url,
    /// Names the cookie of the attempt.
    pub attempt: AttemptKey,
    /// The value of the cookie.
    pub sealed: SealedAttempt,
}

/// Why a login could not begin.
#[derive(Debug, Error)]
pub enum BeginLoginError {
    /// There is no such provider.
    #[error("there is no provider {0}")]
    UnknownProvider(ProviderId),
    /// The requested tenant has characters that no tenant id or domain has.
    #[error("{0} is not a tenant's id or name")]
    NoTenantId(TenantId),
    /// The provider is connect-only, and there is no session to connect it to.
    #[error("there is no session to connect to")]
    SignInFirst,
    /// The provider's sign-in declaration cannot be used.
    #[error("the provider {0} failed")]
    Provider(ProviderId, #[source] CallError),
    /// Its identity provider cannot be used.
    #[error("the identity provider of {0} failed")]
    Identity(ProviderId, #[source] IdentityProviderError),
    /// The sealed attempt is too long for a cookie, because the provider's issuer or endpoints are.
    #[error("a login with {0} takes {1} bytes, more than a cookie may have")]
    TooLong(ProviderId, usize),
    /// The store failed.
    #[error("the login could not begin")]
    Store(#[from] StoreError),
}

/// The longest sealed attempt, in bytes. A browser keeps 4,096 of a cookie, its name included (RFC
/// 6265 section 6.1), and sends several attempts with every request.
const MAX_SEALED_LEN: usize = 3_072;

impl BeginLogin {
    /// Begins a login. Nothing is stored: the attempt goes to the browser.
    pub async fn run(&self, request: LoginRequest) -> Result<LoginBegun, BeginLoginError> {
        let tenant = request.tenant.map(requested_tenant::normalized);
        let request = LoginRequest { tenant, ..request };
        let provider = self.provider(&request)?;
        let id = request.provider;
        let now = self.clock.now();
        let epoch = self.attempts.epoch(now).await?;
        let secrets = LoginSecrets::draw(&*self.entropy);
        let parameters = AuthorizationRequest {
            secrets: &secrets,
            redirect_uri: &provider.redirect_uri,
            login_hint: request.login_hint.as_deref(),
            prompt: request.prompt,
            claims: request.claims.as_deref(),
        };
        let authorization = authorization(&provider, request.tenant.as_ref(), parameters).await?;
        let requested = request.return_to.as_deref();
        let attempt = PendingLogin {
            provider: id.clone(),
            revision: provider.revision.clone(),
            tenant: request.tenant,
            redirect_uri: provider.redirect_uri.clone(),
            return_to: self.destinations.resolve(requested),
            returns_errors: requested
                .is_some_and(|target| self.destinations.allowed(target).is_some()),
            nonce: secrets.nonce,
            verifier: secrets.verifier,
            issuer: authorization.issuer,
            origin: LoginOrigin {
                session: request.session,
                own_page: request.own_page,
                sign_outs: self.sessions.sign_outs(now).await?,
                refresh: request.refresh,
            },
            epoch,
            expires_at: now.plus(ATTEMPT_LIFETIME),
        };
        let key = AttemptKey::of(&secrets.state);
        let sealed = self.attempts.seal(&key, &attempt)?;
        match sealed.expose().len() {
            0..=MAX_SEALED_LEN => Ok(LoginBegun { url: authorization.url, attempt: key, sealed }),
            length => Err(BeginLoginError::TooLong(id, length)),
        }
    }

    /// The provider of the request, if the request can begin a login with it.
    fn provider(&self, request: &LoginRequest) -> Result<Arc<Registration>, BeginLoginError> {
        let Some(provider) = self.providers.find(&request.provider) else {
            return Err(BeginLoginError::UnknownProvider(request.provider.clone()));
        };
        if provider.cloud.descriptor().people.is_none() && request.session.is_none() {
            return Err(BeginLoginError::SignInFirst);
        }
        match &request.tenant {
            Some(tenant) if !requested_tenant::is_valid(tenant) => {
                Err(BeginLoginError::NoTenantId(tenant.clone()))
            }
            _ => Ok(provider),
        }
    }
}

/// The authorization request. Whether the tenant is allowed is not checked yet: an error would tell
/// anybody, before they signed in, which tenants are allowed.
async fn authorization(
    provider: &Registration,
    tenant: Option<&TenantId>,
    parameters: AuthorizationRequest<'_>,
) -> Result<Authorization, BeginLoginError> {
    let broken = |error| BeginLoginError::Provider(provider.id().clone(), CallError::from(error));
    let failed = |error| BeginLoginError::Identity(provider.id().clone(), error);
    let sign_in = provider.sign_in.at(tenant).map_err(broken)?;
    if tenant.is_some() {
        let default = provider.sign_in.at(None).map_err(broken)?;
        if let Some(with_default_endpoints) =
            requested_tenant::with_default_endpoints(&sign_in, &default)
        {
            let result = provider.identity.authorization(&with_default_endpoints, parameters).await;
            if let Some(moved) =
                requested_tenant::retargeted(result.map_err(failed)?, &default, &sign_in)
            {
                return Ok(moved);
            }
        }
    }
    provider.identity.authorization(&sign_in, parameters).await.map_err(failed)
}

#[cfg(test)]
mod tests;
