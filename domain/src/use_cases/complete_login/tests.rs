//! A login completes once, for the person who began it, into a session of their own.

use std::sync::Mutex;

use url::Url;

use super::*;
use crate::{
    account::Listing,
    listing::ListingBudget,
    login::{AuthorizationResponse, LoginOrigin, OAuthError, PendingLogin},
    ports::{Sessions, SignedIn},
    provider::{
        ConfiguredSignIn, Descriptor, EndpointTemplates, Person, ProviderError, Reply, Revision,
        Settings, SignInTemplate, Step, SubjectMapping, UserRecordTemplate,
    },
    secret::AuthorizationCode,
    session::PersonShare,
    testing::{
        CountingEntropy, FakeClock, FakeDecisions, FakeListingCache, FakeLoginAttempts,
        FakeSessions, SessionsExt, TokensExt,
        doubles::{self, ScriptedRun},
        samples,
    },
    use_cases::{DEFAULT_LISTING_MAX_AGE, ListResources},
    verified_claims::VerifiedClaims,
};

use self::callbacks::LoggedIn;

mod callbacks;
mod choice;
mod landing;
mod outcome;
mod without_id_token;

struct World {
    use_case: CompleteLogin,
    attempts: Arc<FakeLoginAttempts>,
    sessions: Arc<FakeSessions>,
    decisions: Arc<FakeDecisions>,
    clock: Arc<FakeClock>,
    /// The state of the attempt that was begun last, and the attempt as its browser keeps it.
    begun: Mutex<Option<(State, SealedAttempt)>>,
}

impl World {
    fn new(doubles: doubles::Provider) -> Self {
        let attempts = Arc::new(FakeLoginAttempts::default());
        let sessions = Arc::new(FakeSessions::new(samples::POLICY));
        let clock = Arc::new(FakeClock::at(1_000));
        let decisions = Arc::new(FakeDecisions::default());
        let entropy = Arc::new(CountingEntropy::default());
        let providers = doubles.into_providers();
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
            list_recent: ListRecent {
                list_resources: ListResources {
                    clock: clock.clone(),
                    budget: ListingBudget::default(),
                },
                cache: Arc::new(FakeListingCache::default()),
                max_age: DEFAULT_LISTING_MAX_AGE,
            },
            policy: samples::POLICY,
            clock: clock.clone(),
            entropy,
        };
        Self { use_case, attempts, sessions, decisions, clock, begun: Mutex::default() }
    }

    /// Begins an attempt with this nonce on a page of Portico's, in the browser that has this
    /// session, and answers it.
    async fn answer(
        &self,
        nonce: &str,
        session: Option<SessionId>,
        response: AuthorizationResponse,
    ) -> Result<LoggedIn, CompleteLoginError> {
        let begun_in = session.as_ref().map(SessionKey::of);
        let origin = LoginOrigin { session: begun_in, own_page: true, ..LoginOrigin::default() };
        self.begin_so(nonce, origin).await;
        self.call_back(session, response).await
    }

    async fn begin(&self, nonce: &str) {
        self.begin_so(nonce, LoginOrigin::default()).await;
    }

    async fn begin_so(&self, nonce: &str, origin: LoginOrigin) {
        let state = State::new(format!("state {}", self.attempts.sealed()));
        let epoch = self.attempts.epoch(self.clock.now()).await.unwrap();
        let attempt = PendingLogin { epoch, origin, ..samples::pending_login(nonce) };
        let sealed = self.attempts.seal(&AttemptKey::of(&state), &attempt).unwrap();
        *self.begun.lock().unwrap() = Some((state, sealed));
    }

    /// The attempt that was begun last, where it opens.
    fn opened(&self) -> Option<OpenAttempt> {
        let begun = self.begun.lock().unwrap();
        let (state, sealed) = begun.as_ref().unwrap();
        self.use_case.open(state, sealed)
    }

    /// Answers the attempt that was begun last.
    async fn call_back(
        &self,
        session: Option<SessionId>,
        response: AuthorizationResponse,
    ) -> Result<LoggedIn, CompleteLoginError> {
        let done = self.use_case.run(CallbackRequest { session, ..self.back(response) });
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
    let mut arriving = people.iter();
    doubles.identity.expect_redeem().times(people.len()).returning(move |_, _| {
        let (tenant, subject) = arriving.next().unwrap();
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
    let login = world.answer("right", None, code()).await.unwrap();
    let session = world.session(&login.session).await.unwrap();
    assert_eq!(session.user, samples::claims("contoso", "zofia"));
    assert_eq!(session.accounts[0].subscriptions, [samples::subscription("one")]);
    assert_eq!(login.return_to.url(), &Url::parse("http://localhost:3000/dashboard").unwrap());
    let (key, account) = (SessionKey::of(&login.session), &session.accounts[0].id);
    let tokens = world.sessions.tokens_of(&key, account).await.unwrap();
    assert_eq!(tokens, Some(samples::tokens("contoso")));
}

#[tokio::test]
async fn run_refuses_a_spent_attempt() {
    let world = World::new(signing_in(&[("contoso", "zofia")]));
    world.answer("right", None, code()).await.unwrap();
    let again = world.call_back(None, code()).await;
    assert!(matches!(again, Err(CompleteLoginError::Spent)));
    assert_eq!(world.sessions.count(), 1);
}

#[tokio::test]
async fn open_returns_none_for_an_attempt_of_another_state() {
    let world = World::new(signing_in(&[]));
    world.begin("right").await;
    let (_, others) = world.begun.lock().unwrap().take().unwrap();
    world.begin("another").await;
    let (state, sealed) = world.begun.lock().unwrap().take().unwrap();
    assert!(world.use_case.open(&state, &others).is_none());
    assert!(world.use_case.open(&State::new("unknown"), &sealed).is_none());
    assert_eq!(world.attempts.spent(), 0);
    assert!(world.use_case.open(&state, &sealed).is_some());
}

#[tokio::test]
async fn run_redeems_one_code_for_two_concurrent_callbacks() {
    let world = World::new(signing_in(&[("contoso", "zofia")]));
    world.begin("right").await;
    let (one, other) = tokio::join!(world.call_back(None, code()), world.call_back(None, code()));
    assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);
    assert_eq!((world.sessions.count(), world.attempts.spent()), (1, 1));
}

#[tokio::test]
async fn open_returns_none_for_an_expired_attempt() {
    let world = World::new(signing_in(&[]));
    world.clock.advance(std::time::Duration::from_secs(1_000));
    world.begin("right").await;
    assert!(world.opened().is_none());
    assert_eq!(world.attempts.spent(), 0);
}

#[tokio::test]
async fn run_returns_a_refusal_and_redeems_nothing() {
    let world = World::new(signing_in(&[]));
    let said = OAuthError { error: "access_denied".into(), description: None };
    let refused = world.answer("right", None, AuthorizationResponse::Error(said)).await;
    assert!(matches!(refused, Err(CompleteLoginError::Rejected(CallbackRejected::Refused(_)))));
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn run_twice_in_one_tenant_leaves_one_account_under_a_new_session_id() {
    let world = World::new(signing_in(&[("contoso", "zofia"), ("contoso", "zofia")]));
    let first = world.answer("right", None, code()).await.unwrap().session;
    let second = world.answer("right", Some(first.clone()), code()).await.unwrap().session;
    assert_ne!(first, second);
    assert_eq!(world.session(&first).await, None);
    assert_eq!(world.session(&second).await.unwrap().accounts.len(), 1);
}

#[tokio::test]
async fn run_in_a_second_tenant_adds_an_account_to_the_session() {
    let world = World::new(signing_in(&[("contoso", "zofia"), ("fabrikam", "guest")]));
    let first = world.answer("right", None, code()).await.unwrap().session;
    let second = world.answer("right", Some(first), code()).await.unwrap().session;
    let session = world.session(&second).await.unwrap();
    assert_eq!((session.accounts.len(), world.sessions.count()), (2, 1));
    let key = SessionKey::of(&second);
    for (account, mark) in session.accounts.iter().zip(["contoso", "fabrikam"]) {
        let tokens = world.sessions.tokens_of(&key, &account.id).await.unwrap();
        assert_eq!(tokens, Some(samples::tokens(mark)));
    }
}

#[tokio::test]
async fn run_replaces_the_session_of_somebody_else_in_the_browser() {
    let world = World::new(signing_in(&[("contoso", "zofia"), ("contoso", "marek")]));
    let first = world.answer("right", None, code()).await.unwrap().session;
    let second = world.answer("right", Some(first.clone()), code()).await.unwrap().session;
    assert_eq!(world.session(&first).await, None);
    let session = world.session(&second).await.unwrap();
    assert_eq!(session.user, samples::claims("contoso", "marek"));
    assert_eq!((session.accounts.len(), world.sessions.count()), (1, 1));
}

#[tokio::test]
async fn run_refuses_a_tenant_that_is_not_allowed() {
    let world = World::new(signing_in(&[("elsewhere", "zofia")]));
    let refused = world.answer("right", None, code()).await;
    assert!(matches!(refused, Err(CompleteLoginError::TenantNotAllowed(_))));
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn run_refuses_an_identity_that_is_not_in_the_claims() {
    let mut doubles = doubles::Provider::silent();
    doubles.identity.expect_redeem().returning(|_, _| {
        Ok(SignedIn {
            claims: Some(VerifiedClaims::assertion(samples::claims("contoso", "zofia"))),
            issuer: samples::issuer("contoso"),
            tokens: samples::tokens("contoso"),
            token_reply: vec![],
        })
    });
    doubles.cloud.checkpoint();
    doubles.cloud.expect_descriptor().return_const(samples::descriptor());
    doubles
        .cloud
        .expect_identify()
        .returning(|_, _| Ok(Some(samples::identity("contoso", "administrator"))));
    let world = World::new(doubles);
    let refused = world.answer("right", None, code()).await;
    assert!(matches!(refused, Err(CompleteLoginError::IdentityMadeUp(_))));
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn run_succeeds_with_a_warning_when_the_listing_fails() {
    let mut doubles = signing_in(&[("contoso", "zofia")]);
    doubles.cloud.checkpoint();
    doubles.cloud.expect_descriptor().return_const(samples::descriptor());
    doubles.cloud.expect_identify().returning(|_, _| Ok(None));
    doubles
        .cloud
        .expect_list()
        .returning(|_| Err(ProviderError::Unexpected("no listing today".into()).into()));
    let world = World::new(doubles);
    let login = world.answer("right", None, code()).await.unwrap();
    let session = world.session(&login.session).await.unwrap();
    assert!(session.accounts[0].subscriptions.is_empty());
    assert_eq!(session.accounts[0].warnings.len(), 1);
    assert!(login.incidents[0].why.contains("no listing today"));
}

#[tokio::test]
async fn run_fails_when_the_provider_breaks_a_rule_while_listing() {
    let mut doubles = signing_in(&[("contoso", "zofia")]);
    doubles.cloud.checkpoint();
    doubles.cloud.expect_descriptor().return_const(samples::descriptor());
    doubles.cloud.expect_identify().returning(|_, _| Ok(None));
    doubles.cloud.expect_list().returning(|_| Err(CallError::Broken("it trapped".into())));
    let world = World::new(doubles);
    let refused = world.answer("right", None, code()).await;
    let broken = CallError::Broken("it trapped".into());
    assert!(matches!(refused, Err(CompleteLoginError::Provider(_, why)) if why == broken));
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn run_completes_the_login_with_the_revision_it_began_with() {
    let world = World::new(signing_in(&[("contoso", "zofia")]));
    let mut next = doubles::Provider::silent().into_registration();
    next.revision = Revision::new("linked-2");
    world.use_case.providers.replace(vec![Arc::new(next)], world.clock.now());
    // The new one expects no call and fails the test at one.
    assert!(world.answer("right", None, code()).await.is_ok());
}
