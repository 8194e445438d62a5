//! Writes to sessions under contention: compare-and-swap, repeated on conflict.

use std::{future::Future, pin::Pin, sync::Arc};

use super::lineage::{Lineage, MAX_MOVES, trace};
use crate::{
    account::AccountId,
    ports::{Sessions, StoreError, Stored, Written},
    session::{Session, SessionKey},
    time::Timestamp,
};

/// How often a write is tried.
const MAX_TRIES: usize = 64;

/// One try of a write: `None` on a conflict.
pub(super) type Try<'a, T, E> = Pin<Box<dyn Future<Output = Result<Option<T>, E>> + Send + 'a>>;

/// Repeats a write until it succeeds; `None` if every try conflicted.
pub(super) async fn until_written<'a, T, E>(
    mut attempt: impl FnMut() -> Try<'a, T, E> + Send,
) -> Result<Option<T>, E> {
    for _ in 0..MAX_TRIES {
        if let Some(done) = attempt().await? {
            return Ok(Some(done));
        }
    }
    Ok(None)
}

/// A change of a session.
#[derive(Debug)]
pub(super) enum Change {
    /// No change.
    Nothing,
    /// Replace it.
    Replace(Session),
    /// Replace it, and remove the tokens of these accounts.
    Disconnect(Session, Vec<AccountId>),
}

/// The result of an update.
#[derive(Debug)]
pub(super) enum Updated {
    /// The write succeeded.
    Written(Arc<Session>),
    /// There was nothing to change, at this version.
    Unchanged(Stored<Arc<Session>>),
    /// The session ended meanwhile.
    Gone,
}

/// Applies `change` to the session that was read as `seen`. On a conflict, it is applied to the session
/// as it is then.
pub(super) async fn update(
    sessions: &dyn Sessions,
    key: &SessionKey,
    mut seen: Stored<Arc<Session>>,
    now: Timestamp,
    change: impl Fn(&Session) -> Change + Send + Sync,
) -> Result<Updated, StoreError> {
    for _ in 0..MAX_TRIES {
        let (written, session) = match change(&seen.value) {
            Change::Nothing => return Ok(Updated::Unchanged(seen)),
            Change::Replace(session) => {
                (sessions.replace(key, seen.version, &session, vec![]).await?, session)
            }
            Change::Disconnect(session, accounts) => {
                (sessions.disconnect(key, seen.version, &session, &accounts).await?, session)
            }
        };
        if written == Written::Done {
            return Ok(Updated::Written(Arc::new(session)));
        }
        let Some(Stored { value, version }) = sessions.find(key, now).await? else {
            return Ok(Updated::Gone);
        };
        seen = Stored { value: Arc::new(value), version };
    }
    Err(StoreError::Unavailable("every write of the session conflicted".into()))
}

/// Like [`update`], wherever a login moves the session.
pub(super) async fn update_traced(
    sessions: &dyn Sessions,
    key: &SessionKey,
    now: Timestamp,
    change: impl Fn(&Session) -> Change + Send + Sync,
) -> Result<Updated, StoreError> {
    for _ in 0..MAX_MOVES {
        let Lineage::Lives(key, Stored { value, version }) = trace(sessions, *key, now).await?
        else {
            return Ok(Updated::Gone);
        };
        let seen = Stored { value: value.into(), version };
        match update(sessions, &key, seen, now, &change).await? {
            // A login moved it in between.
            Updated::Gone => {}
            updated => return Ok(updated),
        }
    }
    Ok(Updated::Gone)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::task::JoinSet;

    use super::*;
    use crate::testing::{FakeSessions, SessionsExt, samples};

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);
    const KEY: SessionKey = SessionKey::from_bytes([1; 32]);

    async fn with_session() -> Arc<FakeSessions> {
        let sessions = Arc::new(FakeSessions::new(samples::POLICY));
        sessions.create(KEY, &samples::session("contoso", "zofia", NOW), vec![]).await.unwrap();
        sessions
    }

    async fn find(sessions: &FakeSessions) -> Option<Stored<Arc<Session>>> {
        let found = sessions.find(&KEY, NOW).await.unwrap();
        found.map(|found| Stored { value: Arc::new(found.value), version: found.version })
    }

    fn warned(session: &Session, warning: &str) -> Change {
        let mut session = session.clone();
        session.accounts[0].warnings.push(warning.into());
        Change::Replace(session)
    }

    #[tokio::test]
    async fn update_loses_no_change_of_concurrent_callers() {
        let sessions = with_session().await;
        let seen = find(&sessions).await.unwrap();
        let mut callers = JoinSet::new();
        for caller in 0..16 {
            let (sessions, seen) = (sessions.clone(), seen.clone());
            callers.spawn(async move {
                let change = |session: &Session| warned(session, &caller.to_string());
                update(&*sessions, &KEY, seen, NOW, change).await.unwrap()
            });
        }
        let updated = callers.join_all().await;
        assert!(updated.iter().all(|updated| matches!(updated, Updated::Written(_))));
        assert_eq!(find(&sessions).await.unwrap().value.accounts[0].warnings.len(), 16);
    }

    #[tokio::test]
    async fn update_returns_gone_for_a_session_that_ended() {
        let sessions = with_session().await;
        let seen = find(&sessions).await.unwrap();
        assert!(sessions.remove(&KEY).await.unwrap());
        let updated = update(&*sessions, &KEY, seen, NOW, |session| warned(session, "late")).await;
        assert!(matches!(updated, Ok(Updated::Gone)), "{updated:?}");
        assert!(find(&sessions).await.is_none());
    }

    #[tokio::test]
    async fn update_writes_nothing_when_the_change_is_there_already() {
        let sessions = with_session().await;
        let stale = find(&sessions).await.unwrap();
        let change = |session: &Session| match session.accounts[0].warnings.as_slice() {
            [] => warned(session, "once"),
            _ => Change::Nothing,
        };
        for round in 0..2 {
            let updated = update(&*sessions, &KEY, stale.clone(), NOW, change).await.unwrap();
            assert_eq!(matches!(updated, Updated::Written(_)), round == 0, "{updated:?}");
        }
        assert_eq!(find(&sessions).await.unwrap().value.accounts[0].warnings, ["once"]);
    }

    #[tokio::test]
    async fn until_written_gives_up_after_max_tries() {
        let tries = AtomicUsize::new(0);
        let lost = || -> Try<'_, (), ()> {
            tries.fetch_add(1, Ordering::Relaxed);
            Box::pin(async { Ok(None) })
        };
        assert_eq!(until_written(lost).await, Ok(None));
        assert_eq!(tries.load(Ordering::Relaxed), MAX_TRIES);
    }
}
