//! Sessions and their tokens in a map.

use std::collections::HashMap;

use async_trait::async_trait;
use portico_domain::{
    account::AccountId,
    epoch::Epoch,
    identity::PersonKey,
    ports::{
        Commit, Committed, MarkKey, SessionRecords, SessionWrite, StoreError, Stored, Version,
    },
    session::{SessionKey, SessionSize},
    time::Timestamp,
};

use crate::records::{Maps, MemoryRecords, Session};

#[async_trait]
impl SessionRecords for MemoryRecords {
    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        let mut maps = self.maps();
        if !maps.are_as(&commit) {
            return Ok(Committed::Conflict);
        }
        Ok(maps.commit(commit))
    }

    async fn find(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Stored<Vec<u8>>>, StoreError> {
        let sessions = &mut self.maps().sessions;
        let Some(session) = sessions.get(key) else { return Ok(None) };
        if session.record.expires_at <= now {
            sessions.remove(key);
            return Ok(None);
        }
        let (value, version) = (session.record.sealed.clone(), Version(session.version));
        Ok(Some(Stored { value, version }))
    }

    async fn version(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Version>, StoreError> {
        let maps = self.maps();
        let found = maps.sessions.get(key).filter(|session| now < session.record.expires_at);
        Ok(found.map(|session| Version(session.version)))
    }

    async fn find_tokens(
        &self,
        key: &SessionKey,
        account: &AccountId,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let maps = self.maps();
        Ok(maps.sessions.get(key).and_then(|session| session.tokens.get(account)).cloned())
    }

    async fn mark(&self, key: &MarkKey, now: Timestamp) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.maps().mark(key, now).cloned())
    }

    async fn sessions_of(&self, person: &PersonKey) -> Result<Vec<SessionSize>, StoreError> {
        let maps = self.maps();
        let of_them = maps.sessions.iter().filter(|(_, session)| session.record.person == *person);
        let mut found: Vec<_> = of_them.collect();
        found.sort_by_key(|(_, session)| session.login);
        let size =
            |(key, it): (&SessionKey, &Session)| SessionSize { key: *key, bytes: it.bytes() };
        Ok(found.into_iter().map(size).collect())
    }

    async fn purge_expired(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let Maps { epoch, spent, sessions, marks, .. } = &mut *self.maps();
        let over = |known: &Epoch| epoch.is_some_and(|current| *known < current.oldest());
        let mut gone = spent.extract_if(|(known, _)| over(known)).take(limit).count();
        let ended = sessions.extract_if(|_, session| session.record.expires_at <= now);
        gone += ended.take(limit - gone).count();
        gone += marks.extract_if(|_, mark| mark.expires_at <= now).take(limit - gone).count();
        Ok(gone)
    }

    async fn expiring_after(
        &self,
        latest: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        let maps = self.maps();
        let ends = maps.sessions.iter().map(|(key, session)| (session.record.expires_at, *key));
        let mut later: Vec<_> = ends.filter(|(end, _)| *end > latest).collect();
        later.sort_unstable_by(|one, other| other.cmp(one));
        Ok(later.into_iter().take(limit).map(|(_, key)| key).collect())
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Session {
    fn bytes(&self) -> usize {
        self.record.sealed.len() + self.tokens.values().map(Vec::len).sum::<usize>()
    }
}

impl Maps {
    fn mark(&self, key: &MarkKey, now: Timestamp) -> Option<&Vec<u8>> {
        self.marks.get(key).filter(|mark| now < mark.expires_at).map(|mark| &mark.sealed)
    }

    /// Whether everything is as the commit says it must be.
    fn are_as(&self, commit: &Commit) -> bool {
        let session_is = commit.session_is.is_none_or(|(key, seen)| {
            self.sessions.get(&key).is_some_and(|session| session.version == seen.0)
        });
        let mark_is =
            |(key, seen): &(MarkKey, Option<Vec<u8>>)| self.mark(key, commit.now) == seen.as_ref();
        session_is && commit.marks_are.iter().all(mark_is)
    }

    fn commit(&mut self, commit: Commit) -> Committed {
        let remove = commit.remove.iter();
        let mut removed = remove.filter_map(|key| self.sessions.remove(key)).count();
        let of_them = |session: &Session| commit.remove_all_of.contains(&session.record.person);
        removed += self.sessions.extract_if(|_, session| of_them(session)).count();
        if let Some(write) = commit.write {
            self.write(write);
        }
        self.marks.extend(commit.marks.into_iter().map(|mark| (mark.key, mark)));
        Committed::Done { removed }
    }

    fn write(&mut self, write: SessionWrite) {
        let SessionWrite { key, record, tokens, from, without } = write;
        let was = from.and_then(|from| self.sessions.remove(&from));
        let (mut kept, version, before) = match was {
            Some(was) => (was.tokens, was.version, Some(was.login)),
            None => (HashMap::new(), 0, None),
        };
        kept.retain(|account, _| !without.contains(account));
        kept.extend(tokens);
        // A session that is written where it stands keeps its place.
        let login = before.filter(|_| from == Some(key)).unwrap_or_else(|| {
            self.logins += 1;
            self.logins
        });
        self.sessions.insert(key, Session { record, version: version + 1, login, tokens: kept });
    }
}
