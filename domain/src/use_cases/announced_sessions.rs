//! The store of sessions, with an announcement after each write.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    account::AccountId,
    identity::PersonKey,
    login::BrowserKey,
    ports::{
        Landed, Landing, NewTokens, SessionChanges, Sessions, StoreError, Stored, Version, Written,
    },
    session::{Ending, Session, SessionKey, SessionSize, SignOutCount},
    time::Timestamp,
};

/// Sessions whose changes are announced. Every writer uses this one, so no use case has to remember to
/// announce its change.
pub struct AnnouncedSessions {
    /// The store.
    pub sessions: Arc<dyn Sessions>,
    /// The announcements.
    pub changes: Arc<dyn SessionChanges>,
}

impl AnnouncedSessions {
    fn announce<'a>(&self, keys: impl IntoIterator<Item = &'a SessionKey>) {
        for key in keys {
            self.changes.announce(key);
        }
    }

    fn announce_if(&self, done: bool, key: &SessionKey) {
        if done {
            self.changes.announce(key);
        }
    }
}

#[async_trait]
impl Sessions for AnnouncedSessions {
    async fn land(&self, landing: Landing<'_>) -> Result<Landed, StoreError> {
        let former = landing.former.as_ref().map(|former| former.key);
        let ended: Vec<_> = former.into_iter().chain(landing.crowded.iter().copied()).collect();
        let landed = self.sessions.land(landing).await?;
        if landed == Landed::Done {
            self.announce(&ended);
        }
        Ok(landed)
    }

    async fn find(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Stored<Session>>, StoreError> {
        self.sessions.find(key, now).await
    }

    async fn version(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Version>, StoreError> {
        self.sessions.version(key, now).await
    }

    async fn replace(
        &self,
        key: &SessionKey,
        expected: Version,
        session: &Session,
        tokens: NewTokens,
    ) -> Result<Written, StoreError> {
        let written = self.sessions.replace(key, expected, session, tokens).await?;
        self.announce_if(written == Written::Done, key);
        Ok(written)
    }

    async fn disconnect(
        &self,
        key: &SessionKey,
        expected: Version,
        session: &Session,
        accounts: &[AccountId],
    ) -> Result<Written, StoreError> {
        let written = self.sessions.disconnect(key, expected, session, accounts).await?;
        self.announce_if(written == Written::Done, key);
        Ok(written)
    }

    async fn remove(&self, key: &SessionKey) -> Result<bool, StoreError> {
        let removed = self.sessions.remove(key).await?;
        self.announce_if(removed, key);
        Ok(removed)
    }

    async fn end(&self, key: &SessionKey, why: Ending, now: Timestamp) -> Result<bool, StoreError> {
        let ended = self.sessions.end(key, why, now).await?;
        self.announce_if(ended, key);
        Ok(ended)
    }

    async fn end_all(
        &self,
        keys: &[SessionKey],
        why: Ending,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        let written = self.sessions.end_all(keys, why, now).await?;
        if written == Written::Done {
            self.announce(keys);
        }
        Ok(written)
    }

    async fn ending(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Ending>, StoreError> {
        self.sessions.ending(key, now).await
    }

    async fn session_in(
        &self,
        browser: &BrowserKey,
        now: Timestamp,
    ) -> Result<Option<SessionKey>, StoreError> {
        self.sessions.session_in(browser, now).await
    }

    async fn sign_outs(&self, now: Timestamp) -> Result<SignOutCount, StoreError> {
        self.sessions.sign_outs(now).await
    }

    /// A session that is written while this runs may be removed without an announcement: its watchers
    /// see that when they look the next time.
    async fn sign_out_everywhere(
        &self,
        person: &PersonKey,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        // They are not known afterwards. An error must not keep anybody from signing out.
        let sessions = self.sessions.sessions_of(person).await.unwrap_or_default();
        let ended = self.sessions.sign_out_everywhere(person, now).await?;
        self.announce(sessions.iter().map(|session| &session.key));
        Ok(ended)
    }

    async fn sessions_of(&self, person: &PersonKey) -> Result<Vec<SessionSize>, StoreError> {
        self.sessions.sessions_of(person).await
    }

    async fn heads_of(
        &self,
        person: &PersonKey,
        now: Timestamp,
    ) -> Result<Vec<(SessionKey, Session)>, StoreError> {
        self.sessions.heads_of(person, now).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.sessions.check().await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::{
        ports::{Former, SessionWatch},
        testing::{FakeSessions, SessionsExt, samples},
    };

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);
    const KEY: SessionKey = SessionKey::from_bytes([1; 32]);
    const OTHER: SessionKey = SessionKey::from_bytes([2; 32]);

    /// Records what is announced.
    #[derive(Default)]
    struct Recorder(Mutex<Vec<SessionKey>>);

    impl SessionChanges for Recorder {
        fn announce(&self, key: &SessionKey) {
            self.0.lock().unwrap().push(*key);
        }

        fn watch(&self, _: SessionKey) -> Box<dyn SessionWatch> {
            Box::new(Unchanged)
        }
    }

    struct Unchanged;

    #[async_trait]
    impl SessionWatch for Unchanged {
        async fn changed(&mut self) {
            std::future::pending().await
        }
    }

    struct World {
        announced: AnnouncedSessions,
        recorder: Arc<Recorder>,
        session: Session,
    }

    impl World {
        /// A person with two sessions.
        async fn new() -> Self {
            let sessions = Arc::new(FakeSessions::new(samples::POLICY));
            let session = samples::session("contoso", "zofia", NOW);
            for key in [KEY, OTHER] {
                sessions.create(key, &session, vec![]).await.unwrap();
            }
            let recorder = Arc::new(Recorder::default());
            let announced = AnnouncedSessions { sessions, changes: recorder.clone() };
            Self { announced, recorder, session }
        }

        async fn version(&self) -> Version {
            self.announced.version(&KEY, NOW).await.unwrap().unwrap()
        }

        fn announced(&self) -> Vec<SessionKey> {
            std::mem::take(&mut *self.recorder.0.lock().unwrap())
        }
    }

    #[tokio::test]
    async fn replace_and_disconnect_announce_unless_they_conflict() {
        let world = World::new().await;
        let session = &world.session;
        let stale = world.version().await;
        let written = world.announced.replace(&KEY, stale, session, vec![]).await.unwrap();
        assert_eq!((written, world.announced()), (Written::Done, vec![KEY]));
        let conflict = world.announced.replace(&KEY, stale, session, vec![]).await.unwrap();
        assert_eq!((conflict, world.announced()), (Written::Conflict, vec![]));
        let version = world.version().await;
        let written = world.announced.disconnect(&KEY, version, session, &[]).await.unwrap();
        assert_eq!((written, world.announced()), (Written::Done, vec![KEY]));
    }

    #[tokio::test]
    async fn remove_and_end_announce_sessions_that_were_there() {
        let world = World::new().await;
        for announced in [vec![KEY], vec![]] {
            world.announced.remove(&KEY).await.unwrap();
            assert_eq!(world.announced(), announced);
        }
        for announced in [vec![OTHER], vec![]] {
            world.announced.end(&OTHER, Ending::Crowded, NOW).await.unwrap();
            assert_eq!(world.announced(), announced);
        }
    }

    #[tokio::test]
    async fn sign_out_everywhere_and_end_all_announce_every_session() {
        let world = World::new().await;
        let signed_out = world.announced.sign_out_everywhere(&world.session.person, NOW).await;
        assert_eq!(signed_out.unwrap(), 2);
        let mut announced = world.announced();
        announced.sort();
        assert_eq!(announced, [KEY, OTHER]);
        let world = World::new().await;
        let ended = world.announced.end_all(&[KEY, OTHER], Ending::Crowded, NOW).await.unwrap();
        assert_eq!((ended, world.announced()), (Written::Done, vec![KEY, OTHER]));
    }

    #[tokio::test]
    async fn land_announces_the_sessions_that_it_ends() {
        let world = World::new().await;
        let former =
            Former { key: KEY, version: world.version().await, moves: true, without: vec![] };
        let landing = |former| Landing {
            key: SessionKey::from_bytes([3; 32]),
            session: &world.session,
            tokens: vec![],
            former: Some(former),
            crowded: vec![OTHER],
            browser: None,
            sign_outs_at_begin: SignOutCount::default(),
            people: vec![],
            now: NOW,
        };
        let landed = world.announced.land(landing(former.clone())).await.unwrap();
        assert_eq!((landed, world.announced()), (Landed::Done, vec![KEY, OTHER]));
        let landed = world.announced.land(landing(former)).await.unwrap();
        assert_eq!((landed, world.announced()), (Landed::Conflict, vec![]));
    }
}
