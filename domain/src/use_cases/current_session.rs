//! Finds the session that a browser's cookie names, and records that it is used.

use std::sync::Arc;

use crate::{
    ports::{Clock, Sessions, StoreError},
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
    pub session: Session,
    /// When it ends if nobody uses it again.
    pub expires_at: Timestamp,
}

impl CurrentSession {
    /// The session with this id; `None` where there is none or it has ended.
    pub async fn run(&self, id: &SessionId) -> Result<Option<LiveSession>, StoreError> {
        let (key, now) = (SessionKey::of(id), self.clock.now());
        let Some(found) = self.sessions.find(&key, now).await? else { return Ok(None) };
        let Some(seen) = found.value.seen(&self.policy, now) else {
            let expires_at = found.value.expires_at(&self.policy);
            return Ok(Some(LiveSession { session: found.value, expires_at }));
        };
        // Where the write is lost to another one, that one has recorded the use. Where the store
        // cannot write (a full disk), sessions are still read.
        let _ = self.sessions.replace(&key, found.version, &seen, Vec::new()).await;
        let expires_at = seen.expires_at(&self.policy);
        Ok(Some(LiveSession { session: seen, expires_at }))
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
}
