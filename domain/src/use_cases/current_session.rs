//! Finds the session of a cookie, and records its use.

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
    /// The sessions.
    pub sessions: Arc<dyn Sessions>,
    /// The providers, to check that sessions are still valid.
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
    /// Its version; `None` if its use was just recorded, which made a new one.
    pub version: Option<Version>,
    /// When it ends if it is not used again. The same for each read of one version.
    pub expires_at: Timestamp,
}

/// A cached session with its version.
pub type KnownSession = Stored<Arc<Session>>;

/// The session of a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Current {
    /// A session that is alive.
    Live(LiveSession),
    /// A session that is unavailable while the plug-in of this provider cannot be loaded.
    Away(ProviderId),
    /// A session that has ended, for this reason.
    Ended(Ending),
    /// A session whose record cannot be read, for this reason. The browser's cookie is of no use.
    Unreadable(String),
    /// No known session.
    Nothing,
}

impl Current {
    /// The session, if it is alive.
    pub fn live(self) -> Option<LiveSession> {
        match self {
            Self::Live(live) => Some(live),
            _ => None,
        }
    }
}

impl CurrentSession {
    /// The session with this id, without accounts that are not allowed any more.
    pub async fn run(&self, id: &SessionId) -> Result<Current, StoreError> {
        self.run_knowing(id, None).await
    }

    /// Like [`run`](Self::run), with a cached session. It is used only if the store still has that
    /// version, and its validity is checked as for any other session, so that everything that ends a
    /// session ends a cached one.
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
        let valid = match validity(&found.value, &self.providers) {
            Validity::Valid => true,
            Validity::WithoutAccounts(_) => false,
            Validity::ProviderAway(provider) => return Ok(Current::Away(provider)),
            Validity::Invalid => {
                self.sessions.end(&key, Ending::NotAllowed, now).await?;
                return Ok(Current::Ended(Ending::NotAllowed));
            }
        };
        if valid && found.value.seen(&self.policy, now).is_none() {
            return Ok(self.live(found.value, Some(found.version)));
        }
        self.record(&key, found, now).await
    }

    /// Records the use of a session, and removes accounts that are not allowed any more.
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
            // If the store cannot write (a full disk), sessions can still be read.
            Err(_) => match self.change(&read, now) {
                Change::Nothing => self.live(read, None),
                Change::Replace(session) | Change::Disconnect(session, _) => {
                    self.live(Arc::new(session), None)
                }
            },
        })
    }

    /// The change of a session that is used at `now`.
    fn change(&self, session: &Session, now: Timestamp) -> Change {
        let seen = session.seen(&self.policy, now);
        match validity(session, &self.providers) {
            Validity::WithoutAccounts(lost) => {
                let session = seen.unwrap_or_else(|| session.clone()).without(&lost);
                Change::Disconnect(session, lost)
            }
            // A session that became invalid meanwhile ends with the next request.
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
mod tests;
