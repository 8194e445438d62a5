//! The store of sessions. Tokens are apart from what every request reads.

use async_trait::async_trait;
use thiserror::Error;

use crate::{
    account::AccountId,
    identity::PersonKey,
    login::BrowserKey,
    session::{Ending, Session, SessionKey, SessionSize, SignOutCount, TokenSet},
    sign_in::SignInKey,
    time::Timestamp,
};

/// Why an operation of a store failed.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The store cannot be used now, or any more.
    #[error("the store cannot be used: {0}")]
    Unavailable(String),
    /// One record cannot be read. Other records are not affected.
    #[error("a record cannot be read: {0}")]
    Unreadable(String),
}

/// Counts the writes of one session, for compare-and-swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(pub u64);

/// A value and the version that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<T> {
    /// The value.
    pub value: T,
    /// Its version.
    pub version: Version,
}

/// The result of a compare-and-swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Written {
    /// The write succeeded.
    Done,
    /// Another caller wrote or removed the session first; nothing was changed.
    Conflict,
}

/// The session that a login writes, and the conditions of the write.
#[derive(Debug)]
pub struct Landing<'a> {
    /// The session's new key.
    pub key: SessionKey,
    /// The session.
    pub session: &'a Session,
    /// The tokens of the login.
    pub tokens: NewTokens,
    /// The session that it replaces.
    pub former: Option<Former>,
    /// The sessions that end as [`Ending::Crowded`] with this write, except those that have ended
    /// already.
    pub crowded: Vec<SessionKey>,
    /// The browser, if it is known, and the session that its last login led to.
    pub browser: Option<(BrowserKey, Option<SessionKey>)>,
    /// The number of sign-outs everywhere when the login began.
    pub sign_outs_at_begin: SignOutCount,
    /// The people whose later sign-out everywhere makes the login fail.
    pub people: Vec<PersonKey>,
    /// The current time.
    pub now: Timestamp,
}

/// A session that a login replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// Its key.
    pub key: SessionKey,
    /// The version that it must still have.
    pub version: Version,
    /// Whether the new session takes over its tokens, except those of `without`. Otherwise they are
    /// removed.
    pub moves: bool,
    /// The accounts whose tokens are removed.
    pub without: Vec<AccountId>,
}

/// The result of [`Sessions::land`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Landed {
    /// The write succeeded.
    Done,
    /// The former session, the browser's session or a crowded one changed; nothing was written.
    Conflict,
    /// One of the people signed out everywhere since the login began, or one of the session's sign-ins
    /// ended ([`Sessions::sign_out_at`]); nothing was written.
    SignedOut,
}

/// New tokens by account.
pub type NewTokens = Vec<(AccountId, TokenSet)>;

/// The sessions.
///
/// Tokens are written atomically with the session, so that no kill leaves one without the other. They
/// are read through [`super::SessionTokens`], which only the use cases that need tokens have.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Writes the session of a login, and ends or moves the former one. [`Sessions::ending`] and
    /// [`Sessions::session_in`] report both from then on.
    ///
    /// An adapter MUST check every condition of the landing and write all of it atomically: two
    /// landings with the same former session or browser, or a landing and a sign-out everywhere, are
    /// serialized. A login whose count is higher than the store's began with a store that was lost:
    /// the result MUST be [`Landed::SignedOut`]. Once this returns, the session MUST survive a kill
    /// and a loss of power.
    async fn land(&self, landing: Landing<'_>) -> Result<Landed, StoreError>;

    /// The session; `None` if there is none or it is not alive at `now` ([`Session::is_live`]). A
    /// session that is not alive MUST be removed, as by [`Sessions::remove`], before this returns: if
    /// the clock is set back, it would be alive again. One that has expired ends as
    /// [`Ending::Expired`].
    async fn find(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Stored<Session>>, StoreError>;

    /// The session, or `None` if its record cannot be read: a login or logout then goes on without it.
    /// The record stays until it expires, so that a restored sealing key makes it readable again.
    async fn find_readable(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Stored<Session>>, StoreError> {
        match self.find(key, now).await {
            Err(StoreError::Unreadable(_)) => Ok(None),
            found => found,
        }
    }

    /// The version of the session; `None` if there is none or it expired by `now`. An adapter SHOULD
    /// read no more than it needs: every request with a cached session calls this.
    async fn version(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Version>, StoreError> {
        Ok(self.find(key, now).await?.map(|found| found.version))
    }

    /// Replaces the session if it still has the version `expected`.
    async fn replace(
        &self,
        key: &SessionKey,
        expected: Version,
        session: &Session,
        tokens: NewTokens,
    ) -> Result<Written, StoreError>;

    /// Replaces the session if it still has the version `expected`, and removes the tokens of these
    /// accounts, atomically.
    async fn disconnect(
        &self,
        key: &SessionKey,
        expected: Version,
        session: &Session,
        accounts: &[AccountId],
    ) -> Result<Written, StoreError>;

    /// Removes the session and its tokens; `false` if there was none. Once this returns, the removal
    /// MUST survive a kill.
    async fn remove(&self, key: &SessionKey) -> Result<bool, StoreError>;

    /// Removes the session like [`Sessions::remove`], and records why; `false` if there was none, and
    /// then an earlier reason MUST stay: the session may have moved. Where the store has no room for the
    /// reason, an adapter MUST remove the session without it: a full disk keeps nobody signed in.
    async fn end(&self, key: &SessionKey, why: Ending, now: Timestamp) -> Result<bool, StoreError>;

    /// Ends these sessions like [`Sessions::end`], in one write; sessions that have ended already are
    /// left out. [`Written::Conflict`] if one of them was changed or ended at the same time.
    async fn end_all(
        &self,
        keys: &[SessionKey],
        why: Ending,
        now: Timestamp,
    ) -> Result<Written, StoreError>;

    /// Why this session ended; `None` if it is alive, never existed, or ended longer ago than
    /// [`crate::session::ENDING_REMEMBERED`]. [`Sessions::remove`] records no reason. For a session that
    /// expired it is [`Ending::Expired`], whether or not anybody has read it since, until that long
    /// after its absolute timeout.
    async fn ending(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Ending>, StoreError>;

    /// The session that this browser's last login led to, which may have ended since; `None` if there
    /// was no login within [`crate::login::ATTEMPT_LIFETIME`].
    async fn session_in(
        &self,
        browser: &BrowserKey,
        now: Timestamp,
    ) -> Result<Option<SessionKey>, StoreError>;

    /// The number of sign-outs everywhere. If the adapter cannot read the count any more, it MUST begin
    /// a new one that is higher than any before.
    async fn sign_outs(&self, now: Timestamp) -> Result<SignOutCount, StoreError>;

    /// Removes every session of this person, and counts the sign-out, so that no login of this person
    /// that began before it succeeds. Returns the number of removed sessions. Once this returns, both
    /// MUST survive a kill.
    async fn sign_out_everywhere(
        &self,
        person: &PersonKey,
        now: Timestamp,
    ) -> Result<usize, StoreError>;

    /// Every session of this person with its size, in the order of the logins that wrote them.
    async fn sessions_of(&self, person: &PersonKey) -> Result<Vec<SessionSize>, StoreError>;

    /// Every live session of this person without its listings, in the order of the logins that wrote
    /// them; a session whose record cannot be read is left out. An adapter MUST read the index of the
    /// person and no other sessions, and MUST check the person in the session itself: an index may have
    /// been changed.
    async fn heads_of(
        &self,
        person: &PersonKey,
        now: Timestamp,
    ) -> Result<Vec<(SessionKey, Session)>, StoreError>;

    /// The keys of the sessions with this sign-in ([`Session::sign_ins`]), expired ones included. An
    /// adapter MUST read an index of sign-ins and no sessions: anybody may ask, as often as they like.
    /// The index MUST be written and removed atomically with the session, and MUST NOT have the key of
    /// the sign-in in the clear. A caller MUST check the session itself: an index may have been changed.
    async fn sessions_at(&self, sign_in: &SignInKey) -> Result<Vec<SessionKey>, StoreError>;

    /// Counts a sign-out of this sign-in: no [`Sessions::land`] of a session with it succeeds if the
    /// login began before ([`Landed::SignedOut`]). Sessions that are there stay. Once this returns, it
    /// MUST survive a kill.
    async fn sign_out_at(&self, sign_in: &SignInKey, now: Timestamp) -> Result<(), StoreError>;

    /// Whether the store can be used.
    async fn check(&self) -> Result<(), StoreError>;
}
