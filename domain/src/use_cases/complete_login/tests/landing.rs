//! The session of a login in a browser that has a session: joined, replaced, undecided, or none.

use super::{without_id_token::connecting, *};
use crate::{
    login::Choice,
    provider,
    session::{Ending, SignOutCount},
    use_cases::{DecideError, DecideLogin, Decided, Decision},
};

pub(super) const ALICE: (&str, &str) = ("contoso", "zofia");
/// Of another tenant, so that their account could join Alice's session.
pub(super) const BOB: (&str, &str) = ("fabrikam", "haruki");

impl World {
    /// Alice is signed in.
    pub(super) async fn with_alice(
        people: &'static [(&'static str, &'static str)],
    ) -> (Self, SessionId) {
        let world = Self::new(signing_in(people));
        let id = SessionId::new("alices");
        let session = samples::session(ALICE.0, ALICE.1, world.clock.now());
        world.sessions.create(SessionKey::of(&id), &session, vec![]).await.unwrap();
        (world, id)
    }

    /// Completes a login that began at `origin`, in the browser that has this session.
    pub(super) async fn complete_from(
        &self,
        origin: LoginOrigin,
        session: Option<&SessionId>,
    ) -> Result<LoginEnd, CompleteLoginError> {
        self.begin_from("right", origin).await;
        let request =
            CallbackRequest { session: session.cloned(), ..self.callback_request(code()) };
        let ended = self.use_case.run(request).await;
        ended.map(|completed| completed.end).map_err(|failed| failed.error)
    }

    /// Completes a login of Bob's that another site began in Alice's browser.
    pub(super) async fn undecided(&self, session: &SessionId) -> DecisionId {
        match self.complete_from(elsewhere(session), Some(session)).await.unwrap() {
            LoginEnd::Undecided(id) => id,
            LoginEnd::LoggedIn(_) => panic!("the login is not undecided"),
        }
    }

    pub(super) fn decide(&self) -> DecideLogin {
        DecideLogin {
            decisions: self.decisions.clone(),
            land: self.use_case.land.clone(),
            clock: self.clock.clone(),
        }
    }

    pub(super) async fn choose(
        &self,
        id: &DecisionId,
        session: &SessionId,
        choice: Choice,
    ) -> Result<Decided, DecideError> {
        let label = DecisionKey::of(id).label();
        let (id, session) = (id.clone(), session.clone());
        self.decide()
            .run(Decision { id, label, session, browser_id: None, client: None, choice })
            .await
    }
}

fn on_own_page(session: &SessionId) -> LoginOrigin {
    let session = Some(SessionKey::of(session));
    LoginOrigin { session, own_page: true, ..LoginOrigin::default() }
}

fn elsewhere(session: &SessionId) -> LoginOrigin {
    LoginOrigin { own_page: false, ..on_own_page(session) }
}

fn landed(end: Result<LoginEnd, CompleteLoginError>) -> SessionId {
    match end {
        Ok(LoginEnd::LoggedIn(id)) => id,
        other => panic!("no session: {other:?}"),
    }
}

fn has_ended(end: &Result<LoginEnd, CompleteLoginError>) -> bool {
    matches!(end, Err(CompleteLoginError::Landing(LandError::Ended)))
}

#[tokio::test]
async fn run_connects_without_a_choice_from_an_own_page() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let id = landed(world.complete_from(on_own_page(&alice), Some(&alice)).await);
    assert_eq!(world.session(&id).await.unwrap().accounts.len(), 2);
    assert_eq!(world.decisions.count(), 0);
}

#[tokio::test]
async fn run_asks_about_an_unknown_person_and_leaves_the_session_unchanged() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let before = world.session(&alice).await;
    world.undecided(&alice).await;
    assert_eq!(world.session(&alice).await, before);
    assert_eq!((world.sessions.count(), world.decisions.count()), (1, 1));
}

#[tokio::test]
async fn run_asks_when_the_login_began_outside_the_browsers_session() {
    let (world, alice) = World::with_alice(&[BOB, BOB]).await;
    let nowhere = LoginOrigin { own_page: true, ..LoginOrigin::default() };
    assert!(matches!(world.complete_from(nowhere, Some(&alice)).await, Ok(LoginEnd::Undecided(_))));
    let other = SessionId::new("carols");
    let carol = samples::session("fabrikam", "carol", world.clock.now());
    world.sessions.create(SessionKey::of(&other), &carol, vec![]).await.unwrap();
    let carols = on_own_page(&other);
    assert!(matches!(world.complete_from(carols, Some(&alice)).await, Ok(LoginEnd::Undecided(_))));
}

#[tokio::test]
async fn run_signs_in_a_known_person_without_a_choice() {
    let (world, alice) = World::with_alice(&[ALICE]).await;
    let id = landed(world.complete_from(elsewhere(&alice), Some(&alice)).await);
    assert_eq!(world.session(&id).await.unwrap().accounts.len(), 1);
    assert_eq!(world.sessions.count(), 1);
}

#[tokio::test]
async fn run_replaces_the_browsers_former_undecided_login() {
    let (world, alice) = World::with_alice(&[BOB, BOB]).await;
    let first = world.undecided(&alice).await;
    world.begin_from("second", elsewhere(&alice)).await;
    let (session, decision) = (Some(alice.clone()), Some(first.clone()));
    world
        .use_case
        .run(CallbackRequest { session, decision, ..world.callback_request(code()) })
        .await
        .unwrap();
    assert_eq!(world.decisions.count(), 1);
    let gone = world.choose(&first, &alice, Choice::Connect).await;
    assert!(matches!(gone, Err(DecideError::NothingAsked)));
}

#[tokio::test]
async fn run_connects_a_connect_only_provider_from_an_own_page() {
    let (world, alice) = connecting().await;
    let end = world.complete_from(on_own_page(&alice), Some(&alice)).await.unwrap();
    assert!(matches!(end, LoginEnd::LoggedIn(_)));
}

#[tokio::test]
async fn run_asks_about_a_connect_only_provider_from_elsewhere() {
    let (world, alice) = connecting().await;
    let id = world.undecided(&alice).await;
    let refused = world.choose(&id, &alice, Choice::SignIn).await;
    assert!(matches!(refused, Err(DecideError::Landing(LandError::SignInFirst))));
}

#[tokio::test]
async fn run_fails_after_a_sign_out_everywhere_since_the_login_began() {
    let (world, alice) = World::with_alice(&[ALICE, ALICE]).await;
    let anonymous = LoginOrigin { sign_outs: SignOutCount(0), ..LoginOrigin::default() };
    let alices = samples::person(ALICE.0, ALICE.1);
    assert_eq!(world.sessions.sign_out_everywhere(&alices, world.clock.now()).await.unwrap(), 1);
    assert!(has_ended(&world.complete_from(anonymous, None).await));
    assert_eq!(world.sessions.count(), 0);
    let ending = world.sessions.ending(&SessionKey::of(&alice), world.clock.now()).await.unwrap();
    assert_eq!(ending, Some(Ending::SignedOutEverywhere));

    let sign_outs = world.sessions.sign_outs(world.clock.now()).await.unwrap();
    let after = LoginOrigin { sign_outs, ..LoginOrigin::default() };
    assert!(world.session(&landed(world.complete_from(after, None).await)).await.is_some());
}

#[tokio::test]
async fn run_fails_when_the_session_the_login_began_in_has_ended() {
    let (world, alice) = World::with_alice(&[ALICE, BOB]).await;
    world.sessions.remove(&SessionKey::of(&alice)).await.unwrap();
    for session in [Some(&alice), None] {
        assert!(has_ended(&world.complete_from(on_own_page(&alice), session).await));
    }
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn run_connects_to_the_session_the_login_began_in_after_it_moved() {
    let (world, alice) = World::with_alice(&[ALICE, BOB]).await;
    let moved = landed(world.complete_from(on_own_page(&alice), Some(&alice)).await);
    // The second callback was sent before the browser received the new id.
    let both = landed(world.complete_from(on_own_page(&alice), Some(&alice)).await);
    assert_eq!(world.session(&moved).await, None);
    assert_eq!(world.session(&both).await.unwrap().accounts.len(), 2);
    assert_eq!(world.sessions.count(), 1);
}

#[tokio::test]
async fn run_does_not_follow_a_former_session_id_to_the_moved_session() {
    let (world, alice) = World::with_alice(&[ALICE, BOB]).await;
    let moved = landed(world.complete_from(on_own_page(&alice), Some(&alice)).await);
    // Somebody with the dead id begins a login of their own.
    let thief = LoginOrigin { own_page: true, ..LoginOrigin::default() };
    let theirs = landed(world.complete_from(thief, Some(&alice)).await);
    assert_eq!(world.session(&theirs).await.unwrap().person, samples::person(BOB.0, BOB.1));
    assert_eq!(world.session(&moved).await.unwrap().accounts.len(), 1);
}

#[tokio::test]
async fn run_leaves_one_session_after_two_logins_of_a_browser() {
    let world = World::new(signing_in(&[ALICE, BOB]));
    let browser_id = Some(BrowserId::new("browser"));
    let mut ids = vec![];
    for nonce in ["one", "two"] {
        world.begin(nonce).await;
        let request =
            CallbackRequest { browser_id: browser_id.clone(), ..world.callback_request(code()) };
        let ended = world.use_case.run(request).await;
        ids.push(landed(ended.map(|done| done.end).map_err(|failed| failed.error)));
    }
    assert_eq!(world.session(&ids[0]).await, None);
    assert!(world.session(&ids[1]).await.is_some());
    assert_eq!(world.sessions.count(), 1);
}

#[tokio::test]
async fn run_ends_the_oldest_sessions_over_the_share_as_crowded() {
    let world = World::new(signing_in(&[ALICE; 5]));
    let mut ids = vec![];
    for _ in 0..5 {
        ids.push(landed(world.complete_from(LoginOrigin::default(), None).await));
    }
    assert_eq!(world.sessions.count(), SHARE.sessions);
    for (index, id) in ids.iter().enumerate() {
        let (lives, key) = (world.session(id).await.is_some(), SessionKey::of(id));
        assert_eq!(lives, index >= 2, "{index}");
        let ending = world.sessions.ending(&key, world.clock.now()).await.unwrap();
        assert_eq!(ending, (!lives).then_some(Ending::Crowded));
    }
}

/// The size of a session is known after its write only.
#[tokio::test]
async fn run_ends_the_oldest_sessions_over_the_bytes_of_the_share() {
    let mut world = World::new(signing_in(&[ALICE; 2]));
    let first = landed(world.complete_from(LoginOrigin::default(), None).await);
    let alice = world.session(&first).await.unwrap().person;
    let size = world.sessions.sessions_of(&alice).await.unwrap()[0].bytes;
    world.use_case.land.share = PersonShare { sessions: 2, bytes: size * 3 / 2 };
    let second = landed(world.complete_from(LoginOrigin::default(), None).await);
    assert!(world.session(&first).await.is_none() && world.session(&second).await.is_some());
    let ending = world.sessions.ending(&SessionKey::of(&first), world.clock.now()).await.unwrap();
    assert_eq!(ending, Some(Ending::Crowded));
}

#[tokio::test]
async fn run_redeems_no_code_at_a_removed_provider() {
    let world = World::new(signing_in(&[]));
    world.use_case.providers.replace(vec![], world.clock.now());
    let refused = world.complete_from(LoginOrigin::default(), None).await;
    assert!(matches!(refused, Err(CompleteLoginError::UnknownProvider(_))), "{refused:?}");
}

#[tokio::test]
async fn run_fails_when_the_tenant_is_not_allowed_any_more() {
    let world = World::new(signing_in(&[ALICE]));
    let mut next = doubles::Provider::silent().into_registration();
    next.revision = Revision::new("linked-2");
    next.tenants = provider::AllowedTenants::only([TenantId::parse(BOB.0).unwrap()]);
    world.use_case.providers.replace(vec![Arc::new(next)], world.clock.now());
    let refused = world.complete_from(LoginOrigin::default(), None).await;
    assert!(matches!(refused, Err(CompleteLoginError::TenantNotAllowed(_))), "{refused:?}");
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn run_connects_to_no_session_whose_tenant_is_not_allowed_any_more() {
    let (world, alice) = World::with_alice(&[BOB, BOB]).await;
    let azure = (*world.use_case.providers.all()[0]).clone();
    let tenants = provider::AllowedTenants::only([TenantId::parse(BOB.0).unwrap()]);
    let azure = provider::Registration { tenants, ..azure };
    world.use_case.providers.replace(vec![Arc::new(azure)], world.clock.now());
    assert!(has_ended(&world.complete_from(on_own_page(&alice), Some(&alice)).await));
    assert_eq!(world.sessions.count(), 0);
    assert!(has_ended(&world.complete_from(elsewhere(&alice), Some(&alice)).await));
}
