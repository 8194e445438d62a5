//! Finds the session of a cookie, and records its use.

use std::sync::Arc;

use super::{
    update::{Change, Updated, update},
    validity::{Validity, is_valid, validity},
};
use crate::{
    account::{Account, AccountId, TokenHealth, TokenStatus},
    identity::{PersonKey, ProviderId, TenantId},
    ports::{Clock, Sessions, StoreError, Stored, Version},
    provider::Providers,
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
    /// When it was read: the states of its tokens are those of this time.
    pub read_at: Timestamp,
}

/// What a response about a session depends on besides its content: as long as it
/// [is current](CurrentSession::is_current), the response can be sent again without reading the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionStamp {
    /// The person who began the session.
    pub person: PersonKey,
    version: Version,
    times: SessionTimes,
    /// The provider and tenant of each account, in the order of the session.
    accounts: Vec<(ProviderId, TenantId)>,
    /// The tokens of each account, and the state that was shown.
    tokens: Vec<(AccountId, Option<TokenStatus>, TokenHealth)>,
}

impl SessionStamp {
    /// Provider, id and tokens of each account, for
    /// [`FreshToken::refresh_ahead`](super::FreshToken::refresh_ahead).
    pub fn tokens(&self) -> impl Iterator<Item = (&ProviderId, &AccountId, Option<TokenStatus>)> {
        let tokens = self.accounts.iter().zip(&self.tokens);
        tokens.map(|((provider, _), (account, status, _))| (provider, account, *status))
    }

    /// Whether every token still has the state that was shown: one that cannot be refreshed expires.
    fn shows_tokens_as_at(&self, now: Timestamp) -> bool {
        self.tokens
            .iter()
            .all(|(_, status, shown)| status.is_none_or(|status| status.health(now) == *shown))
    }
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
        let Session { person, accounts, .. } = &*self.session;
        let token = |it: &Account| {
            let status = it.token.as_ref().map(|token| token.status);
            (it.id.clone(), status, it.token_health(self.read_at))
        };
        let tokens = accounts.iter().map(token).collect();
        let accounts = accounts.iter().map(|it| (it.provider.clone(), it.identity.tenant.clone()));
        let (times, accounts) = (self.session.times(), accounts.collect());
        Some(SessionStamp { person: *person, version: self.version?, times, accounts, tokens })
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
        let (key, now) = (SessionKey::of(id), self.clock.now());
        let found = match self.sessions.find(&key, now).await {
            Err(StoreError::Unreadable(why)) => return Ok(Current::Unreadable(why)),
            found => found?,
        };
        let share = |Stored { value, version }| SharedSession { value: Arc::new(value), version };
        let found = found.map(share);
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
            return Ok(self.live(found.value, Some(found.version), now));
        }
        self.record(&key, found, now).await
    }

    /// Whether [`run`](Self::run) would return the session as of this stamp and write nothing: the store
    /// has that version, the session is alive, every account is allowed, and no use must be recorded.
    /// So everything that ends or changes a session makes its stamp outdated. `false` also if the store
    /// fails: `run` returns why.
    pub async fn is_current(&self, key: &SessionKey, stamp: &SessionStamp) -> bool {
        let now = self.clock.now();
        stamp.times.is_live(&self.policy, now)
            && !stamp.times.is_recording_due(&self.policy, now)
            && stamp.shows_tokens_as_at(now)
            && is_valid(&stamp.accounts, &self.providers)
            && matches!(self.sessions.version(key, now).await, Ok(Some(it)) if it == stamp.version)
    }

    /// Records the use of a session, and removes accounts that are not allowed any more.
    async fn record(
        &self,
        key: &SessionKey,
        found: SharedSession,
        now: Timestamp,
    ) -> Result<Current, StoreError> {
        let read = found.value.clone();
        let change = |session: &Session| self.change(session, now);
        Ok(match update(&*self.sessions, key, found, now, change).await {
            Ok(Updated::Written(session)) => self.live(session, None, now),
            Ok(Updated::Unchanged(found)) => self.live(found.value, Some(found.version), now),
            Ok(Updated::Gone) => return self.ended(key, now).await,
            // If the store cannot write (a full disk), sessions can still be read.
            Err(_) => match self.change(&read, now) {
                Change::Nothing => self.live(read, None, now),
                Change::Replace(session) | Change::Disconnect(session, _) => {
                    self.live(Arc::new(session), None, now)
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

    fn live(&self, session: Arc<Session>, version: Option<Version>, read_at: Timestamp) -> Current {
        let expires_at = session.expires_at(&self.policy);
        Current::Live(LiveSession { session, version, expires_at, read_at })
    }

    async fn ended(&self, key: &SessionKey, now: Timestamp) -> Result<Current, StoreError> {
        let ending = self.sessions.ending(key, now).await?;
        Ok(ending.map_or(Current::Nothing, Current::Ended))
    }
}

#[cfg(test)]
mod tests;
