//! Sessions and their tokens in a map.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use crate::{
    account::AccountId,
    identity::PersonKey,
    ports::{NewTokens, SessionTokens, Sessions, StoreError, Stored, Version, Written},
    session::{Session, SessionKey, SessionPolicy, TokenSet},
    time::Timestamp,
};

/// Sessions and their tokens in a map.
#[derive(Debug)]
pub struct FakeSessions {
    policy: SessionPolicy,
    entries: Mutex<HashMap<SessionKey, Entry>>,
}

#[derive(Clone, Debug)]
struct Entry {
    session: Session,
    version: u64,
    tokens: HashMap<AccountId, TokenSet>,
}

impl FakeSessions {
    /// An empty store of sessions that last as `policy` says.
    pub fn new(policy: SessionPolicy) -> Self {
        Self { policy, entries: Mutex::default() }
    }

    /// How many sessions there are, expired ones with them.
    pub fn count(&self) -> usize {
        self.entries().len()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<SessionKey, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Sessions for FakeSessions {
    async fn create(
        &self,
        key: SessionKey,
        session: &Session,
        tokens: NewTokens,
    ) -> Result<(), StoreError> {
        let tokens = tokens.into_iter().collect();
        self.entries().insert(key, Entry { session: session.clone(), version: 1, tokens });
        Ok(())
    }

    async fn find(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Stored<Session>>, StoreError> {
        let mut entries = self.entries();
        let Some(entry) = entries.get(key).cloned() else { return Ok(None) };
        if !entry.session.is_live(&self.policy, now) {
            entries.remove(key);
            return Ok(None);
        }
        Ok(Some(Stored { value: entry.session, version: Version(entry.version) }))
    }

    async fn replace(
        &self,
        key: &SessionKey,
        expected: Version,
        session: &Session,
        tokens: NewTokens,
    ) -> Result<Written, StoreError> {
        self.rotate(key, expected, *key, session, tokens).await
    }

    async fn rotate(
        &self,
        from: &SessionKey,
        expected: Version,
        to: SessionKey,
        session: &Session,
        tokens: NewTokens,
    ) -> Result<Written, StoreError> {
        let mut entries = self.entries();
        let Some(mut entry) = entries.get(from).cloned() else { return Ok(Written::Conflict) };
        if entry.version != expected.0 {
            return Ok(Written::Conflict);
        }
        entry.session = session.clone();
        entry.version += 1;
        entry.tokens.extend(tokens);
        entries.remove(from);
        entries.insert(to, entry);
        Ok(Written::Done)
    }

    async fn remove(&self, key: &SessionKey) -> Result<bool, StoreError> {
        Ok(self.entries().remove(key).is_some())
    }

    async fn remove_all_of(&self, person: &PersonKey) -> Result<usize, StoreError> {
        let mut entries = self.entries();
        let before = entries.len();
        entries.retain(|_, entry| entry.session.person != *person);
        Ok(before - entries.len())
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[async_trait]
impl SessionTokens for FakeSessions {
    async fn find_tokens(
        &self,
        key: &SessionKey,
        account: &AccountId,
    ) -> Result<Option<TokenSet>, StoreError> {
        Ok(self.entries().get(key).and_then(|entry| entry.tokens.get(account).cloned()))
    }
}
