//! Disconnecting and restoring over the fakes.

use super::*;
use crate::{
    session::{RESTORABLE_FOR, TokenSet},
    testing::{FakeClock, FakeDisconnectedAccounts, FakeSessions, SessionsExt, samples},
};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

struct World {
    use_case: DisconnectAccount,
    sessions: Arc<FakeSessions>,
    clock: Arc<FakeClock>,
}

fn id() -> SessionId {
    SessionId::new("session")
}

fn tokens() -> TokenSet {
    samples::tokens("fabrikam token")
}

/// The account at fabrikam, beside that of contoso with which the session began.
fn guest() -> Account {
    samples::account("fabrikam", "guest", NOW)
}

impl World {
    async fn new() -> Self {
        let sessions = Arc::new(FakeSessions::new(samples::POLICY));
        let clock = Arc::new(FakeClock::at(NOW.unix_seconds()));
        let mut session = samples::session("contoso", "zofia", NOW);
        session.accounts.push(guest());
        let tokens = vec![(guest().id, tokens())];
        sessions.create(SessionKey::of(&id()), &session, tokens).await.unwrap();
        let use_case = DisconnectAccount {
            sessions: sessions.clone(),
            tokens: sessions.clone(),
            disconnected: Arc::new(FakeDisconnectedAccounts::default()),
            clock: clock.clone(),
        };
        Self { use_case, sessions, clock }
    }

    async fn session(&self) -> Session {
        let found = self.sessions.find(&SessionKey::of(&id()), self.clock.now()).await;
        found.unwrap().unwrap().value
    }

    async fn guest_tokens(&self) -> Option<TokenSet> {
        let key = SessionKey::of(&id());
        let found = self.sessions.find_tokens(&key, &guest().id, self.clock.now()).await;
        found.unwrap().map(|found| found.value)
    }
}

#[tokio::test]
async fn run_removes_account_and_tokens_and_restore_puts_both_back() {
    let world = World::new().await;
    let before = world.session().await;
    let until = world.use_case.run(&id(), &guest().id).await.unwrap();
    assert_eq!(until, NOW.plus(RESTORABLE_FOR));
    assert_eq!(world.session().await.accounts, [before.accounts[0].clone()]);
    assert_eq!(world.guest_tokens().await, None);
    world.use_case.restore(&id(), &guest().id).await.unwrap();
    assert_eq!(world.session().await, before);
    assert_eq!(world.guest_tokens().await, Some(tokens()));
    let again = world.use_case.restore(&id(), &guest().id).await;
    assert!(matches!(again, Err(DisconnectError::UnknownAccount)), "{again:?}");
}

#[tokio::test]
async fn restore_is_refused_after_a_minute() {
    let world = World::new().await;
    world.use_case.run(&id(), &guest().id).await.unwrap();
    world.clock.advance(RESTORABLE_FOR);
    let late = world.use_case.restore(&id(), &guest().id).await;
    assert!(matches!(late, Err(DisconnectError::UnknownAccount)), "{late:?}");
    assert_eq!(world.session().await.accounts.len(), 1);
}

#[tokio::test]
async fn restore_keeps_an_account_that_was_connected_meanwhile() {
    let world = World::new().await;
    world.use_case.run(&id(), &guest().id).await.unwrap();
    let key = SessionKey::of(&id());
    let Stored { value: mut session, version } =
        world.sessions.find(&key, NOW).await.unwrap().unwrap();
    let newer = Account { refreshed_at: NOW.plus(RESTORABLE_FOR), ..guest() };
    session.accounts.push(newer.clone());
    let newer_tokens = samples::tokens("newer");
    let tokens = vec![(newer.id.clone(), newer_tokens.clone())];
    let written = world.sessions.replace(&key, version, &session, tokens).await.unwrap();
    assert_eq!(written, Written::Done);
    world.use_case.restore(&id(), &guest().id).await.unwrap();
    assert_eq!(world.session().await.accounts[1], newer);
    assert_eq!(world.guest_tokens().await, Some(newer_tokens));
}

#[tokio::test]
async fn run_refuses_the_own_account_foreign_accounts_and_other_sessions() {
    let world = World::new().await;
    let before = world.session().await;
    let own = world.use_case.run(&id(), &before.accounts[0].id).await;
    assert!(matches!(own, Err(DisconnectError::OwnAccount)), "{own:?}");
    let foreign = samples::account("adatum", "marek", NOW).id;
    let unknown = world.use_case.run(&id(), &foreign).await;
    assert!(matches!(unknown, Err(DisconnectError::UnknownAccount)), "{unknown:?}");
    let nobody = world.use_case.run(&SessionId::new("nobody"), &guest().id).await;
    assert!(matches!(nobody, Err(DisconnectError::NoSession)), "{nobody:?}");
    assert_eq!(world.session().await, before);
}

#[tokio::test]
async fn restore_gives_the_account_to_no_other_session() {
    let world = World::new().await;
    let other = SessionId::new("other");
    let session = samples::session("contoso", "marek", NOW);
    world.sessions.create(SessionKey::of(&other), &session, vec![]).await.unwrap();
    world.use_case.run(&id(), &guest().id).await.unwrap();
    let stolen = world.use_case.restore(&other, &guest().id).await;
    assert!(matches!(stolen, Err(DisconnectError::UnknownAccount)), "{stolen:?}");
}

#[tokio::test]
async fn restore_brings_no_ended_session_back() {
    let world = World::new().await;
    world.use_case.run(&id(), &guest().id).await.unwrap();
    world.sessions.remove(&SessionKey::of(&id())).await.unwrap();
    let late = world.use_case.restore(&id(), &guest().id).await;
    assert!(matches!(late, Err(DisconnectError::NoSession)), "{late:?}");
    assert_eq!(world.sessions.find(&SessionKey::of(&id()), NOW).await.unwrap(), None);
}
