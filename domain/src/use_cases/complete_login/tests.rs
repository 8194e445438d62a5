//! A login completes once, for the person who began it, into a session of their own.

use std::sync::Mutex;

use url::Url;

use super::*;
use crate::{
    account::Listing,
    login::{AuthorizationResponse, LoginOrigin, OAuthError, PendingLogin},
    ports::{IdentityProviderError, Sessions, SignedIn},
    provider::{
        CallError, ConfiguredSignIn, Descriptor, EndpointTemplates, Person, ProviderError, Reply,
        Revision, Settings, SignInTemplate, Step, SubjectMapping, UserRecordTemplate,
    },
    secret::AuthorizationCode,
    session::PersonShare,
    testing::{
        CountingEntropy, FakeClock, FakeDecisions, FakeLoginAttempts, FakeSessions, FakeTasks,
        SessionsExt, TokensExt, Unlogged, background_listings,
        doubles::{self, ScriptedRun},
        samples,
    },
    use_cases::LandError,
    verified_claims::VerifiedClaims,
};

use self::callbacks::LoggedIn;

mod accounts;
mod attempts;
mod callbacks;
mod choice;
mod identity;
mod landing;
mod outcome;
mod slow_listing;
mod token_reply;
mod without_id_token;

struct World {
    use_case: CompleteLogin,
    attempts: Arc<FakeLoginAttempts>,
    sessions: Arc<FakeSessions>,
    decisions: Arc<FakeDecisions>,
    tasks: Arc<FakeTasks>,
    clock: Arc<FakeClock>,
    /// The state of the latest attempt, and the attempt as sealed for its browser.
    latest_attempt: Mutex<Option<(State, SealedAttempt)>>,
}

impl World {
    fn new(doubles: doubles::Provider) -> Self {
        Self::with(doubles.into_providers())
    }

    fn with(providers: Providers) -> Self {
        let attempts = Arc::new(FakeLoginAttempts::default());
        let sessions = Arc::new(FakeSessions::new(samples::POLICY));
        let clock = Arc::new(FakeClock::at(1_000));
        let decisions = Arc::new(FakeDecisions::default());
        let entropy = Arc::new(CountingEntropy::default());
        let tasks = Arc::new(FakeTasks::default());
        let shared_clock: Arc<dyn Clock> = clock.clone();
        let listings = background_listings(&providers, &sessions, &tasks, &shared_clock, Unlogged);
        let use_case = CompleteLogin {
            providers: providers.clone(),
            attempts: attempts.clone(),
            land: LandLogin {
                providers: providers.clone(),
                sessions: sessions.clone(),
                share: SHARE,
                clock: clock.clone(),
                entropy: entropy.clone(),
            },
            decisions: decisions.clone(),
            listings,
            policy: samples::POLICY,
            clock: clock.clone(),
            entropy,
        };
        let latest_attempt = Mutex::default();
        Self { use_case, attempts, sessions, decisions, tasks, clock, latest_attempt }
    }

    /// Begins an attempt with this nonce on a page of Portico's, in the browser that has this
    /// session, and runs its callback.
    async fn log_in(
        &self,
        nonce: &str,
        session: Option<SessionId>,
        response: AuthorizationResponse,
    ) -> Result<LoggedIn, CompleteLoginError> {
        let key = session.as_ref().map(SessionKey::of);
        let origin = LoginOrigin { session: key, own_page: true, ..LoginOrigin::default() };
        self.begin_from(nonce, origin).await;
        self.call_back(session, response).await
    }

    async fn begin(&self, nonce: &str) {
        self.begin_from(nonce, LoginOrigin::default()).await;
    }

    async fn begin_from(&self, nonce: &str, origin: LoginOrigin) {
        let state = State::new(format!("state {}", self.attempts.sealed()));
        let epoch = self.attempts.epoch(self.clock.now()).await.unwrap();
        let attempt = PendingLogin { epoch, origin, ..samples::pending_login(nonce) };
        let sealed = self.attempts.seal(&AttemptKey::of(&state), &attempt).unwrap();
        *self.latest_attempt.lock().unwrap() = Some((state, sealed));
    }

    /// The latest attempt, if it opens.
    fn opened(&self) -> Option<OpenAttempt> {
        let latest = self.latest_attempt.lock().unwrap();
        let (state, sealed) = latest.as_ref().unwrap();
        self.use_case.open(state, sealed)
    }

    /// Runs a callback of the latest attempt.
    async fn call_back(
        &self,
        session: Option<SessionId>,
        response: AuthorizationResponse,
    ) -> Result<LoggedIn, CompleteLoginError> {
        let done =
            self.use_case.run(CallbackRequest { session, ..self.callback_request(response) });
        let done = done.await.map_err(|failed| failed.error)?;
        let Completed { end, return_to, incidents, .. } = done;
        match end {
            LoginEnd::LoggedIn(session) => Ok(LoggedIn { session, return_to, incidents }),
            LoginEnd::Undecided(_) => panic!("the login is undecided"),
        }
    }

    async fn session(&self, id: &SessionId) -> Option<Session> {
        let found = self.sessions.find(&SessionKey::of(id), self.clock.now()).await.unwrap();
        found.map(|stored| stored.value)
    }
}

const SHARE: PersonShare = PersonShare { sessions: 3, bytes: usize::MAX };

fn code() -> AuthorizationResponse {
    AuthorizationResponse::Code(AuthorizationCode::new("code"))
}

/// A provider at which these people sign in, one after the other, each with one subscription.
fn signing_in(people: &'static [(&'static str, &'static str)]) -> doubles::Provider {
    let mut doubles = doubles::Provider::silent();
    let mut remaining = people.iter();
    doubles.identity.expect_redeem().times(people.len()).returning(move |_, _| {
        let (tenant, subject) = remaining.next().unwrap();
        Ok(SignedIn {
            claims: Some(VerifiedClaims::assertion(samples::claims(tenant, subject))),
            issuer: samples::issuer(tenant),
            tokens: samples::tokens(tenant),
            token_reply: vec![],
        })
    });
    doubles.cloud.expect_list().returning(|_| {
        let listing =
            Listing { subscriptions: vec![samples::subscription("one")], ..Listing::default() };
        Ok(Box::new(ScriptedRun(move |_| Ok(Step::Done(listing.clone())))))
    });
    doubles
}

#[tokio::test]
async fn run_writes_a_session_with_the_account_and_its_tokens() {
    let world = World::new(signing_in(&[("contoso", "zofia")]));
    let login = world.log_in("right", None, code()).await.unwrap();
    let session = world.session(&login.session).await.unwrap();
    assert_eq!(session.user, samples::claims("contoso", "zofia"));
    assert_eq!(session.accounts[0].subscriptions, [samples::subscription("one")]);
    assert_eq!(login.return_to.url(), &Url::parse("http://localhost:3000/dashboard").unwrap());
    let (key, account) = (SessionKey::of(&login.session), &session.accounts[0].id);
    let tokens = world.sessions.tokens_of(&key, account).await.unwrap();
    assert_eq!(tokens, Some(samples::tokens("contoso")));
}
