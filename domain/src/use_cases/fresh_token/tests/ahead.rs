//! Refreshes before somebody needs the token.

use super::*;

impl World {
    /// A use of the session.
    async fn use_session(&self) {
        let session = self.session(&KEY).await.value;
        let accounts = session.accounts.iter().map(|account| {
            (&account.provider, &account.id, account.token.as_ref().map(|token| token.status))
        });
        self.fresh.refresh_ahead(&KEY, session.person, accounts);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn use_of_a_session_refreshes_a_token_that_expires_within_ten_minutes() {
    let world = World::new().await;
    world.pass(2_999).use_session().await;
    assert!(world.provider.received().is_empty());
    world.provider.respond(refreshed("second", 6_600));
    world.pass(3_000).use_session().await;
    assert_eq!(world.stored(&KEY).await, "refresh-second");
    // It is not due any more.
    world.use_session().await;
    assert_eq!(world.provider.received().len(), 1);
}

#[tokio::test]
async fn uses_during_a_refresh_start_no_other() {
    let world = World::new().await;
    world.pass(3_000).provider.hold();
    world.provider.respond(refreshed("second", 6_600));
    for _ in 0..5 {
        world.use_session().await;
    }
    world.provider.release();
    world.use_session().await;
    assert_eq!(world.provider.received().len(), 1);
}

#[tokio::test]
async fn provider_that_is_away_for_an_hour_ends_no_session_and_tokens_are_fresh_after_it() {
    let world = World::new().await;
    for second in (3_000..6_600).step_by(10) {
        if world.provider.responses.lock().unwrap().is_empty() {
            world.provider.respond(Err(away()));
        }
        world.pass(second).use_session().await;
        assert_eq!(world.health().await, TokenHealth::Stale, "{second}");
    }
    // After 30 s, 1, 2 and 4 minutes, then every 5: not at each of the 360 uses.
    assert_eq!(world.provider.received().len(), 15);
    world.provider.responses.lock().unwrap().clear();
    world.provider.respond(refreshed("second", 10_800));
    world.pass(6_900).use_session().await;
    assert_eq!((world.health().await, world.sessions.count()), (TokenHealth::Ok, 1));
    assert_eq!(world.stored(&KEY).await, "refresh-second");
}

#[tokio::test]
async fn refused_or_missing_refresh_token_is_not_tried_ahead() {
    let world = World::new().await;
    world.provider.respond(Err(refusal("invalid_grant")));
    for second in (3_000..6_000).step_by(100) {
        world.pass(second).use_session().await;
    }
    assert_eq!(world.provider.received().len(), 1);
    let world = World::with(TokenSet { refresh: None, ..tokens("first", 3_600) }).await;
    world.pass(3_600).use_session().await;
    assert!(world.provider.received().is_empty());
}

#[tokio::test]
async fn failure_of_a_caller_is_tried_again_ahead_though_the_token_is_not_due() {
    let world = World::new().await;
    world.provider.respond(Err(away()));
    assert!(world.fresh.run(&KEY, &world.account, HOUR * 2).await.is_ok(), "it is still valid");
    let stale = world.pass(1_801).fresh.run(&KEY, &world.account, HOUR / 2).await;
    assert!(stale.is_ok(), "{stale:?}");
    assert_eq!(world.health().await, TokenHealth::Stale);
    world.provider.respond(refreshed("second", 7_200));
    world.use_session().await;
    assert_eq!(world.health().await, TokenHealth::Ok);
}

#[tokio::test]
async fn description_that_a_killed_process_did_not_write_is_written_at_the_next_use() {
    let world = World::new().await;
    let now = world.pass(3_000).clock.now();
    let found = world.sessions.find_tokens(&KEY, &world.account, now).await.unwrap().unwrap();
    let new = tokens("second", 6_600);
    let swap = world.sessions.swap_tokens(&KEY, &world.account, found.version, &new, now);
    assert_eq!(swap.await.unwrap(), Written::Done);
    world.use_session().await;
    assert_eq!(world.described().await.status.expires_at, at(6_600));
    assert!(world.provider.received().is_empty());
}
