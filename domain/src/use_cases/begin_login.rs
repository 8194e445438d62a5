//! Begins a login: draws its secrets, seals the attempt for its browser, and says where to send it.

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
    /// The providers to choose from.
    pub providers: Providers,
    /// Seals attempts.
    pub attempts: Arc<dyn LoginAttempts>,
    /// Where sessions are kept, for the sign-outs that there were.
    pub sessions: Arc<dyn Sessions>,
    /// Where logins may end.
    pub destinations: Destinations,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where the secrets come from.
    pub entropy: Arc<dyn Entropy>,
}

/// What somebody asked for.
#[derive(Clone, Debug)]
pub struct LoginRequest {
    /// Which cloud.
    pub provider: ProviderId,
    /// Which tenant, where not the default.
    pub tenant: Option<TenantId>,
    /// Who they say they are.
    pub login_hint: Option<String>,
    /// What the provider shall ask of them.
    pub prompt: Option<Prompt>,
    /// Where the login shall end.
    pub return_to: Option<String>,
    /// The browser's session, which some providers can only be connected to.
    pub session: Option<SessionKey>,
    /// Whether a page of Portico's or the dashboard's asks.
    pub own_page: bool,
}

/// A login under way.
#[derive(Debug)]
pub struct LoginBegun {
    /// Where to send the browser.
    pub url: Url,
    /// Names the attempt's cookie.
    pub attempt: AttemptKey,
    /// What the cookie must hold.
    pub sealed: SealedAttempt,
}

/// Why a login could not begin.
#[derive(Debug, Error)]
pub enum BeginLoginError {
    /// There is no such provider.
    #[error("there is no provider {0}")]
    UnknownProvider(ProviderId),
    /// What was asked for is spelled as no tenant is.
    #[error("{0} is not a tenant's id or name")]
    NoTenantId(TenantId),
    /// The provider signs nobody in, and there is no session to connect it to.
    #[error("there is no session to connect to")]
    SignInFirst,
    /// The provider cannot say how people sign in.
    #[error("the provider {0} failed")]
    Provider(ProviderId, #[source] CallError),
    /// Its identity provider cannot be used.
    #[error("the identity provider of {0} failed")]
    Identity(ProviderId, #[source] IdentityProviderError),
    /// What the provider says of how people sign in is too long for a cookie.
    #[error("a login with {0} takes {1} bytes, more than a cookie may have")]
    TooLong(ProviderId, usize),
    /// The store does not say which attempts it would take.
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
        let id = request.provider;
        let Some(provider) = self.providers.find(&id) else {
            return Err(BeginLoginError::UnknownProvider(id));
        };
        if provider.cloud.descriptor().people.is_none() && request.session.is_none() {
            return Err(BeginLoginError::SignInFirst);
        }
        if let Some(tenant) = request.tenant.as_ref().filter(|it| !requested_tenant::is_valid(it)) {
            return Err(BeginLoginError::NoTenantId(tenant.clone()));
        }
        let now = self.clock.now();
        let epoch = self.attempts.epoch(now).await?;
        let secrets = LoginSecrets::draw(&*self.entropy);
        let wanted = AuthorizationRequest {
            secrets: &secrets,
            redirect_uri: &provider.redirect_uri,
            login_hint: request.login_hint.as_deref(),
            prompt: request.prompt,
        };
        let authorization = authorization(&provider, request.tenant.as_ref(), wanted).await?;
        let asked = request.return_to.as_deref();
        let attempt = PendingLogin {
            provider: id.clone(),
            revision: provider.revision.clone(),
            tenant: request.tenant,
            redirect_uri: provider.redirect_uri.clone(),
            return_to: self.destinations.resolve(asked),
            returns_errors: asked.is_some_and(|asked| self.destinations.taken(asked).is_some()),
            nonce: secrets.nonce,
            verifier: secrets.verifier,
            issuer: authorization.issuer,
            origin: LoginOrigin {
                session: request.session,
                own_page: request.own_page,
                sign_outs: self.sessions.sign_outs(now).await?,
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
}

/// Where to send the browser. Whether people of the tenant may sign in is not looked at: nobody has
/// signed in yet who could be told.
async fn authorization(
    provider: &Registration,
    tenant: Option<&TenantId>,
    wanted: AuthorizationRequest<'_>,
) -> Result<Authorization, BeginLoginError> {
    let broken = |error| BeginLoginError::Provider(provider.id().clone(), CallError::from(error));
    let failed = |error| BeginLoginError::Identity(provider.id().clone(), error);
    let sign_in = provider.sign_in.at(tenant).map_err(broken)?;
    if tenant.is_some() {
        let default = provider.sign_in.at(None).map_err(broken)?;
        if let Some(with_default_endpoints) =
            requested_tenant::with_default_endpoints(&sign_in, &default)
        {
            let begun = provider.identity.authorization(&with_default_endpoints, wanted).await;
            if let Some(moved) =
                requested_tenant::retargeted(begun.map_err(failed)?, &default, &sign_in)
            {
                return Ok(moved);
            }
        }
    }
    provider.identity.authorization(&sign_in, wanted).await.map_err(failed)
}

#[cfg(test)]
mod tests {
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
    async fn the_attempt_is_sealed_for_its_state_with_what_the_callback_will_need() {
        let attempts = Arc::new(FakeLoginAttempts::default());
        let begun = begin_login(doubles::Provider::willing(), attempts.clone())
            .run(request())
            .await
            .unwrap();
        let now = FakeClock::at(1_000).now();
        let kept = attempts.open(&begun.attempt, &begun.sealed, now).unwrap();
        assert_eq!(kept.epoch, attempts.epoch(now).await.unwrap());
        assert_eq!(attempts.spent(), 0);
        assert_eq!(kept.expires_at.unix_seconds(), 1_000 + 15 * 60);
        assert_eq!(kept.return_to.url().as_str(), "http://localhost:3000/dashboard");
    }

    #[tokio::test]
    async fn errors_return_to_a_place_that_was_asked_for_and_taken_alone() {
        for (asked, returns) in [
            (None, false),
            (Some("/costs"), true),
            (Some("http://localhost:3000/costs"), true),
            (Some("https://evil.example/"), false),
            (Some(""), false),
        ] {
            let attempts = Arc::new(FakeLoginAttempts::default());
            let use_case = begin_login(doubles::Provider::willing(), attempts.clone());
            let return_to = asked.map(str::to_owned);
            let begun = use_case.run(LoginRequest { return_to, ..request() }).await.unwrap();
            let now = FakeClock::at(1_000).now();
            let kept = attempts.open(&begun.attempt, &begun.sealed, now).unwrap();
            assert_eq!(kept.returns_errors, returns, "{asked:?}");
        }
    }

    #[tokio::test]
    async fn an_unknown_provider_is_refused() {
        let use_case = begin_login(doubles::Provider::willing(), Arc::default());
        let google = ProviderId::parse("google").unwrap();
        let refused = use_case.run(LoginRequest { provider: google, ..request() }).await;
        assert!(matches!(refused, Err(BeginLoginError::UnknownProvider(_))));
    }

    #[tokio::test]
    async fn what_is_spelled_as_no_tenant_is_refused() {
        for text in ["..", ".", "a/b", "a%2Fb", "a,b", "<b>", "a?b", "a#b", "*", "a;b", "{tenant}"]
        {
            let use_case = begin_login(doubles::Provider::silent(), Arc::default());
            let tenant = Some(TenantId::parse(text).unwrap());
            let refused = use_case.run(LoginRequest { tenant, ..request() }).await;
            assert!(matches!(refused, Err(BeginLoginError::NoTenantId(_))), "{text}");
        }
    }

    #[tokio::test]
    async fn a_login_to_a_tenant_that_is_not_allowed_begins_as_any_other() {
        let mut begun = vec![];
        for tenant in ["contoso", "elsewhere"] {
            let mut doubles = doubles::Provider::silent();
            let default_tenant = Some("all".to_owned());
            let template = SignInTemplate { default_tenant, ..samples::sign_in_template() };
            let sign_in = ConfiguredSignIn::new(template, Some("/tid"), Settings::default());
            doubles.sign_in = sign_in.unwrap();
            // The identity provider is asked about the default tenant alone.
            doubles.identity.expect_authorization().times(1).returning(|sign_in, _| {
                assert_eq!(sign_in.issuer().as_str(), samples::issuer("all"));
                let url = Url::parse("https://login.example/all/authorize").unwrap();
                let issuer = ResponseIssuer { issuer: samples::issuer("all"), required: false };
                Ok(Authorization { url, issuer })
            });
            let use_case = begin_login(doubles, Arc::default());
            let asked =
                LoginRequest { tenant: Some(TenantId::parse(tenant).unwrap()), ..request() };
            let url = use_case.run(asked).await.unwrap().url.to_string();
            assert_eq!(url, format!("https://login.example/{tenant}/authorize"));
            begun.push(url.replace(tenant, ""));
        }
        assert_eq!(begun[0], begun[1]);
    }

    #[tokio::test]
    async fn a_provider_that_signs_nobody_in_wants_a_session() {
        let connect_only = Descriptor { people: None, ..samples::descriptor() };
        let doubles = doubles::Provider::described_as(connect_only);
        let refused = begin_login(doubles, Arc::default()).run(request()).await;
        assert!(matches!(refused, Err(BeginLoginError::SignInFirst)));
    }

    #[tokio::test]
    async fn nothing_is_sealed_where_the_identity_provider_cannot_be_used() {
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
