//! Login attempts that are spent, expired or of another login.

use super::*;

#[tokio::test]
async fn run_refuses_a_spent_attempt() {
    let world = World::new(signing_in(&[("contoso", "zofia")]));
    world.log_in("right", None, code()).await.unwrap();
    let again = world.call_back(None, code()).await;
    assert!(matches!(again, Err(CompleteLoginError::Spent)));
    assert_eq!(world.sessions.count(), 1);
}

#[tokio::test]
async fn open_returns_none_for_an_attempt_of_another_state() {
    let world = World::new(signing_in(&[]));
    world.begin("right").await;
    let (_, others) = world.latest_attempt.lock().unwrap().take().unwrap();
    world.begin("another").await;
    let (state, sealed) = world.latest_attempt.lock().unwrap().take().unwrap();
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
    let error = OAuthError { error: "access_denied".into(), ..OAuthError::default() };
    let refused = world.log_in("right", None, AuthorizationResponse::Error(error)).await;
    assert!(matches!(refused, Err(CompleteLoginError::Rejected(CallbackRejected::Refused(_)))));
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn run_completes_the_login_with_the_revision_it_began_with() {
    let world = World::new(signing_in(&[("contoso", "zofia")]));
    let mut next = doubles::Provider::silent().into_registration();
    next.revision = Revision::new("linked-2");
    world.use_case.providers.replace(vec![Arc::new(next)], world.clock.now());
    // The mocks of the new registration fail the test at any call.
    assert!(world.log_in("right", None, code()).await.is_ok());
}
