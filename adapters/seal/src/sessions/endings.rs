//! The ends of sessions, and why they ended.

use portico_domain::{
    ports::StoreError,
    session::{Ending, Session, SessionKey},
    time::Timestamp,
};
use portico_records::{Batch, Committed};

use super::{ANY_TIME, SealedSessions, notes::ending_note, session_key};
use crate::records;

impl SealedSessions {
    /// Removes a session that is not alive, and notes it if it has expired.
    pub(super) async fn remove_dead(
        &self,
        key: &SessionKey,
        session: &Session,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut batch = Batch { remove: vec![session_key(key)], ..Batch::default() };
        if session.times().is_expired(&self.policy, now) {
            batch.put.push(self.expiry_put(key, ANY_TIME, session.created_at)?);
        }
        self.records.commit(batch).await.map(drop)
    }

    /// Removes a session and notes why; `false` if there is none.
    pub(super) async fn end_session(
        &self,
        key: &SessionKey,
        why: Ending,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let record = session_key(key);
        loop {
            let require = match self.records.version(&record, ANY_TIME).await {
                Ok(Some(version)) => vec![(record.clone(), Some(version))],
                Ok(None) => return Ok(false),
                // A damaged record has no version, and ends as well.
                Err(StoreError::Unreadable(_)) => vec![],
                Err(error) => return Err(error),
            };
            let (remove, put) = (vec![record.clone()], vec![self.ending_put(key, why, now)?]);
            let batch = Batch { now: ANY_TIME, require, remove, put, ..Batch::default() };
            // After a conflict it has another version, or is gone.
            if let Committed::Done { removed } = self.records.commit(batch).await? {
                return Ok(removed > 0);
            }
        }
    }

    /// Why a session ended.
    pub(super) async fn ending_of(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Ending>, StoreError> {
        let found = self.read_note::<records::Ending>(ending_note(key), now).await?;
        let Some(ending) = found.and_then(|found| found.value) else { return Ok(None) };
        if let records::Ending::Expired(from) = ending {
            // A session that is used lives longer.
            let lives = self.records.version(&session_key(key), now).await?.is_some();
            if lives || now.unix_seconds() < from {
                return Ok(None);
            }
        }
        Ok(Some(ending.read()))
    }
}
