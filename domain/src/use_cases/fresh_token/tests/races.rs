//! Callers, logins and processes that are at it at the same time.

use tokio::task::JoinSet;

use super::*;
use crate::{ports::LeaseKey, session::Ending};

impl World {
    /// A caller whose refresh is at the provider, which holds its response back.
    async fn caller_at_the_provider(&self) -> tokio::task::JoinHandle<Result<String, TokenError>> {
        self.provider.hold();
        let (fresh, account) = (self.fresh.clone(), self.account.clone());
        let caller = tokio::spawn(async move {
            let token = fresh.run(&KEY, &account, MIN).await?;
            Ok(token.access.expose().to_owned())
        });
        self.provider.asked.notified().await;
        caller
    }

    fn callers(&self, count: usize) -> JoinSet<Result<ValidToken, TokenError>> {
        let mut callers = JoinSet::new();
        for _ in 0..count {
            let (fresh, account) = (self.fresh.clone(), self.account.clone());
            callers.spawn(async move { fresh.run(&KEY, &account, MIN).await });
        }
        callers
    }

    async fn yield_often(&self) {
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn hundred_callers_of_an_expired_token_cause_one_refresh_and_get_its_token() {
    let world = World::new().await;
    world.pass(3_600).provider.hold();
    world.provider.respond(refreshed("second", 7_200));
    let callers = world.callers(100);
    world.yield_often().await;
    world.provider.release();
    for token in callers.join_all().await {
        assert_eq!(token.unwrap().access.expose(), "access-second");
    }
    assert_eq!(world.provider.received(), ["refresh-first"]);
    assert_eq!(world.logged(), ["refreshed"]);
}

#[tokio::test]
async fn callers_that_waited_for_a_refresh_share_its_failure() {
    let world = World::new().await;
    world.pass(3_600).provider.hold();
    world.provider.respond(Err(away()));
    let callers = world.callers(100);
    world.yield_often().await;
    world.provider.release();
    for failed in callers.join_all().await {
        assert!(matches!(failed, Err(TokenError::Failed(_))), "{failed:?}");
    }
    assert_eq!(world.provider.received().len(), 1);
    // One that comes later asks again.
    world.provider.respond(refreshed("second", 7_200));
    assert_eq!(world.token().await.unwrap(), "access-second");
}

#[tokio::test]
async fn refresh_goes_on_when_its_caller_is_gone() {
    let world = World::new().await;
    world.provider.respond(refreshed("second", 7_200));
    let caller = world.pass(3_600).caller_at_the_provider().await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    world.provider.release();
    world.yield_often().await;
    assert_eq!(world.stored(&KEY).await, "refresh-second");
}

#[tokio::test]
async fn lease_that_is_not_had_in_time_is_busy_and_never_a_sign_in() {
    let world = World::new().await;
    let key = LeaseKey::of(&RefreshToken::new("refresh-first"));
    let held = world.leases.acquire(&key, Duration::ZERO).await.unwrap().unwrap();
    // Still valid for a while.
    assert_eq!(world.pass(3_500).in_short_time().await.unwrap(), "access-first");
    let busy = world.pass(3_600).in_short_time().await;
    assert!(matches!(busy, Err(TokenError::Busy)), "{busy:?}");
    assert_eq!(world.health().await, TokenHealth::Ok);
    drop(held);
}

impl World {
    /// The token, with leases that are waited for for a microsecond.
    async fn in_short_time(&self) -> Result<String, TokenError> {
        struct Impatient(FakeLeases);

        #[async_trait]
        impl Leases for Impatient {
            async fn acquire(
                &self,
                key: &LeaseKey,
                wait: Duration,
            ) -> Result<Option<crate::ports::Lease>, StoreError> {
                // Longer than the timeout of a provider, by which the holder must have ended.
                assert!(wait > Duration::from_secs(10));
                self.0.acquire(key, Duration::from_micros(1)).await
            }
        }

        let ports = &self.fresh.ports;
        let fresh = FreshToken::new(RefreshPorts {
            providers: ports.providers.clone(),
            sessions: ports.sessions.clone(),
            tokens: ports.tokens.clone(),
            leases: Arc::new(Impatient(self.leases.clone())),
            tasks: ports.tasks.clone(),
            log: ports.log.clone(),
            clock: ports.clock.clone(),
        });
        let token = fresh.run(&KEY, &self.account, MIN).await?;
        Ok(token.access.expose().to_owned())
    }

    /// Another process, or a login, replaces the tokens.
    async fn replaced_by_others(&self, new: TokenSet) {
        let now = self.clock.now();
        let found = self.sessions.find_tokens(&KEY, &self.account, now).await.unwrap().unwrap();
        let swap = self.sessions.swap_tokens(&KEY, &self.account, found.version, &new, now);
        assert_eq!(swap.await.unwrap(), Written::Done);
    }
}

#[tokio::test]
async fn invalid_grant_is_not_believed_if_the_stored_token_is_another_by_now() {
    let world = World::new().await;
    world.provider.respond(Err(refusal("invalid_grant")));
    let caller = world.pass(3_600).caller_at_the_provider().await;
    world.replaced_by_others(tokens("of-another-process", 7_200)).await;
    world.provider.release();
    assert_eq!(caller.await.unwrap().unwrap(), "access-of-another-process");
    assert_eq!(world.health().await, TokenHealth::Ok);
    assert_eq!(world.logged(), ["superseded"]);
}

#[tokio::test]
async fn conflict_returns_what_the_store_has() {
    let world = World::new().await;
    world.provider.respond(refreshed("second", 7_200));
    let caller = world.pass(3_600).caller_at_the_provider().await;
    world.replaced_by_others(tokens("of-a-login", 7_200)).await;
    world.provider.release();
    assert_eq!(caller.await.unwrap().unwrap(), "access-of-a-login");
    assert_eq!(world.stored(&KEY).await, "refresh-of-a-login");
    assert_eq!(world.logged(), ["superseded"]);
}

#[tokio::test]
async fn tokens_follow_a_session_that_moved_during_the_refresh() {
    let world = World::new().await;
    world.provider.respond(refreshed("second", 7_200));
    let caller = world.pass(3_400).caller_at_the_provider().await;
    let to = SessionKey::from_bytes([2; 32]);
    let Stored { value: mut session, version } = world.session(&KEY).await;
    session.accounts.push(samples::account("fabrikam", "guest", world.clock.now()));
    let moved = world.sessions.rotate(&KEY, version, to, &session, vec![]).await.unwrap();
    assert_eq!(moved, Written::Done);
    world.provider.release();
    assert_eq!(caller.await.unwrap().unwrap(), "access-second");
    assert_eq!(world.stored(&to).await, "refresh-second");
    let account = &world.session(&to).await.value.accounts[0];
    assert_eq!(account.token.as_ref().unwrap().status.expires_at, at(7_200));
}

#[tokio::test]
async fn session_that_ended_during_the_refresh_stays_ended() {
    let world = World::new().await;
    world.provider.respond(refreshed("second", 7_200));
    let caller = world.pass(3_600).caller_at_the_provider().await;
    let now = world.clock.now();
    world.sessions.end(&KEY, Ending::SignedOutEverywhere, now).await.unwrap();
    world.provider.release();
    let ended = caller.await.unwrap();
    assert!(matches!(ended, Err(TokenError::NotFound)), "{ended:?}");
    assert_eq!((world.sessions.count(), world.logged()), (0, vec!["ended"]));
}

#[tokio::test]
async fn description_of_a_login_is_not_replaced_by_that_of_an_older_refusal() {
    let world = World::new().await;
    world.provider.respond(Err(refusal("invalid_grant")));
    let caller = world.pass(3_600).caller_at_the_provider().await;
    let Stored { value: mut session, version } = world.session(&KEY).await;
    let login = tokens("of-a-login", 7_000);
    session.accounts[0].token = Some(login.described(at(3_600)));
    let new = vec![(world.account.clone(), login)];
    let written = world.sessions.replace(&KEY, version, &session, new).await.unwrap();
    assert_eq!(written, Written::Done);
    world.provider.release();
    assert_eq!(caller.await.unwrap().unwrap(), "access-of-a-login");
    assert_eq!(world.described().await.status.renewal, Renewal::Possible);
}
