//! Whether a stamp of the session is current.

use super::*;
use crate::account::AccountToken;

const TEN_SECONDS: Duration = Duration::from_secs(10);

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

#[tokio::test]
async fn is_current_is_false_when_an_account_is_not_allowed_any_more() {
    for allowed in [&["contoso"], &["fabrikam"]] {
        let world = World::new().await;
        let stamp = world.stamp().await;
        world.allow(allowed);
        assert!(!world.is_current(&stamp).await, "{allowed:?}");
        world.allow(&["contoso", "fabrikam"]);
        assert!(world.is_current(&stamp).await);
    }
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

#[tokio::test]
async fn is_current_is_false_when_a_token_that_cannot_be_refreshed_expires() {
    let world = World::new().await;
    let (key, live) = (SessionKey::of(&id()), world.current().await.live().unwrap());
    let mut session = (*live.session).clone();
    let (issued_at, expires_at) = (world.clock.now(), world.clock.now().plus(TEN_SECONDS));
    session.accounts[0].token = Some(AccountToken::issued(issued_at, expires_at, true));
    session.accounts[1].token = Some(AccountToken::issued(issued_at, expires_at, false));
    let written = world.sessions.replace(&key, live.version.unwrap(), &session, vec![]).await;
    assert_eq!(written.unwrap(), crate::ports::Written::Done);
    let stamp = world.stamp().await;
    world.clock.advance(TEN_SECONDS - Duration::from_secs(1));
    assert!(world.is_current(&stamp).await);
    world.clock.advance(Duration::from_secs(1));
    assert!(!world.is_current(&stamp).await);
    assert!(world.is_current(&world.stamp().await).await);
}

#[tokio::test]
async fn stamp_has_the_tokens_of_the_session() {
    let world = World::new().await;
    let live = world.current().await.live().unwrap();
    let stamp = live.stamp().unwrap();
    assert_eq!(live.tokens().count(), 2);
    assert!(live.tokens().eq(stamp.tokens()));
}

#[tokio::test]
async fn stamp_is_none_when_the_use_was_just_recorded() {
    let world = World::new().await;
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(world.current().await.live().unwrap().stamp(), None);
    assert!(world.is_current(&world.stamp().await).await);
}
