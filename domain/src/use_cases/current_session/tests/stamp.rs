//! Whether a stamp of the session is current.

use rstest::rstest;

use super::*;
use crate::{account::AccountToken, provider::Away};

impl World {
    async fn stamp(&self) -> SessionStamp {
        self.current().await.live().unwrap().stamp().unwrap()
    }

    async fn is_current(&self, stamp: &SessionStamp) -> bool {
        self.use_case.is_current(&SessionKey::of(&id()), stamp).await
    }
}

#[tokio::test]
async fn is_current_is_true_until_the_session_is_written() {
    let world = World::new().await;
    let stamp = world.stamp().await;
    assert!(world.is_current(&stamp).await);
    let (key, live) = (SessionKey::of(&id()), world.current().await.live().unwrap());
    let written = world.sessions.replace(&key, live.version.unwrap(), &live.session, vec![]).await;
    assert_eq!(written.unwrap(), crate::ports::Written::Done);
    assert!(!world.is_current(&stamp).await);
    assert!(world.is_current(&world.stamp().await).await);
}

#[tokio::test]
async fn is_current_is_false_for_a_removed_session() {
    let world = World::new().await;
    let stamp = world.stamp().await;
    world.sessions.remove(&SessionKey::of(&id())).await.unwrap();
    assert!(!world.is_current(&stamp).await);
}

#[tokio::test]
async fn is_current_is_false_for_an_expired_session() {
    let world = World::new().await;
    let stamp = world.stamp().await;
    world.clock.advance(POLICY.idle);
    assert!(!world.is_current(&stamp).await);
}

#[rstest]
#[case::tenant_of_the_owner(&["fabrikam"])]
#[case::tenant_of_an_account(&["contoso"])]
#[case::none_less(&["contoso", "fabrikam"])]
#[tokio::test]
async fn is_current_is_false_once_the_providers_were_replaced(#[case] allowed: &[&str]) {
    let world = World::new().await;
    let stamp = world.stamp().await;
    world.allow(allowed);
    assert!(!world.is_current(&stamp).await);
}

#[tokio::test]
async fn is_current_is_true_after_an_offer_of_the_same_providers() {
    let world = World::new().await;
    let stamp = world.stamp().await;
    let providers = &world.use_case.providers;
    providers.replace(providers.all(), world.clock.now());
    assert!(world.is_current(&stamp).await);
    let away = Away::Only([samples::azure()].into());
    providers.offer(providers.all(), away, world.clock.now());
    assert!(!world.is_current(&stamp).await);
}

#[tokio::test]
async fn is_current_is_false_when_the_use_must_be_recorded_or_the_clock_is_set_back() {
    let world = World::new().await;
    let stamp = world.stamp().await;
    world.clock.advance(Duration::from_secs(49));
    assert!(world.is_current(&stamp).await);
    world.clock.advance(Duration::from_secs(1));
    assert!(!world.is_current(&stamp).await);
    world.clock.set_back(Duration::from_secs(200));
    assert!(!world.is_current(&stamp).await);
}

#[rstest]
#[case::expires_without_a_refresh_token(false, 30)]
#[case::is_due_to_be_refreshed(true, 20)]
#[tokio::test]
async fn is_current_is_false_once_a_token(#[case] is_renewable: bool, #[case] after: u64) {
    let world = World::new().await;
    let (key, live) = (SessionKey::of(&id()), world.current().await.live().unwrap());
    let mut session = (*live.session).clone();
    let issued_at = world.clock.now();
    let expires_at = issued_at.plus(Duration::from_secs(30));
    session.accounts[0].token = Some(AccountToken::issued(issued_at, expires_at, is_renewable));
    let written = world.sessions.replace(&key, live.version.unwrap(), &session, vec![]).await;
    assert_eq!(written.unwrap(), crate::ports::Written::Done);
    let stamp = world.stamp().await;
    world.clock.advance(Duration::from_secs(after - 1));
    assert!(world.is_current(&stamp).await);
    world.clock.advance(Duration::from_secs(1));
    assert!(!world.is_current(&stamp).await);
    assert!(world.is_current(&world.stamp().await).await);
}

#[tokio::test]
async fn stamp_is_none_when_the_use_was_just_recorded() {
    let world = World::new().await;
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(world.current().await.live().unwrap().stamp(), None);
    assert!(world.is_current(&world.stamp().await).await);
}
