//! Sessions and their tokens in a map.

use async_trait::async_trait;
use portico_domain::{
    account::AccountId,
    epoch::Epoch,
    identity::PersonKey,
    ports::{
        Renewal, SessionRecord, SessionRecords, StoreError, Stored, TokenRecords, Version, Written,
    },
    session::SessionKey,
    time::Timestamp,
};

use crate::records::{Maps, MemoryRecords, Session};

#[async_trait]
impl SessionRecords for MemoryRecords {
    async fn insert(
        &self,
        key: SessionKey,
        record: SessionRecord,
        tokens: TokenRecords,
    ) -> Result<(), StoreError> {
        let tokens = tokens.into_iter().collect();
        self.maps().sessions.insert(key, Session { record, version: 1, tokens });
        Ok(())
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

    async fn replace(
        &self,
        key: &SessionKey,
        expected: Version,
        record: SessionRecord,
        tokens: TokenRecords,
    ) -> Result<Written, StoreError> {
        Ok(self.maps().swap(key, Renewal { expected, to: *key, record }, tokens))
    }

    async fn rotate(
        &self,
        from: &SessionKey,
        renewal: Renewal,
        tokens: TokenRecords,
    ) -> Result<Written, StoreError> {
        Ok(self.maps().swap(from, renewal, tokens))
    }

    async fn remove(&self, key: &SessionKey) -> Result<bool, StoreError> {
        Ok(self.maps().sessions.remove(key).is_some())
    }

    async fn remove_all_of(&self, person: &PersonKey) -> Result<usize, StoreError> {
        let sessions = &mut self.maps().sessions;
        Ok(sessions.extract_if(|_, session| session.record.person == *person).count())
    }

    async fn purge_expired(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let Maps { epoch, spent, sessions } = &mut *self.maps();
        let over = |known: &Epoch| epoch.is_some_and(|current| *known < current.oldest());
        let gone = spent.extract_if(|(known, _)| over(known)).take(limit).count();
        let rest = limit - gone;
        let ended = sessions.extract_if(|_, session| session.record.expires_at <= now);
        Ok(gone + ended.take(rest).count())
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

impl Maps {
    /// Writes the session that stands at `from` to `renewal.to`, its tokens with it.
    fn swap(&mut self, from: &SessionKey, renewal: Renewal, tokens: TokenRecords) -> Written {
        let Renewal { expected, to, record } = renewal;
        match self.sessions.remove(from) {
            Some(mut session) if session.version == expected.0 => {
                session.record = record;
                session.version += 1;
                session.tokens.extend(tokens);
                self.sessions.insert(to, session);
                Written::Done
            }
            Some(session) => {
                self.sessions.insert(*from, session);
                Written::Conflict
            }
            None => Written::Conflict,
        }
    }
}
