//! Finds the session that a browser's cookie names, and records that it is used.

use std::sync::Arc;

use super::{
    update::{Change, Updated, update},
    validity::{Validity, validity},
};
use crate::{
    identity::ProviderId,
    ports::{Clock, Sessions, StoreError, Stored, Version},
    provider::Providers,
    secret::SessionId,
    session::{Ending, Session, SessionKey, SessionPolicy},
    time::Timestamp,
};

/// Finds sessions.
pub struct CurrentSession {
    /// Where sessions are kept.
    pub sessions: Arc<dyn Sessions>,
    /// The providers, for what sessions rest on.
    pub providers: Providers,
    /// How long sessions last.
    pub policy: SessionPolicy,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A session that is alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSession {
    /// The session.
    pub session: Arc<Session>,
    /// Which of its versions this is; `None` where its use was just recorded, which made another.
    pub version: Option<Version>,
    /// When it ends if nobody uses it again: the same for one version.
    pub expires_at: Timestamp,
}

/// A session that somebody has read before and kept, at its version.
pub type KnownSession = Stored<Arc<Session>>;

/// What a browser's cookie names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Current {
    /// A session that is alive.
    Live(LiveSession),
    /// A session that cannot be handed out while the plug-in of this provider cannot be loaded.
    Away(ProviderId),
    /// A session that has ended, for this reason.
    Ended(Ending),
    /// A session that cannot be read, for this reason: there is none, and the browser need not name
    /// it any more.
    Unreadable(String),
    /// No session that anything is known of.
    Nothing,
}

impl Current {
    /// The session, where it is alive.
    pub fn live(self) -> Option<LiveSession> {
        match self {
            Self::Live(live) => Some(live),
            _ => None,
        }
    }
}

impl CurrentSession {
    /// The session with this id, without what is not allowed any more.
    pub async fn run(&self, id: &SessionId) -> Result<Current, StoreError> {
        self.run_knowing(id, None).await
    }

    /// The same, for whoever has kept what was read before: the store is asked each time whether
    /// the session still is, and still is of that version, and whether it may go on is looked at
    /// anew. Only then is what was kept used, and everything that ends a session ends this one.
    pub async fn run_knowing(
        &self,
        id: &SessionId,
        known: Option<KnownSession>,
    ) -> Result<Current, StoreError> {
        let (key, now) = (SessionKey::of(id), self.clock.now());
        let found = match self.find(&key, now, known).await {
            Err(StoreError::Unreadable(why)) => return Ok(Current::Unreadable(why)),
            found => found?,
        };
        let found = found.filter(|found| found.value.is_live(&self.policy, now));
        let Some(found) = found else { return self.ended(&key, now).await };
        let whole = match validity(&found.value, &self.providers) {
            Validity::Valid => true,
            Validity::WithoutAccounts(_) => false,
            Validity::ProviderAway(provider) => return Ok(Current::Away(provider)),
            Validity::Invalid => {
                self.sessions.end(&key, Ending::NotAllowed, now).await?;
                return Ok(Current::Ended(Ending::NotAllowed));
            }
        };
        if whole && found.value.seen(&self.policy, now).is_none() {
            return Ok(self.live(found.value, Some(found.version)));
        }
        self.record(&key, found, now).await
    }

    /// Records the use of a session, and takes out what it has lost.
    async fn record(
        &self,
        key: &SessionKey,
        found: KnownSession,
        now: Timestamp,
    ) -> Result<Current, StoreError> {
        let read = found.value.clone();
        let change = |session: &Session| self.change(session, now);
        Ok(match update(&*self.sessions, key, found, now, change).await {
            Ok(Updated::Written(session)) => self.live(session, None),
            Ok(Updated::Unchanged(found)) => self.live(found.value, Some(found.version)),
            Ok(Updated::Gone) => return self.ended(key, now).await,
            // Where the store cannot write (a full disk), sessions are still read.
            Err(_) => match self.change(&read, now) {
                Change::Nothing => self.live(read, None),
                Change::Replace(session) | Change::Disconnect(session, _) => {
                    self.live(Arc::new(session), None)
                }
            },
        })
    }

    /// What a use at `now` makes of a session.
    fn change(&self, session: &Session, now: Timestamp) -> Change {
        let seen = session.seen(&self.policy, now);
        match validity(session, &self.providers) {
            Validity::WithoutAccounts(lost) => {
                let session = seen.unwrap_or_else(|| session.clone()).without(&lost);
                Change::Disconnect(session, lost)
            }
            // What has fallen meanwhile ends with the next request.
            Validity::Valid | Validity::ProviderAway(_) | Validity::Invalid => {
                seen.map_or(Change::Nothing, Change::Replace)
            }
        }
    }

    fn live(&self, session: Arc<Session>, version: Option<Version>) -> Current {
        let expires_at = session.expires_at(&self.policy);
        Current::Live(LiveSession { session, version, expires_at })
    }

    async fn ended(&self, key: &SessionKey, now: Timestamp) -> Result<Current, StoreError> {
        let ending = self.sessions.ending(key, now).await?;
        Ok(ending.map_or(Current::Nothing, Current::Ended))
    }

    async fn find(
        &self,
        key: &SessionKey,
        now: Timestamp,
        known: Option<KnownSession>,
    ) -> Result<Option<KnownSession>, StoreError> {
        if let Some(known) = known
            && self.sessions.version(key, now).await? == Some(known.version)
        {
            return Ok(Some(known));
        }
        let found = self.sessions.find(key, now).await?;
        Ok(found.map(|found| Stored { value: Arc::new(found.value), version: found.version }))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        identity::TenantId,
        provider::{AllowedTenants, Away, Registration},
        testing::{FakeClock, FakeSessions, SessionsExt, TokensExt, doubles, samples},
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
    async fn only_the_id_itself_finds_the_session() {
        let world = World::new().await;
        assert!(world.current().await.live().is_some());
        let other = world.use_case.run(&SessionId::new("di")).await.unwrap();
        assert_eq!(other, Current::Nothing);
    }

    #[tokio::test]
    async fn a_session_in_use_lives_on_until_its_absolute_end() {
        let world = World::new().await;
        for _ in 0..3 {
            world.clock.advance(Duration::from_secs(600));
            assert!(world.current().await.live().is_some());
        }
        world.clock.advance(Duration::from_secs(200));
        assert_eq!(world.current().await, Current::Nothing);
    }

    #[tokio::test]
    async fn a_session_nobody_uses_ends() {
        let world = World::new().await;
        world.clock.advance(Duration::from_secs(800));
        assert_eq!(world.current().await, Current::Nothing);
    }

    #[tokio::test]
    async fn a_session_ends_with_the_next_request_once_its_tenant_is_not_allowed() {
        let world = World::new().await;
        world.allow(&["fabrikam"]);
        assert_eq!(world.current().await, Current::Ended(Ending::NotAllowed));
        assert_eq!(world.sessions.count(), 0);
        world.allow(&["contoso", "fabrikam"]);
        assert_eq!(world.current().await, Current::Ended(Ending::NotAllowed));
    }

    #[tokio::test]
    async fn an_account_goes_with_its_tokens_once_its_tenant_is_not_allowed() {
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
    async fn a_session_ends_once_its_provider_is_gone_and_waits_while_it_is_away() {
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
    async fn a_session_that_was_over_stays_so_when_the_clock_is_set_back() {
        let world = World::new().await;
        world.clock.advance(Duration::from_secs(172_800));
        assert_eq!(world.current().await, Current::Nothing);
        world.clock.set_back(Duration::from_secs(172_800));
        assert_eq!(world.current().await, Current::Nothing);
    }

    #[tokio::test]
    async fn a_session_used_while_the_clock_was_ahead_ends_when_it_is_set_back() {
        let world = World::new().await;
        world.clock.advance(Duration::from_secs(700));
        assert!(world.current().await.live().is_some());
        world.clock.set_back(Duration::from_secs(600));
        assert_eq!(world.current().await, Current::Nothing);
        world.clock.advance(Duration::from_secs(600));
        assert_eq!(world.current().await, Current::Nothing);
    }

    impl World {
        async fn known(&self) -> KnownSession {
            let live = self.current().await.live().unwrap();
            Stored { value: live.session, version: live.version.unwrap() }
        }

        async fn knowing(&self, known: KnownSession) -> Current {
            self.use_case.run_knowing(&id(), Some(known)).await.unwrap()
        }
    }

    #[tokio::test]
    async fn what_was_kept_is_used_while_the_store_has_that_version() {
        let world = World::new().await;
        let known = world.known().await;
        let live = world.knowing(known.clone()).await.live().unwrap();
        assert!(Arc::ptr_eq(&live.session, &known.value));
        let mut changed = Session::clone(&known.value);
        changed.accounts.truncate(1);
        let key = SessionKey::of(&id());
        let written = world.sessions.replace(&key, known.version, &changed, vec![]).await;
        assert_eq!(written.unwrap(), crate::ports::Written::Done);
        assert_eq!(*world.knowing(known).await.live().unwrap().session, changed);
    }

    #[tokio::test]
    async fn a_session_that_has_ended_is_none_whatever_was_kept_of_it() {
        let world = World::new().await;
        let kept = world.known().await;
        world.clock.advance(Duration::from_secs(800));
        assert_eq!(world.knowing(kept).await, Current::Nothing);

        let world = World::new().await;
        let kept = world.known().await;
        world.sessions.remove(&SessionKey::of(&id())).await.unwrap();
        assert_eq!(world.knowing(kept).await, Current::Nothing);
    }

    #[tokio::test]
    async fn what_is_not_allowed_any_more_ends_whatever_was_kept_of_it() {
        let world = World::new().await;
        let kept = world.known().await;
        world.allow(&["contoso"]);
        let live = world.knowing(kept.clone()).await.live().unwrap();
        assert_eq!((live.session.accounts.len(), live.version), (1, None));
        world.allow(&["fabrikam"]);
        assert_eq!(world.knowing(kept).await, Current::Ended(Ending::NotAllowed));
    }

    #[tokio::test]
    async fn the_use_of_what_was_kept_is_recorded_too() {
        let world = World::new().await;
        let kept = world.known().await;
        world.clock.advance(Duration::from_secs(60));
        let live = world.knowing(kept).await.live().unwrap();
        assert_eq!((live.session.seen_at, live.version), (world.clock.now(), None));
        assert_eq!(world.known().await.value.seen_at, world.clock.now());
    }
}
