//! A login completes once, for the person who began it, into a session of their own.

use url::Url;

use super::*;
use crate::{
    account::Listing,
    login::{Answer, ProviderSaid},
    ports::SessionTokens,
    provider::Step,
    secret::AuthorizationCode,
    testing::{
        CountingEntropy, FakeClock, FakeLoginAttempts, FakeSessions,
        doubles::{self, ScriptedRun},
        samples,
    },
    use_cases::DiscoveryBudget,
};

struct World {
    use_case: CompleteLogin,
    attempts: Arc<FakeLoginAttempts>,
    sessions: Arc<FakeSessions>,
    clock: Arc<FakeClock>,
}

impl World {
    fn new(doubles: doubles::Provider) -> Self {
        let attempts = Arc::new(FakeLoginAttempts::default());
        let sessions = Arc::new(FakeSessions::new(samples::POLICY));
        let clock = Arc::new(FakeClock::at(1_000));
        let use_case = CompleteLogin {
            providers: doubles.into_providers(),
            attempts: attempts.clone(),
            sessions: sessions.clone(),
            discover: Discover { clock: clock.clone(), budget: DiscoveryBudget::default() },
            policy: samples::POLICY,
            clock: clock.clone(),
            entropy: Arc::new(CountingEntropy::default()),
        };
        Self { use_case, attempts, sessions, clock }
    }

    /// Answers an attempt that was begun in the browser that holds `right`.
    async fn answer(
        &self,
        browser: &str,
        session: Option<SessionId>,
        answer: Answer,
    ) -> Result<LoggedIn, CompleteLoginError> {
        let state = State::new("state");
        let attempt = samples::pending_login("right");
        self.attempts.begin(AttemptKey::of(&state), &attempt).await.unwrap();
        self.call_back(browser, session, answer).await
    }

    async fn call_back(
        &self,
        browser: &str,
        session: Option<SessionId>,
        answer: Answer,
    ) -> Result<LoggedIn, CompleteLoginError> {
        let answer = LoginAnswer {
            provider: samples::azure(),
            state: State::new("state"),
            callback: Callback { iss: None, answer },
            browser: Some(BrowserBinding::new(browser)),
            session,
        };
        self.use_case.run(answer).await
    }

    async fn session(&self, id: &SessionId) -> Option<Session> {
        let found = self.sessions.find(&SessionKey::of(id), self.clock.now()).await.unwrap();
        found.map(|stored| stored.value)
    }
}

fn code() -> Answer {
    Answer::Code(AuthorizationCode::new("code"))
}

/// A provider at which these people sign in, one after the other, each with one subscription.
fn signing_in(people: &'static [(&'static str, &'static str)]) -> doubles::Provider {
    let mut doubles = doubles::Provider::silent();
    doubles.cloud.expect_sign_in().returning(|_| Ok(samples::sign_in()));
    let mut arriving = people.iter();
    doubles.identity.expect_redeem().times(people.len()).returning(move |_, _| {
        let (tenant, subject) = arriving.next().unwrap();
        Ok(SignedIn {
            claims: samples::claims(tenant, subject),
            issuer: samples::issuer(tenant),
            tokens: samples::tokens(tenant),
        })
    });
    doubles.cloud.expect_identify().returning(|_, claims| {
        let claim = |name: &str| claims.members()[name].as_str().unwrap().to_owned();
        Ok(samples::identity(&claim("tid"), &claim("oid")))
    });
    doubles.cloud.expect_discover().returning(|_| {
        let listing =
            Listing { subscriptions: vec![samples::subscription("one")], warnings: vec![] };
        Ok(Box::new(ScriptedRun(move |_| Ok(Step::Done(listing.clone())))))
    });
    doubles
}

#[tokio::test]
async fn a_person_who_signed_in_has_a_session_with_their_account_and_its_tokens() {
    let world = World::new(signing_in(&[("contoso", "zofia")]));
    let login = world.answer("right", None, code()).await.unwrap();
    let session = world.session(&login.session).await.unwrap();
    assert_eq!(session.user, samples::claims("contoso", "zofia"));
    assert_eq!(session.accounts[0].subscriptions, [samples::subscription("one")]);
    assert_eq!(login.return_to.url(), &Url::parse("http://localhost:3000/dashboard").unwrap());
    let (key, account) = (SessionKey::of(&login.session), &session.accounts[0].id);
    let tokens = world.sessions.find_tokens(&key, account).await.unwrap();
    assert_eq!(tokens, Some(samples::tokens("contoso")));
}

#[tokio::test]
async fn a_callback_that_comes_twice_redeems_its_code_once() {
    let world = World::new(signing_in(&[("contoso", "zofia")]));
    world.answer("right", None, code()).await.unwrap();
    let again = world.call_back("right", None, code()).await;
    assert!(matches!(again, Err(CompleteLoginError::NoSuchAttempt)));
    assert_eq!(world.sessions.count(), 1);
}

#[tokio::test]
async fn another_browser_redeems_nothing_and_the_attempt_is_spent() {
    let world = World::new(signing_in(&[]));
    let refused = world.answer("wrong", None, code()).await;
    let other = CompleteLoginError::Rejected(CallbackRejected::OtherBrowser);
    assert_eq!(refused.unwrap_err().to_string(), other.to_string());
    assert_eq!((world.sessions.count(), world.attempts.count()), (0, 0));
}

#[tokio::test]
async fn an_expired_attempt_fits_no_callback() {
    let world = World::new(signing_in(&[]));
    world.clock.advance(std::time::Duration::from_secs(1_000));
    let refused = world.answer("right", None, code()).await;
    assert!(matches!(refused, Err(CompleteLoginError::NoSuchAttempt)));
}

#[tokio::test]
async fn a_refusal_is_passed_on_and_redeems_nothing() {
    let world = World::new(signing_in(&[]));
    let said = ProviderSaid { error: "access_denied".into(), description: None };
    let refused = world.answer("right", None, Answer::Error(said)).await;
    assert!(matches!(refused, Err(CompleteLoginError::Rejected(CallbackRejected::Refused(_)))));
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn signing_in_twice_to_a_tenant_leaves_one_account_under_a_new_id() {
    let world = World::new(signing_in(&[("contoso", "zofia"), ("contoso", "zofia")]));
    let first = world.answer("right", None, code()).await.unwrap().session;
    let second = world.answer("right", Some(first.clone()), code()).await.unwrap().session;
    assert_ne!(first, second);
    assert_eq!(world.session(&first).await, None);
    assert_eq!(world.session(&second).await.unwrap().accounts.len(), 1);
}

#[tokio::test]
async fn a_second_tenant_makes_two_accounts_in_one_session() {
    let world = World::new(signing_in(&[("contoso", "zofia"), ("fabrikam", "guest")]));
    let first = world.answer("right", None, code()).await.unwrap().session;
    let second = world.answer("right", Some(first), code()).await.unwrap().session;
    let session = world.session(&second).await.unwrap();
    assert_eq!((session.accounts.len(), world.sessions.count()), (2, 1));
    let key = SessionKey::of(&second);
    for (account, mark) in session.accounts.iter().zip(["contoso", "fabrikam"]) {
        let tokens = world.sessions.find_tokens(&key, &account.id).await.unwrap();
        assert_eq!(tokens, Some(samples::tokens(mark)));
    }
}

#[tokio::test]
async fn somebody_else_at_the_same_browser_inherits_nothing() {
    let world = World::new(signing_in(&[("contoso", "zofia"), ("contoso", "marek")]));
    let first = world.answer("right", None, code()).await.unwrap().session;
    let second = world.answer("right", Some(first.clone()), code()).await.unwrap().session;
    assert_eq!(world.session(&first).await, None);
    let session = world.session(&second).await.unwrap();
    assert_eq!(session.user, samples::claims("contoso", "marek"));
    assert_eq!((session.accounts.len(), world.sessions.count()), (1, 1));
}

#[tokio::test]
async fn a_tenant_that_is_not_allowed_gets_no_session() {
    let world = World::new(signing_in(&[("elsewhere", "zofia")]));
    let refused = world.answer("right", None, code()).await;
    assert!(matches!(refused, Err(CompleteLoginError::TenantNotAllowed(_))));
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn a_provider_cannot_make_somebody_up() {
    let mut doubles = doubles::Provider::silent();
    doubles.cloud.expect_sign_in().returning(|_| Ok(samples::sign_in()));
    doubles.identity.expect_redeem().returning(|_, _| {
        Ok(SignedIn {
            claims: samples::claims("contoso", "zofia"),
            issuer: samples::issuer("contoso"),
            tokens: samples::tokens("contoso"),
        })
    });
    doubles
        .cloud
        .expect_identify()
        .returning(|_, _| Ok(samples::identity("contoso", "administrator")));
    let world = World::new(doubles);
    let refused = world.answer("right", None, code()).await;
    assert!(matches!(refused, Err(CompleteLoginError::IdentityMadeUp(_))));
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn a_listing_that_fails_is_a_warning_and_the_login_succeeds() {
    let mut doubles = signing_in(&[("contoso", "zofia")]);
    doubles.cloud.checkpoint();
    doubles.cloud.expect_descriptor().return_const(samples::descriptor());
    doubles.cloud.expect_sign_in().returning(|_| Ok(samples::sign_in()));
    doubles.cloud.expect_identify().returning(|_, _| Ok(samples::identity("contoso", "zofia")));
    doubles
        .cloud
        .expect_discover()
        .returning(|_| Err(Problem::Unexpected("no listing today".into())));
    let world = World::new(doubles);
    let login = world.answer("right", None, code()).await.unwrap();
    let session = world.session(&login.session).await.unwrap();
    assert!(session.accounts[0].subscriptions.is_empty());
    assert_eq!(session.accounts[0].warnings.len(), 1);
    assert!(login.incidents[0].why.contains("no listing today"));
}
