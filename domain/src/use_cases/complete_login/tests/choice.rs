//! The result of a choice about an undecided login.

use super::{landing::*, *};
use crate::{
    login::Choice,
    provider,
    use_cases::{DecideError, Decision},
};

#[tokio::test]
async fn choice_connect_adds_the_account_under_a_new_session_id() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let id = world.undecided(&alice).await;
    let question = world.decide().question(&id, &alice).await.unwrap();
    assert_eq!(question.arrived.tenant.as_str(), "fabrikam");
    assert_eq!(question.owner.subject.as_str(), "zofia");
    let decided = world.choose(&id, &alice, Choice::Connect).await.unwrap();
    let session = world.session(&decided.session.unwrap()).await.unwrap();
    assert_eq!(session.person, samples::person(ALICE.0, ALICE.1));
    assert_eq!((session.accounts.len(), world.sessions.count()), (2, 1));
}

#[tokio::test]
async fn choice_sign_in_replaces_the_session() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let id = world.undecided(&alice).await;
    let decided = world.choose(&id, &alice, Choice::SignIn).await.unwrap();
    let session = world.session(&decided.session.unwrap()).await.unwrap();
    assert_eq!(session.person, samples::person(BOB.0, BOB.1));
    assert_eq!((session.accounts.len(), world.sessions.count()), (1, 1));
}

#[tokio::test]
async fn choice_neither_drops_the_login() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let id = world.undecided(&alice).await;
    let decided = world.choose(&id, &alice, Choice::Neither).await.unwrap();
    assert_eq!((decided.session, world.decisions.count()), (None, 0));
    assert_eq!(world.session(&alice).await.unwrap().accounts.len(), 1);
}

#[tokio::test]
async fn choice_is_refused_for_another_session() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let id = world.undecided(&alice).await;
    let other = SessionId::new("carols");
    let carol = samples::session("contoso", "carol", world.clock.now());
    world.sessions.create(SessionKey::of(&other), &carol, vec![]).await.unwrap();
    let elsewhere = world.choose(&id, &other, Choice::Connect).await;
    assert!(matches!(elsewhere, Err(DecideError::AskedElsewhere)));
    assert!(world.choose(&id, &alice, Choice::Connect).await.is_ok());
}

#[tokio::test]
async fn choice_is_refused_with_the_label_of_another_login() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let id = world.undecided(&alice).await;
    let label = "another login's page".to_owned();
    let session = alice.clone();
    let (browser_id, choice) = (None, Choice::Connect);
    let other = Decision { id: id.clone(), label, session, browser_id, client: None, choice };
    assert!(matches!(world.decide().run(other).await, Err(DecideError::AskedElsewhere)));
    assert!(world.choose(&id, &alice, Choice::Connect).await.is_ok());
}

#[tokio::test]
async fn choice_is_refused_for_an_unknown_login() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    world.undecided(&alice).await;
    let unknown = DecisionId::new("unknown");
    let refused = world.choose(&unknown, &alice, Choice::Connect).await;
    assert!(matches!(refused, Err(DecideError::NothingAsked)));
}

#[tokio::test]
async fn choice_is_refused_a_second_time() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let id = world.undecided(&alice).await;
    let connected = world.choose(&id, &alice, Choice::Connect).await.unwrap();
    let again = world.choose(&id, &connected.session.unwrap(), Choice::SignIn).await;
    assert!(matches!(again, Err(DecideError::NothingAsked)));
}

#[tokio::test]
async fn choice_is_refused_after_decision_lifetime() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let late = world.undecided(&alice).await;
    world.clock.advance(crate::login::DECISION_LIFETIME);
    let refused = world.choose(&late, &alice, Choice::Connect).await;
    assert!(matches!(refused, Err(DecideError::NothingAsked)));
}

#[tokio::test]
async fn choice_is_refused_without_the_session() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let id = world.undecided(&alice).await;
    world.sessions.remove(&SessionKey::of(&alice)).await.unwrap();
    for choice in [Choice::Connect, Choice::SignIn] {
        let refused = world.choose(&id, &alice, choice).await;
        assert!(matches!(refused, Err(DecideError::Landing(LandError::Ended))));
    }
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn choice_for_a_tenant_not_allowed_any_more_is_refused_and_keeps_the_login() {
    let (world, alice) = World::with_alice(&[BOB]).await;
    let id = world.undecided(&alice).await;
    let (providers, now) = (&world.use_case.providers, world.clock.now());
    let offered = providers.all();
    let tenants = provider::AllowedTenants::only([TenantId::parse(ALICE.0).unwrap()]);
    let narrowed = provider::Registration { tenants, ..(*offered[0]).clone() };
    providers.replace(vec![Arc::new(narrowed)], now);
    let refused = world.choose(&id, &alice, Choice::Connect).await;
    assert!(matches!(refused, Err(DecideError::TenantNotAllowed(_))), "{refused:?}");
    providers.replace(offered, now);
    assert!(world.choose(&id, &alice, Choice::Connect).await.unwrap().session.is_some());
}
