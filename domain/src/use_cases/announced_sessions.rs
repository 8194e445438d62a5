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
    sign_in::SignInKey,
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

    async fn sessions_at(&self, sign_in: &SignInKey) -> Result<Vec<SessionKey>, StoreError> {
        self.sessions.sessions_at(sign_in).await
    }

    async fn sign_out_at(&self, sign_in: &SignInKey, now: Timestamp) -> Result<(), StoreError> {
        self.sessions.sign_out_at(sign_in, now).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.sessions.check().await
    }
}

#[cfg(test)]
mod tests;
