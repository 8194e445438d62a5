//! Where a login lands that ends beside a session: in it, beside it, or nowhere.

use super::{without_id_token::connecting, *};
use crate::{
    login::Choice,
    provider,
    session::{Ending, SignOutCount},
    use_cases::{DecideError, DecideLogin, Decided, Decision},
};

const ALICE: (&str, &str) = ("contoso", "zofia");
/// Of another tenant, so that their account could join Alice's session.
const BOB: (&str, &str) = ("fabrikam", "haruki");

impl World {
    /// Alice is signed in.
    async fn with_alice(people: &'static [(&'static str, &'static str)]) -> (Self, SessionId) {
        let world = Self::new(signing_in(people));
        let id = SessionId::new("alices");
        let session = samples::session(ALICE.0, ALICE.1, world.clock.now());
        world.sessions.create(SessionKey::of(&id), &session, vec![]).await.unwrap();
        (world, id)
    }

    /// Somebody comes back from a login that was begun so, in the browser that has this session.
    async fn ends(
        &self,
        origin: LoginOrigin,
        session: Option<&SessionId>,
    ) -> Result<LoginEnd, CompleteLoginError> {
        self.begin_so("right", origin).await;
        let answer = CallbackRequest { session: session.cloned(), ..self.back(code()) };
        let ended = self.use_case.run(answer).await;
        ended.map(|completed| completed.end).map_err(|failed| failed.error)
    }

    /// Bob comes back from a login that another site began in Alice's browser.
    async fn asked(&self, session: &SessionId) -> DecisionId {
        match self.ends(elsewhere(session), Some(session)).await.unwrap() {
            LoginEnd::Undecided(id) => id,
            LoginEnd::LoggedIn(_) => panic!("nobody was asked"),
        }
    }

    fn decide(&self) -> DecideLogin {
        DecideLogin {
            decisions: self.decisions.clone(),
            land: self.use_case.land.clone(),
            clock: self.clock.clone(),
        }
    }

    async fn choose(
        &self,
        id: &DecisionId,
        session: &SessionId,
        choice: Choice,
    ) -> Result<Decided, DecideError> {
        let label = DecisionKey::of(id).label();
        let (id, session) = (id.clone(), session.clone());
        self.decide().run(Decision { id, label, session, browser_id: None, choice }).await
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

fn is_over(end: &Result<LoginEnd, CompleteLoginError>) -> bool {
    matches!(end, Err(CompleteLoginError::Landing(LandError::Ended)))
}

#[tokio::test]
async fn a_login_of_portico_s_own_page_connects_without_a_question() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let id = landed(world.ends(on_own_page(&alice), Some(&alice)).await);
    assert_eq!(world.session(&id).await.unwrap().accounts.len(), 2);
    assert_eq!(world.decisions.count(), 0);
}

#[tokio::test]
async fn another_sites_login_of_somebody_unknown_changes_nothing_until_it_is_decided() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let before = world.session(&alice).await;
    world.asked(&alice).await;
    assert_eq!(world.session(&alice).await, before);
    assert_eq!((world.sessions.count(), world.decisions.count()), (1, 1));
}

#[tokio::test]
async fn a_login_begun_in_no_session_or_another_one_is_asked_for_beside_a_session() {
    let (world, alice) = World::with_alice(&[BOB, BOB]).await;
    let nowhere = LoginOrigin { own_page: true, ..LoginOrigin::default() };
    assert!(matches!(world.ends(nowhere, Some(&alice)).await, Ok(LoginEnd::Undecided(_))));
    let other = SessionId::new("carols");
    let carol = samples::session("fabrikam", "carol", world.clock.now());
    world.sessions.create(SessionKey::of(&other), &carol, vec![]).await.unwrap();
    let begun_by_carol = on_own_page(&other);
    assert!(matches!(world.ends(begun_by_carol, Some(&alice)).await, Ok(LoginEnd::Undecided(_))));
}

#[tokio::test]
async fn somebody_the_session_knows_signs_in_again_without_a_question() {
    let (world, alice) = World::with_alice(&[ALICE]).await;
    let id = landed(world.ends(elsewhere(&alice), Some(&alice)).await);
    assert_eq!(world.session(&id).await.unwrap().accounts.len(), 1);
    assert_eq!(world.sessions.count(), 1);
}

#[tokio::test]
async fn the_choice_to_connect_adds_the_account_to_the_session_under_a_new_id() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let asked = world.asked(&alice).await;
    let question = world.decide().question(&asked, &alice).await.unwrap();
    assert_eq!(question.arrived.tenant.as_str(), "fabrikam");
    assert_eq!(question.owner.subject.as_str(), "zofia");
    let decided = world.choose(&asked, &alice, Choice::Connect).await.unwrap();
    let session = world.session(&decided.session.unwrap()).await.unwrap();
    assert_eq!(session.person, samples::person(ALICE.0, ALICE.1));
    assert_eq!((session.accounts.len(), world.sessions.count()), (2, 1));
}

#[tokio::test]
async fn the_choice_to_sign_in_ends_the_session_and_inherits_nothing() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let asked = world.asked(&alice).await;
    let decided = world.choose(&asked, &alice, Choice::SignIn).await.unwrap();
    let session = world.session(&decided.session.unwrap()).await.unwrap();
    assert_eq!(session.person, samples::person(BOB.0, BOB.1));
    assert_eq!((session.accounts.len(), world.sessions.count()), (1, 1));
}

#[tokio::test]
async fn the_choice_of_neither_forgets_the_login() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let asked = world.asked(&alice).await;
    let decided = world.choose(&asked, &alice, Choice::Neither).await.unwrap();
    assert_eq!((decided.session, world.decisions.count()), (None, 0));
    assert_eq!(world.session(&alice).await.unwrap().accounts.len(), 1);
}

#[tokio::test]
async fn a_choice_counts_once_for_its_login_in_its_session_and_in_time() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let asked = world.asked(&alice).await;
    let other = SessionId::new("carols");
    let carol = samples::session("contoso", "carol", world.clock.now());
    world.sessions.create(SessionKey::of(&other), &carol, vec![]).await.unwrap();
    let elsewhere = world.choose(&asked, &other, Choice::Connect).await;
    assert!(matches!(elsewhere, Err(DecideError::AskedElsewhere)));
    let label = "another login's page".to_owned();
    let (id, session) = (asked.clone(), alice.clone());
    let (browser_id, choice) = (None, Choice::Connect);
    let misled = Decision { id, label, session, browser_id, choice };
    assert!(matches!(world.decide().run(misled).await, Err(DecideError::AskedElsewhere)));

    let made_up = DecisionId::new("made up");
    let unknown = world.choose(&made_up, &alice, Choice::Connect).await;
    assert!(matches!(unknown, Err(DecideError::NothingAsked)));
    let connected = world.choose(&asked, &alice, Choice::Connect).await.unwrap();
    let again = world.choose(&asked, &connected.session.unwrap(), Choice::SignIn).await;
    assert!(matches!(again, Err(DecideError::NothingAsked)));
}

#[tokio::test]
async fn a_choice_after_ten_minutes_or_after_the_session_has_ended_is_none() {
    let (world, alice) = World::with_alice(&[BOB, BOB]).await;
    let late = world.asked(&alice).await;
    world.clock.advance(crate::login::DECISION_LIFETIME);
    let refused = world.choose(&late, &alice, Choice::Connect).await;
    assert!(matches!(refused, Err(DecideError::NothingAsked)));
    world.clock.advance(std::time::Duration::from_secs(1));
    let asked = world.asked(&alice).await;
    world.sessions.remove(&SessionKey::of(&alice)).await.unwrap();
    for choice in [Choice::Connect, Choice::SignIn] {
        let refused = world.choose(&asked, &alice, choice).await;
        assert!(matches!(refused, Err(DecideError::Landing(LandError::Ended))));
    }
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn a_choice_for_a_tenant_that_was_taken_away_is_refused_and_waits() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let asked = world.asked(&alice).await;
    let (providers, now) = (&world.use_case.providers, world.clock.now());
    let offered = providers.all();
    let tenants = provider::AllowedTenants::only([TenantId::parse(ALICE.0).unwrap()]);
    let narrowed = provider::Registration { tenants, ..(*offered[0]).clone() };
    providers.replace(vec![Arc::new(narrowed)], now);
    let refused = world.choose(&asked, &alice, Choice::Connect).await;
    assert!(matches!(refused, Err(DecideError::TenantNotAllowed(_))), "{refused:?}");
    providers.replace(offered, now);
    assert!(world.choose(&asked, &alice, Choice::Connect).await.unwrap().session.is_some());
}

#[tokio::test]
async fn a_login_of_the_browser_takes_the_place_of_the_one_that_was_asked_about_before() {
    let (world, alice) = World::with_alice(&[BOB, BOB]).await;
    let first = world.asked(&alice).await;
    world.begin_so("second", elsewhere(&alice)).await;
    let (session, decision) = (Some(alice.clone()), Some(first.clone()));
    world.use_case.run(CallbackRequest { session, decision, ..world.back(code()) }).await.unwrap();
    assert_eq!(world.decisions.count(), 1);
    let gone = world.choose(&first, &alice, Choice::Connect).await;
    assert!(matches!(gone, Err(DecideError::NothingAsked)));
}

#[tokio::test]
async fn a_provider_that_only_connects_is_asked_for_unless_an_own_page_began_it() {
    for own_page in [true, false] {
        let (world, alice) = connecting().await;
        let origin = LoginOrigin { own_page, ..on_own_page(&alice) };
        let end = world.ends(origin, Some(&alice)).await.unwrap();
        match end {
            LoginEnd::LoggedIn(_) => assert!(own_page, "an account was attached unasked"),
            LoginEnd::Undecided(id) => {
                assert!(!own_page);
                let refused = world.choose(&id, &alice, Choice::SignIn).await;
                assert!(matches!(refused, Err(DecideError::Landing(LandError::SignInFirst))));
            }
        }
    }
}

#[tokio::test]
async fn a_login_under_way_when_its_person_signed_out_everywhere_ends_nowhere() {
    let (world, alice) = World::with_alice(&[ALICE, ALICE]).await;
    let anonymous = LoginOrigin { sign_outs: SignOutCount(0), ..LoginOrigin::default() };
    let alices = samples::person(ALICE.0, ALICE.1);
    assert_eq!(world.sessions.sign_out_everywhere(&alices, world.clock.now()).await.unwrap(), 1);
    assert!(is_over(&world.ends(anonymous, None).await));
    assert_eq!(world.sessions.count(), 0);
    let ending = world.sessions.ending(&SessionKey::of(&alice), world.clock.now()).await.unwrap();
    assert_eq!(ending, Some(Ending::SignedOutEverywhere));

    let sign_outs = world.sessions.sign_outs(world.clock.now()).await.unwrap();
    let after = LoginOrigin { sign_outs, ..LoginOrigin::default() };
    assert!(world.session(&landed(world.ends(after, None).await)).await.is_some());
}

#[tokio::test]
async fn a_login_begun_in_a_session_that_has_ended_ends_nowhere() {
    let (world, alice) = World::with_alice(&[ALICE, BOB]).await;
    world.sessions.remove(&SessionKey::of(&alice)).await.unwrap();
    for session in [Some(&alice), None] {
        assert!(is_over(&world.ends(on_own_page(&alice), session).await));
    }
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn a_login_begun_in_a_session_that_has_moved_goes_on_where_it_is() {
    let (world, alice) = World::with_alice(&[ALICE, BOB]).await;
    let moved = landed(world.ends(on_own_page(&alice), Some(&alice)).await);
    // The second answer was on its way before the browser heard of the new id.
    let both = landed(world.ends(on_own_page(&alice), Some(&alice)).await);
    assert_eq!(world.session(&moved).await, None);
    assert_eq!(world.session(&both).await.unwrap().accounts.len(), 2);
    assert_eq!(world.sessions.count(), 1);
}

#[tokio::test]
async fn an_id_of_before_leads_nobody_to_where_the_session_has_moved() {
    let (world, alice) = World::with_alice(&[ALICE, BOB]).await;
    let moved = landed(world.ends(on_own_page(&alice), Some(&alice)).await);
    // Somebody with the dead id begins a login of their own.
    let thief = LoginOrigin { own_page: true, ..LoginOrigin::default() };
    let theirs = landed(world.ends(thief, Some(&alice)).await);
    assert_eq!(world.session(&theirs).await.unwrap().person, samples::person(BOB.0, BOB.1));
    assert_eq!(world.session(&moved).await.unwrap().accounts.len(), 1);
}

#[tokio::test]
async fn two_answers_of_a_browser_without_a_session_leave_one_session() {
    let world = World::new(signing_in(&[ALICE, BOB]));
    let browser_id = Some(BrowserId::new("browser"));
    let mut ids = vec![];
    for nonce in ["one", "two"] {
        world.begin(nonce).await;
        let answer = CallbackRequest { browser_id: browser_id.clone(), ..world.back(code()) };
        let ended = world.use_case.run(answer).await;
        ids.push(landed(ended.map(|done| done.end).map_err(|failed| failed.error)));
    }
    assert_eq!(world.session(&ids[0]).await, None);
    assert!(world.session(&ids[1]).await.is_some());
    assert_eq!(world.sessions.count(), 1);
}

#[tokio::test]
async fn a_person_with_too_many_sessions_loses_the_oldest_and_it_says_why() {
    let world = World::new(signing_in(&[ALICE; 5]));
    let mut ids = vec![];
    for _ in 0..5 {
        ids.push(landed(world.ends(LoginOrigin::default(), None).await));
    }
    assert_eq!(world.sessions.count(), SHARE.sessions);
    for (index, id) in ids.iter().enumerate() {
        let (lives, key) = (world.session(id).await.is_some(), SessionKey::of(id));
        assert_eq!(lives, index >= 2, "{index}");
        let ending = world.sessions.ending(&key, world.clock.now()).await.unwrap();
        assert_eq!(ending, (!lives).then_some(Ending::Crowded));
    }
}

#[tokio::test]
async fn a_login_under_way_at_a_provider_that_is_removed_spends_no_code() {
    let world = World::new(signing_in(&[]));
    world.use_case.providers.replace(vec![], world.clock.now());
    let refused = world.ends(LoginOrigin::default(), None).await;
    assert!(matches!(refused, Err(CompleteLoginError::UnknownProvider(_))), "{refused:?}");
}

#[tokio::test]
async fn a_login_under_way_when_its_tenant_is_taken_away_gets_no_session() {
    let world = World::new(signing_in(&[ALICE]));
    let mut next = doubles::Provider::silent().into_registration();
    next.revision = Revision::new("linked-2");
    next.tenants = provider::AllowedTenants::only([TenantId::parse(BOB.0).unwrap()]);
    world.use_case.providers.replace(vec![Arc::new(next)], world.clock.now());
    let refused = world.ends(LoginOrigin::default(), None).await;
    assert!(matches!(refused, Err(CompleteLoginError::TenantNotAllowed(_))), "{refused:?}");
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn a_session_whose_tenant_is_not_allowed_any_more_is_connected_to_by_nobody() {
    let (world, alice) = World::with_alice(&[BOB, BOB]).await;
    let azure = (*world.use_case.providers.all()[0]).clone();
    let tenants = provider::AllowedTenants::only([TenantId::parse(BOB.0).unwrap()]);
    let azure = provider::Registration { tenants, ..azure };
    world.use_case.providers.replace(vec![Arc::new(azure)], world.clock.now());
    assert!(is_over(&world.ends(on_own_page(&alice), Some(&alice)).await));
    assert_eq!(world.sessions.count(), 0);
    assert!(is_over(&world.ends(elsewhere(&alice), Some(&alice)).await));
}
