//! Finds the session that a browser's cookie names, and records that it is used.

use std::sync::Arc;

use crate::{
    ports::{Clock, Sessions, StoreError, Stored, Version},
    secret::SessionId,
    session::{Session, SessionKey, SessionPolicy},
    time::Timestamp,
};

/// Finds sessions.
pub struct CurrentSession {
    /// Where sessions are kept.
    pub sessions: Arc<dyn Sessions>,
    /// How long they last.
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

impl CurrentSession {
    /// The session with this id; `None` where there is none or it has ended.
    pub async fn run(&self, id: &SessionId) -> Result<Option<LiveSession>, StoreError> {
        self.run_knowing(id, None).await
    }

    /// The same, for whoever has kept what was read before: the store is asked each time whether
    /// the session still is, and still is of that version. Only then is what was kept used, and
    /// everything that ends a session ends this one.
    pub async fn run_knowing(
        &self,
        id: &SessionId,
        known: Option<KnownSession>,
    ) -> Result<Option<LiveSession>, StoreError> {
        let (key, now) = (SessionKey::of(id), self.clock.now());
        let Some(found) = self.find(&key, now, known).await? else { return Ok(None) };
        let Stored { value: session, version } = found;
        if !session.is_live(&self.policy, now) {
            return Ok(None);
        }
        let Some(seen) = session.seen(&self.policy, now) else {
            let expires_at = session.expires_at(&self.policy);
            return Ok(Some(LiveSession { session, version: Some(version), expires_at }));
        };
        // Where the write is lost to another one, that one has recorded the use. Where the store
        // cannot write (a full disk), sessions are still read.
        let _ = self.sessions.replace(&key, version, &seen, Vec::new()).await;
        let expires_at = seen.expires_at(&self.policy);
        Ok(Some(LiveSession { session: Arc::new(seen), version: None, expires_at }))
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
    use crate::testing::{FakeClock, FakeSessions, samples};

    const POLICY: SessionPolicy =
        SessionPolicy { idle: Duration::from_secs(800), max: Duration::from_secs(2_000) };

    async fn with_a_session() -> (CurrentSession, Arc<FakeClock>, SessionId) {
        let clock = Arc::new(FakeClock::at(1_000));
        let sessions = Arc::new(FakeSessions::new(POLICY));
        let id = SessionId::new("id");
        let session = samples::session("contoso", "zofia", clock.now());
        sessions.create(SessionKey::of(&id), &session, vec![]).await.unwrap();
        (CurrentSession { sessions, policy: POLICY, clock: clock.clone() }, clock, id)
    }

    #[tokio::test]
    async fn only_the_id_itself_finds_the_session() {
        let (use_case, _, id) = with_a_session().await;
        assert!(use_case.run(&id).await.unwrap().is_some());
        assert_eq!(use_case.run(&SessionId::new("di")).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_session_in_use_lives_on_until_its_absolute_end() {
        let (use_case, clock, id) = with_a_session().await;
        for _ in 0..3 {
            clock.advance(Duration::from_secs(600));
            assert!(use_case.run(&id).await.unwrap().is_some());
        }
        clock.advance(Duration::from_secs(200));
        assert_eq!(use_case.run(&id).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_session_nobody_uses_ends() {
        let (use_case, clock, id) = with_a_session().await;
        clock.advance(Duration::from_secs(800));
        assert_eq!(use_case.run(&id).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_session_that_was_over_stays_so_when_the_clock_is_set_back() {
        let (use_case, clock, id) = with_a_session().await;
        clock.advance(Duration::from_secs(172_800));
        assert_eq!(use_case.run(&id).await.unwrap(), None);
        clock.set_back(Duration::from_secs(172_800));
        assert_eq!(use_case.run(&id).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_session_used_while_the_clock_was_ahead_ends_when_it_is_set_back() {
        let (use_case, clock, id) = with_a_session().await;
        clock.advance(Duration::from_secs(700));
        assert!(use_case.run(&id).await.unwrap().is_some());
        clock.set_back(Duration::from_secs(600));
        assert_eq!(use_case.run(&id).await.unwrap(), None);
        clock.advance(Duration::from_secs(600));
        assert_eq!(use_case.run(&id).await.unwrap(), None);
    }

    async fn known(use_case: &CurrentSession, id: &SessionId) -> KnownSession {
        let live = use_case.run(id).await.unwrap().unwrap();
        Stored { value: live.session, version: live.version.unwrap() }
    }

    #[tokio::test]
    async fn what_was_kept_is_used_while_the_store_has_that_version() {
        let (use_case, _, id) = with_a_session().await;
        let known = known(&use_case, &id).await;
        let live = use_case.run_knowing(&id, Some(known.clone())).await.unwrap().unwrap();
        assert!(Arc::ptr_eq(&live.session, &known.value));
        let changed = Session { accounts: vec![], ..Session::clone(&known.value) };
        let key = SessionKey::of(&id);
        let written = use_case.sessions.replace(&key, known.version, &changed, vec![]).await;
        assert_eq!(written.unwrap(), crate::ports::Written::Done);
        let live = use_case.run_knowing(&id, Some(known)).await.unwrap().unwrap();
        assert_eq!(*live.session, changed);
    }

    #[tokio::test]
    async fn a_session_that_has_ended_is_none_whatever_was_kept_of_it() {
        let (use_case, clock, id) = with_a_session().await;
        let kept = known(&use_case, &id).await;
        clock.advance(Duration::from_secs(800));
        assert_eq!(use_case.run_knowing(&id, Some(kept)).await.unwrap(), None);

        let (use_case, _, id) = with_a_session().await;
        let kept = known(&use_case, &id).await;
        use_case.sessions.remove(&SessionKey::of(&id)).await.unwrap();
        assert_eq!(use_case.run_knowing(&id, Some(kept)).await.unwrap(), None);
    }

    #[tokio::test]
    async fn the_use_of_what_was_kept_is_recorded_too() {
        let (use_case, clock, id) = with_a_session().await;
        let kept = known(&use_case, &id).await;
        clock.advance(Duration::from_secs(60));
        let live = use_case.run_knowing(&id, Some(kept)).await.unwrap().unwrap();
        assert_eq!((live.session.seen_at, live.version), (clock.now(), None));
        assert_eq!(known(&use_case, &id).await.value.seen_at, clock.now());
    }
}
