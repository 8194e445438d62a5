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
    /// The requested target of the final redirect.
    pub return_to: Option<String>,
    /// The browser's session. Some providers can only be connected to one.
    pub session: Option<SessionKey>,
    /// Whether a page of Portico or of the dashboard sent the request.
    pub own_page: bool,
    /// Whether what the person reaches is listed anew, however recent their last listing is.
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
    /// The provider signs nobody in, and there is no session to connect it to.
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
    #[error("the login could not be begun")]
    Store(#[from] StoreError),
}

/// The longest sealed attempt, in bytes. A browser keeps 4,096 of a cookie, its name included (RFC
/// 6265 section 6.1), and sends several attempts with every request.
const MAX_SEALED_LEN: usize = 2_560;

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
                .is_some_and(|target| self.destinations.taken(target).is_some()),
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
            let begun = provider.identity.authorization(&with_default_endpoints, parameters).await;
            if let Some(moved) =
                requested_tenant::retargeted(begun.map_err(failed)?, &default, &sign_in)
            {
                return Ok(moved);
            }
        }
    }
    provider.identity.authorization(&sign_in, parameters).await.map_err(failed)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::{
        login::{OAuthError, ResponseIssuer},
        provider::{ConfiguredSignIn, Descriptor, Settings, SignInTemplate},
        testing::{CountingEntropy, FakeClock, FakeLoginAttempts, FakeSessions, doubles, samples},
    };

    fn request() -> LoginRequest {
        LoginRequest {
            provider: samples::azure(),
            tenant: None,
            login_hint: None,
            prompt: None,
            return_to: None,
            session: None,
            own_page: false,
            refresh: false,
        }
    }

    fn begin_login(doubles: doubles::Provider, attempts: Arc<FakeLoginAttempts>) -> BeginLogin {
        BeginLogin {
            providers: doubles.into_providers(),
            attempts,
            sessions: Arc::new(FakeSessions::new(samples::POLICY)),
            destinations: samples::destinations(),
            clock: Arc::new(FakeClock::at(1_000)),
            entropy: Arc::new(CountingEntropy::default()),
        }
    }

    #[tokio::test]
    async fn run_seals_the_attempt_for_its_state_with_epoch_expiry_and_target() {
        let attempts = Arc::new(FakeLoginAttempts::default());
        let begun = begin_login(doubles::Provider::willing(), attempts.clone())
            .run(request())
            .await
            .unwrap();
        let now = FakeClock::at(1_000).now();
        let opened = attempts.open(&begun.attempt, &begun.sealed, now).unwrap();
        assert_eq!(opened.epoch, attempts.epoch(now).await.unwrap());
        assert_eq!(attempts.spent(), 0);
        assert_eq!(opened.expires_at.unix_seconds(), 1_000 + 15 * 60);
        assert_eq!(opened.return_to.url().as_str(), "http://localhost:3000/dashboard");
    }

    #[rstest]
    #[case::none(None, false)]
    #[case::path(Some("/costs"), true)]
    #[case::dashboard(Some("http://localhost:3000/costs"), true)]
    #[case::another_host(Some("https://evil.example/"), false)]
    #[case::empty(Some(""), false)]
    #[tokio::test]
    async fn run_returns_errors_only_to_an_allowed_return_to(
        #[case] return_to: Option<&str>,
        #[case] returns: bool,
    ) {
        let attempts = Arc::new(FakeLoginAttempts::default());
        let use_case = begin_login(doubles::Provider::willing(), attempts.clone());
        let return_to = return_to.map(str::to_owned);
        let begun = use_case.run(LoginRequest { return_to, ..request() }).await.unwrap();
        let now = FakeClock::at(1_000).now();
        let opened = attempts.open(&begun.attempt, &begun.sealed, now).unwrap();
        assert_eq!(opened.returns_errors, returns);
    }

    #[tokio::test]
    async fn run_refuses_an_unknown_provider() {
        let use_case = begin_login(doubles::Provider::willing(), Arc::default());
        let google = ProviderId::parse("google").unwrap();
        let refused = use_case.run(LoginRequest { provider: google, ..request() }).await;
        assert!(matches!(refused, Err(BeginLoginError::UnknownProvider(_))));
    }

    #[rstest]
    #[case::parent("..")]
    #[case::dot(".")]
    #[case::slash("a/b")]
    #[case::encoded_slash("a%2Fb")]
    #[case::comma("a,b")]
    #[case::markup("<b>")]
    #[case::query("a?b")]
    #[case::fragment("a#b")]
    #[case::wildcard("*")]
    #[case::semicolon("a;b")]
    #[case::placeholder("{tenant}")]
    #[tokio::test]
    async fn run_refuses_a_tenant_with_other_characters_than_ids_and_domains(#[case] text: &str) {
        let use_case = begin_login(doubles::Provider::silent(), Arc::default());
        let tenant = Some(TenantId::parse(text).unwrap());
        let refused = use_case.run(LoginRequest { tenant, ..request() }).await;
        assert!(matches!(refused, Err(BeginLoginError::NoTenantId(_))));
    }

    #[tokio::test]
    async fn run_begins_a_login_to_a_tenant_that_is_not_allowed_like_any_other() {
        let mut begun = vec![];
        for tenant in ["contoso", "elsewhere"] {
            let mut doubles = doubles::Provider::silent();
            let default_tenant = Some("all".to_owned());
            let template = SignInTemplate { default_tenant, ..samples::sign_in_template() };
            let sign_in = ConfiguredSignIn::new(template, Some("/tid"), Settings::default());
            doubles.sign_in = sign_in.unwrap();
            // The identity provider is called with the default tenant only.
            doubles.identity.expect_authorization().times(1).returning(|sign_in, _| {
                assert_eq!(sign_in.issuer().as_str(), samples::issuer("all"));
                let url = Url::parse("https://login.example/all/authorize").unwrap();
                let issuer = ResponseIssuer { issuer: samples::issuer("all"), required: false };
                Ok(Authorization { url, issuer })
            });
            let use_case = begin_login(doubles, Arc::default());
            let login =
                LoginRequest { tenant: Some(TenantId::parse(tenant).unwrap()), ..request() };
            let url = use_case.run(login).await.unwrap().url.to_string();
            assert_eq!(url, format!("https://login.example/{tenant}/authorize"));
            begun.push(url.replace(tenant, ""));
        }
        assert_eq!(begun[0], begun[1]);
    }

    #[tokio::test]
    async fn run_requires_a_session_for_a_provider_that_signs_nobody_in() {
        let connect_only = Descriptor { people: None, ..samples::descriptor() };
        let doubles = doubles::Provider::described_as(connect_only);
        let refused = begin_login(doubles, Arc::default()).run(request()).await;
        assert!(matches!(refused, Err(BeginLoginError::SignInFirst)));
    }

    #[tokio::test]
    async fn run_seals_nothing_when_the_identity_provider_fails() {
        let attempts = Arc::new(FakeLoginAttempts::default());
        let said = OAuthError { error: "server_error".into(), description: None };
        let mut doubles = doubles::Provider::silent();
        doubles
            .identity
            .expect_authorization()
            .return_once(move |_, _| Err(IdentityProviderError::Refused { said, by: "it".into() }));
        let refused = begin_login(doubles, attempts.clone()).run(request()).await;
        assert!(matches!(refused, Err(BeginLoginError::Identity(..))));
        assert_eq!(attempts.sealed(), 0);
    }
}
