//! Finds the session of a cookie, and records its use.

use std::{sync::Arc, time::Duration};

use super::{
    lineage::MAX_MOVES,
    update::{Change, Updated, update},
    validity::{Validity, validity},
};
use crate::{
    account::{Account, AccountId, TokenStatus},
    identity::{PersonKey, ProviderId},
    ports::{Clock, Sessions, StoreError, Stored, Version},
    provider::{OfferVersion, Providers},
    secret::SessionId,
    session::{Ending, Session, SessionKey, SessionPolicy, SessionTimes},
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
    /// After how long accounts are listed again.
    pub listing_max_age: Duration,
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
    /// The version of the providers under which it is valid.
    pub offer: OfferVersion,
    /// When it was read: the states of its tokens and listings are those of this time.
    pub read_at: Timestamp,
    /// Until when they have these states, and nothing is due to be refreshed or listed.
    pub steady_until: Timestamp,
}

/// What a response about a session depends on besides its content: as long as it
/// [is current](CurrentSession::is_current), the response can be sent again without reading the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionStamp {
    /// The person who began the session.
    pub person: PersonKey,
    version: Version,
    times: SessionTimes,
    offer: OfferVersion,
    steady_until: Timestamp,
}

impl LiveSession {
    /// Provider, id and tokens of each account, for
    /// [`FreshToken::refresh_ahead`](super::FreshToken::refresh_ahead).
    pub fn tokens(&self) -> impl Iterator<Item = (&ProviderId, &AccountId, Option<TokenStatus>)> {
        self.session.accounts.iter().map(|account| {
            (&account.provider, &account.id, account.token.as_ref().map(|token| token.status))
        })
    }

    /// The stamp of the session; `None` if its use was just recorded.
    pub fn stamp(&self) -> Option<SessionStamp> {
        let (person, times) = (self.session.person, self.session.times());
        let (version, offer, steady_until) = (self.version?, self.offer, self.steady_until);
        Some(SessionStamp { person, version, times, offer, steady_until })
    }
}

/// A session with its version, shared.
type SharedSession = Stored<Arc<Session>>;

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
        self.at(&SessionKey::of(id)).await
    }

    /// The session that had this key, wherever logins moved it since, with the key that it has now. Moves
    /// are remembered for [`ENDING_REMEMBERED`](crate::session::ENDING_REMEMBERED).
    pub async fn follow(&self, mut key: SessionKey) -> Result<(SessionKey, Current), StoreError> {
        for _ in 0..MAX_MOVES {
            match self.at(&key).await? {
                Current::Ended(Ending::Moved(to)) => key = to,
                current => return Ok((key, current)),
            }
        }
        Ok((key, Current::Nothing))
    }

    /// Like [`run`](Self::run), by the key of the session.
    async fn at(&self, key: &SessionKey) -> Result<Current, StoreError> {
        let now = self.clock.now();
        let offer = self.providers.version();
        let found = match self.find(key, now).await? {
            Ok(found) => found,
            Err(absent) => return Ok(absent),
        };
        let valid = match validity(&found.value, &self.providers) {
            Validity::Valid => true,
            Validity::WithoutAccounts(_) => false,
            Validity::ProviderAway(provider) => return Ok(Current::Away(provider)),
            Validity::Invalid => {
                self.sessions.end(key, Ending::NotAllowed, now).await?;
                return Ok(Current::Ended(Ending::NotAllowed));
            }
        };
        if valid && found.value.seen(&self.policy, now).is_none() {
            return Ok(self.live(found.value, Some(found.version), (offer, now)));
        }
        self.record(key, found, offer, now).await
    }

    /// Like [`run`](Self::run), but the look is no use of the session, and nothing is written.
    pub async fn look(&self, id: &SessionId) -> Result<Current, StoreError> {
        let (key, now) = (SessionKey::of(id), self.clock.now());
        let offer = self.providers.version();
        let found = match self.find(&key, now).await? {
            Ok(found) => found,
            Err(absent) => return Ok(absent),
        };
        Ok(match validity(&found.value, &self.providers) {
            Validity::Valid => self.live(found.value, Some(found.version), (offer, now)),
            Validity::WithoutAccounts(lost) => {
                let session = Session::clone(&found.value).without(&lost);
                self.live(Arc::new(session), None, (offer, now))
            }
            Validity::ProviderAway(provider) => Current::Away(provider),
            Validity::Invalid => Current::Ended(Ending::NotAllowed),
        })
    }

    /// The session with this key if it is alive, or why there is none.
    async fn find(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Result<SharedSession, Current>, StoreError> {
        let found = match self.sessions.find(key, now).await {
            Err(StoreError::Unreadable(why)) => return Ok(Err(Current::Unreadable(why))),
            found => found?,
        };
        let share = |Stored { value, version }| SharedSession { value: Arc::new(value), version };
        let found = found.map(share);
        match found.filter(|found| found.value.is_live(&self.policy, now)) {
            Some(found) => Ok(Ok(found)),
            None => self.ended(key, now).await.map(Err),
        }
    }

    /// Whether [`run`](Self::run) would return the session as of this stamp and write nothing: the store
    /// has that version, the session is alive, the providers are those under which every account was
    /// allowed, and no use must be recorded.
    /// So everything that ends or changes a session makes its stamp outdated. `false` also if the store
    /// fails: `run` returns why.
    pub async fn is_current(&self, key: &SessionKey, stamp: &SessionStamp) -> bool {
        let now = self.clock.now();
        stamp.times.is_live(&self.policy, now)
            && !stamp.times.is_recording_due(&self.policy, now)
            && now < stamp.steady_until
            && self.providers.version() == stamp.offer
            && matches!(self.sessions.version(key, now).await, Ok(Some(it)) if it == stamp.version)
    }

    /// Records the use of a session, and removes accounts that are not allowed any more.
    async fn record(
        &self,
        key: &SessionKey,
        found: SharedSession,
        offer: OfferVersion,
        now: Timestamp,
    ) -> Result<Current, StoreError> {
        let (former, read) = (found.value.clone(), (offer, now));
        let change = |session: &Session| self.change(session, now);
        Ok(match update(&*self.sessions, key, found, now, change).await {
            Ok(Updated::Written(session)) => self.live(session, None, read),
            Ok(Updated::Unchanged(found)) => self.live(found.value, Some(found.version), read),
            Ok(Updated::Gone) => return self.ended(key, now).await,
            // If the store cannot write (a full disk), sessions can still be read.
            Err(_) => match self.change(&former, now) {
                Change::Nothing => self.live(former, None, read),
                Change::Replace(session) | Change::Disconnect(session, _) => {
                    self.live(Arc::new(session), None, read)
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

    fn live(
        &self,
        session: Arc<Session>,
        version: Option<Version>,
        (offer, read_at): (OfferVersion, Timestamp),
    ) -> Current {
        let expires_at = session.expires_at(&self.policy);
        let steady_until = self.steady_until(&session, read_at);
        Current::Live(LiveSession { session, version, expires_at, offer, read_at, steady_until })
    }

    /// Until when the tokens and listings of the session have the states of `now`, and none is due.
    fn steady_until(&self, session: &Session, now: Timestamp) -> Timestamp {
        let of = |account: &Account| {
            // A session of an earlier version describes no tokens.
            let token = account.token.as_ref().and_then(|token| token.status.steady_until(now));
            let listing = account.listing_steady_until(self.listing_max_age, now);
            [token, listing].into_iter().flatten().min()
        };
        session.accounts.iter().filter_map(of).min().unwrap_or(Timestamp::MAX)
    }

    async fn ended(&self, key: &SessionKey, now: Timestamp) -> Result<Current, StoreError> {
        let ending = self.sessions.ending(key, now).await?;
        Ok(ending.map_or(Current::Nothing, Current::Ended))
    }
}

#[cfg(test)]
mod tests;
