//! When tokens are refreshed, by whom, and what becomes of a refresh that fails.

mod ahead;
mod demand;
mod derived;
mod failures;
mod races;

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use tokio::sync::{Notify, Semaphore};
use url::Url;

use super::*;
use crate::{
    account::{AccountToken, Renewal, TokenHealth},
    identity::Claims,
    login::{OAuthError, Redemption},
    ports::{
        Authorization, AuthorizationRequest, EndRefresh, IdentityProvider, RefreshOutcome,
        Refreshed, RefreshedAccount, RefreshedIdToken, SignedIn, Stored, VerifiedLogout, Version,
        Written,
    },
    provider::{Registration, SignIn},
    secret::{IdToken, LogoutToken, RefreshToken},
    session::Session,
    testing::{FakeClock, FakeLeases, FakeSessions, SessionsExt, TokensExt, doubles, samples},
    verified_claims::VerifiedClaims,
};

const START: u64 = 1_000;
const HOUR: Duration = Duration::from_hours(1);
const KEY: SessionKey = SessionKey::from_bytes([1; 32]);
const MIN: Duration = DEFAULT_MIN_VALIDITY;

type Response = Result<Refreshed, IdentityProviderError>;

/// An identity provider that only refreshes. Each response needs a permit of `gate`.
struct Provider {
    responses: Mutex<VecDeque<Response>>,
    /// The refresh tokens that it received.
    received: Mutex<Vec<String>>,
    gate: Semaphore,
    asked: Notify,
}

impl Provider {
    fn received(&self) -> Vec<String> {
        self.received.lock().unwrap().clone()
    }

    fn respond(&self, response: Response) {
        self.responses.lock().unwrap().push_back(response);
    }

    /// The next responses wait until the gate is opened again.
    fn hold(&self) {
        self.gate.forget_permits(usize::MAX >> 3);
    }

    fn release(&self) {
        self.gate.add_permits(1_000);
    }
}

#[async_trait]
impl IdentityProvider for Provider {
    async fn refresh(&self, _: &SignIn, token: &RefreshToken, _: &[String]) -> Response {
        self.received.lock().unwrap().push(token.expose().to_owned());
        self.asked.notify_one();
        self.gate.acquire().await.unwrap().forget();
        self.responses.lock().unwrap().pop_front().expect("no refresh was expected")
    }

    async fn check(&self, _: &SignIn) -> Result<(), IdentityProviderError> {
        panic!("only refreshes are expected")
    }

    async fn authorization<'a>(
        &self,
        _: &SignIn,
        _: AuthorizationRequest<'a>,
    ) -> Result<Authorization, IdentityProviderError> {
        panic!("only refreshes are expected")
    }

    async fn redeem(&self, _: &SignIn, _: Redemption) -> Result<SignedIn, IdentityProviderError> {
        panic!("only refreshes are expected")
    }

    async fn verify_logout(
        &self,
        _: &SignIn,
        _: &LogoutToken,
    ) -> Result<VerifiedLogout, IdentityProviderError> {
        panic!("only refreshes are expected")
    }

    async fn application_token(
        &self,
        _: &SignIn,
        _: &[String],
    ) -> Result<AccessToken, IdentityProviderError> {
        panic!("only refreshes are expected")
    }

    fn end_session(&self, _: &SignIn, _: &Url, _: Option<&IdToken>) -> Option<Url> {
        None
    }
}

/// Tokens in a store that may be read-only.
struct Tokens {
    sessions: Arc<FakeSessions>,
    is_full: AtomicBool,
}

#[async_trait]
impl SessionTokens for Tokens {
    async fn find_tokens(
        &self,
        key: &SessionKey,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<Stored<TokenSet>>, StoreError> {
        self.sessions.find_tokens(key, account, now).await
    }

    async fn swap_tokens(
        &self,
        key: &SessionKey,
        account: &AccountId,
        expected: Version,
        tokens: &TokenSet,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("the disk is full".into()));
        }
        self.sessions.swap_tokens(key, account, expected, tokens, now).await
    }
}

/// Tasks of the test's runtime.
struct TokioTasks;

#[async_trait]
impl BackgroundTasks for TokioTasks {
    async fn finish(&self, work: BoxFuture<'static, ()>) {
        let _ = tokio::spawn(work).await;
    }

    async fn finish_within(&self, work: BoxFuture<'static, ()>, _: Duration) -> bool {
        self.finish(work).await;
        true
    }

    fn start(&self, work: BoxFuture<'static, ()>) {
        tokio::spawn(work);
    }
}

/// The names of the outcomes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<&'static str>>>);

impl RefreshLog for Log {
    fn begin(&self, _: &RefreshedAccount) -> EndRefresh {
        let lines = self.0.clone();
        Box::new(move |outcome: RefreshOutcome<'_>| {
            lines.lock().unwrap().push(match outcome {
                RefreshOutcome::Refreshed => "refreshed",
                RefreshOutcome::Superseded => "superseded",
                RefreshOutcome::Ended => "ended",
                RefreshOutcome::NeedsSignIn(_) => "needs_sign_in",
                RefreshOutcome::Failed(_) => "failed",
                RefreshOutcome::NotStored(_) => "not_stored",
                RefreshOutcome::OtherPerson(_) => "other_person",
            });
        })
    }
}

/// Zofia is signed in at contoso with tokens named `first`, which were issued at the start for an hour.
struct World {
    fresh: FreshToken,
    provider: Arc<Provider>,
    sessions: Arc<FakeSessions>,
    tokens: Arc<Tokens>,
    clock: Arc<FakeClock>,
    leases: FakeLeases,
    log: Log,
    account: AccountId,
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(START + seconds)
}

/// Tokens with this name that expire so many seconds after the start.
fn tokens(name: &str, expires: u64) -> TokenSet {
    TokenSet { expires_at: at(expires), ..samples::tokens(name) }
}

fn refreshed(name: &str, expires: u64) -> Response {
    Ok(Refreshed { tokens: tokens(name, expires), id_token: None })
}

fn away() -> IdentityProviderError {
    IdentityProviderError::Unreachable("503".into())
}

fn refusal(code: &str) -> IdentityProviderError {
    let challenge = Challenge { suberror: Some("basic_action".into()), claims: Some("{}".into()) };
    let error = OAuthError {
        error: code.into(),
        challenge: Some(Box::new(challenge)),
        ..OAuthError::default()
    };
    IdentityProviderError::Refused { error, endpoint: "https://login.example/token".into() }
}

impl World {
    async fn new() -> Self {
        Self::with(tokens("first", 3_600)).await
    }

    /// With these tokens instead.
    async fn with(first: TokenSet) -> Self {
        let sessions = Arc::new(FakeSessions::new(samples::POLICY));
        let mut session = samples::session("contoso", "zofia", at(0));
        session.accounts[0].token = Some(first.described(at(0)));
        let account = session.accounts[0].id.clone();
        sessions.create(KEY, &session, vec![(account.clone(), first)]).await.unwrap();
        let provider = Arc::new(Provider {
            responses: Mutex::default(),
            received: Mutex::default(),
            gate: Semaphore::new(1_000),
            asked: Notify::new(),
        });
        let registration = doubles::Provider::silent().into_registration();
        let registration = Registration { identity: provider.clone(), ..registration };
        let tokens = Tokens { sessions: sessions.clone(), is_full: AtomicBool::new(false) };
        let (tokens, clock) = (Arc::new(tokens), Arc::new(FakeClock::at(START)));
        let (leases, log) = (FakeLeases::default(), Log::default());
        let fresh = FreshToken::new(RefreshPorts {
            providers: Providers::new([registration]),
            sessions: sessions.clone(),
            tokens: tokens.clone(),
            leases: Arc::new(leases.clone()),
            tasks: Arc::new(TokioTasks),
            log: Arc::new(log.clone()),
            clock: clock.clone(),
        });
        Self { fresh, provider, sessions, tokens, clock, leases, log, account }
    }

    /// Advances the clock to so many seconds after the start.
    fn pass(&self, seconds: u64) -> &Self {
        let now = self.clock.now().unix_seconds() - START;
        self.clock.advance(Duration::from_secs(seconds - now));
        self
    }

    async fn token(&self) -> Result<String, TokenError> {
        let token = self.fresh.run(&KEY, &self.account, MIN).await?;
        Ok(token.access.expose().to_owned())
    }

    async fn session(&self, key: &SessionKey) -> Stored<Session> {
        self.sessions.find(key, self.clock.now()).await.unwrap().unwrap()
    }

    /// What the session says of the tokens.
    async fn described(&self) -> AccountToken {
        self.session(&KEY).await.value.accounts[0].token.clone().unwrap()
    }

    async fn health(&self) -> TokenHealth {
        self.session(&KEY).await.value.accounts[0].token_health(self.clock.now())
    }

    /// The refresh token in the store.
    async fn stored(&self, key: &SessionKey) -> String {
        let tokens = self.sessions.tokens_of(key, &self.account).await.unwrap().unwrap();
        tokens.refresh.unwrap().expose().to_owned()
    }

    fn logged(&self) -> Vec<&'static str> {
        self.log.0.lock().unwrap().clone()
    }
}
