//! Which session a cookie finds, and how its use is recorded.

mod stamp;

use std::time::Duration;

use super::*;
use crate::{
    identity::TenantId,
    provider::{AllowedTenants, Away, Registration},
    testing::{FakeClock, FakeSessions, SessionsExt, TokensExt, doubles, samples},
    use_cases::DEFAULT_LISTING_MAX_AGE,
};

const POLICY: SessionPolicy =
    SessionPolicy { idle: Duration::from_secs(800), max: Duration::from_secs(2_000) };

struct World {
    use_case: CurrentSession,
    sessions: Arc<FakeSessions>,
    clock: Arc<FakeClock>,
}

fn id() -> SessionId {
    SessionId::new("id")
}

impl World {
    /// Zofia is signed in at contoso and has connected fabrikam.
    async fn new() -> Self {
        let clock = Arc::new(FakeClock::at(1_000));
        let sessions = Arc::new(FakeSessions::new(POLICY));
        let mut session = samples::session("contoso", "zofia", clock.now());
        session.accounts.push(samples::account("fabrikam", "guest", clock.now()));
        let tokens = ["contoso", "fabrikam"].iter().zip(&session.accounts);
        let tokens = tokens.map(|(mark, account)| (account.id.clone(), samples::tokens(mark)));
        let key = SessionKey::of(&id());
        sessions.create(key, &session, tokens.collect()).await.unwrap();
        let use_case = CurrentSession {
            listing_max_age: DEFAULT_LISTING_MAX_AGE,
            sessions: sessions.clone(),
            providers: doubles::Provider::silent().into_providers(),
            policy: POLICY,
            clock: clock.clone(),
        };
        Self { use_case, sessions, clock }
    }

    async fn current(&self) -> Current {
        self.use_case.run(&id()).await.unwrap()
    }

    fn allow(&self, tenants: &[&str]) {
        let registration = doubles::Provider::silent().into_registration();
        let tenants = tenants.iter().map(|tenant| TenantId::parse(*tenant).unwrap());
        let tenants = AllowedTenants::only(tenants);
        let azure = Arc::new(Registration { tenants, ..registration });
        self.use_case.providers.replace(vec![azure], self.clock.now());
    }
}

#[tokio::test]
async fn run_finds_the_session_by_its_exact_id() {
    let world = World::new().await;
    assert!(world.current().await.live().is_some());
    let other = world.use_case.run(&SessionId::new("di")).await.unwrap();
    assert_eq!(other, Current::Nothing);
}

#[tokio::test]
async fn run_keeps_a_used_session_until_the_absolute_timeout() {
    let world = World::new().await;
    for _ in 0..3 {
        world.clock.advance(Duration::from_secs(600));
        assert!(world.current().await.live().is_some());
    }
    world.clock.advance(Duration::from_secs(200));
    assert_eq!(world.current().await, Current::Ended(Ending::Expired));
}

#[tokio::test]
async fn run_ends_an_unused_session_at_the_idle_timeout() {
    let world = World::new().await;
    world.clock.advance(Duration::from_secs(800));
    assert_eq!(world.current().await, Current::Ended(Ending::Expired));
}

#[tokio::test]
async fn run_ends_a_session_whose_tenant_is_not_allowed_any_more() {
    let world = World::new().await;
    world.allow(&["fabrikam"]);
    assert_eq!(world.current().await, Current::Ended(Ending::NotAllowed));
    assert_eq!(world.sessions.count(), 0);
    world.allow(&["contoso", "fabrikam"]);
    assert_eq!(world.current().await, Current::Ended(Ending::NotAllowed));
}

#[tokio::test]
async fn run_removes_an_account_and_its_tokens_when_its_tenant_is_not_allowed() {
    let world = World::new().await;
    let accounts = world.current().await.live().unwrap().session.accounts.clone();
    world.allow(&["contoso"]);
    let live = world.current().await.live().unwrap();
    assert_eq!(live.session.accounts, accounts[..1]);
    let key = SessionKey::of(&id());
    for (account, kept) in accounts.iter().zip([true, false]) {
        let tokens = world.sessions.tokens_of(&key, &account.id).await.unwrap();
        assert_eq!(tokens.is_some(), kept);
    }
    world.allow(&["contoso", "fabrikam"]);
    assert_eq!(world.current().await.live().unwrap().session.accounts, accounts[..1]);
}

#[tokio::test]
async fn run_ends_a_session_of_a_removed_provider_and_not_of_one_that_is_away() {
    let world = World::new().await;
    let providers = &world.use_case.providers;
    let offered = providers.all();
    providers.offer(vec![], Away::Everything, world.clock.now());
    assert_eq!(world.current().await, Current::Away(samples::azure()));
    providers.offer(offered, Away::default(), world.clock.now());
    assert!(world.current().await.live().is_some());
    providers.replace(vec![], world.clock.now());
    assert_eq!(world.current().await, Current::Ended(Ending::NotAllowed));
}

#[tokio::test]
async fn run_keeps_an_expired_session_ended_when_the_clock_is_set_back() {
    let world = World::new().await;
    world.clock.advance(Duration::from_secs(172_800));
    assert_eq!(world.current().await, Current::Nothing);
    world.clock.set_back(Duration::from_secs(172_800));
    assert_eq!(world.current().await, Current::Ended(Ending::Expired));
}

#[tokio::test]
async fn run_ends_a_session_used_in_the_future_when_the_clock_is_set_back() {
    let world = World::new().await;
    world.clock.advance(Duration::from_secs(700));
    assert!(world.current().await.live().is_some());
    world.clock.set_back(Duration::from_secs(600));
    assert_eq!(world.current().await, Current::Nothing);
    world.clock.advance(Duration::from_secs(600));
    assert_eq!(world.current().await, Current::Nothing);
}
