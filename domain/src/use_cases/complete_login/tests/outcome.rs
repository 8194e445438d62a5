//! The result of a login beside the session: the person, the redirect, and the finish cookie.

use rstest::rstest;

use super::*;

impl World {
    /// Runs a callback of this attempt.
    async fn complete(
        &self,
        attempt: PendingLogin,
        provider: ProviderId,
        callback: Callback,
    ) -> Result<Completed, LoginFailed> {
        let state = State::new("state");
        let epoch = self.attempts.epoch(self.clock.now()).await.unwrap();
        let attempt = PendingLogin { epoch, ..attempt };
        let sealed = self.attempts.seal(&AttemptKey::of(&state), &attempt).unwrap();
        *self.latest_attempt.lock().unwrap() = Some((state, sealed));
        self.use_case
            .run(CallbackRequest { provider, callback, ..self.callback_request(code()) })
            .await
    }
}

fn returning() -> PendingLogin {
    PendingLogin { returns_errors: true, ..samples::pending_login("right") }
}

fn denied() -> AuthorizationResponse {
    AuthorizationResponse::Error(OAuthError {
        error: "access_denied".into(),
        ..OAuthError::default()
    })
}

#[rstest]
#[case::requested(true)]
#[case::not_requested(false)]
#[tokio::test]
async fn run_returns_to_the_app_with_a_refusal_only_on_request(#[case] returns_errors: bool) {
    let world = World::new(signing_in(&[]));
    let attempt = PendingLogin { returns_errors, ..samples::pending_login("right") };
    let callback = Callback { iss: None, response: denied() };
    let failed = world.complete(attempt, samples::azure(), callback).await.unwrap_err();
    assert_eq!(failed.return_to.is_some(), returns_errors);
    assert_eq!(failed.person, None);
}

#[rstest]
#[case::another_redirect_uri("google", None)]
#[case::another_issuer("azure", Some("https://evil.example"))]
#[tokio::test]
async fn run_redirects_nowhere_for_a_callback_of_another_provider(
    #[case] provider: &str,
    #[case] iss: Option<&str>,
) {
    for response in [denied(), code()] {
        let world = World::new(signing_in(&[]));
        let provider = ProviderId::parse(provider).unwrap();
        let callback = Callback { iss: iss.map(str::to_owned), response };
        let failed = world.complete(returning(), provider, callback).await.unwrap_err();
        assert_eq!(failed.return_to, None, "{failed:?}");
    }
}

#[tokio::test]
async fn run_redirects_nowhere_for_a_spent_attempt() {
    let world = World::new(signing_in(&[("contoso", "zofia")]));
    let callback = || Callback { iss: None, response: code() };
    world.complete(returning(), samples::azure(), callback()).await.unwrap();
    let failed = world.complete(returning(), samples::azure(), callback()).await.unwrap_err();
    assert!(matches!(failed.error, CompleteLoginError::Spent));
    assert_eq!(failed.return_to, None);
}

#[tokio::test]
async fn run_names_the_person_of_a_tenant_that_is_not_allowed_and_redirects() {
    let world = World::new(signing_in(&[("elsewhere", "zofia")]));
    let callback = Callback { iss: None, response: code() };
    let failed = world.complete(returning(), samples::azure(), callback).await.unwrap_err();
    assert!(matches!(failed.error, CompleteLoginError::TenantNotAllowed(_)));
    let person = failed.person.unwrap();
    assert_eq!((person.tenant.as_str(), person.subject.as_str()), ("elsewhere", "zofia"));
    assert_eq!(failed.return_to, Some(returning().return_to));
}

#[tokio::test]
async fn finished_returns_the_login_of_its_state_until_the_attempt_expires() {
    let world = World::new(signing_in(&[("contoso", "zofia")]));
    let callback = Callback { iss: None, response: code() };
    let done = world.complete(returning(), samples::azure(), callback).await.unwrap();
    let person = (done.person.tenant.as_str(), done.person.subject.as_str());
    assert_eq!(person, ("contoso", "zofia"));
    let (state, finish) = (State::new("state"), done.finish.unwrap());
    let finished = world.use_case.finished(&state, &finish).unwrap();
    assert_eq!(finished.return_to, returning().return_to);
    assert!(!finished.undecided);
    assert_eq!(finished.expires_at, returning().expires_at);
    assert_eq!(world.use_case.finished(&State::new("another"), &finish), None);
    world.clock.advance(std::time::Duration::from_secs(900));
    assert_eq!(world.use_case.finished(&state, &finish), None);
}
