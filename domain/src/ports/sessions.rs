//! The sessions, with their tokens kept apart from what every request reads.

use async_trait::async_trait;
use thiserror::Error;

use crate::{
    account::AccountId,
    identity::PersonKey,
    login::BrowserKey,
    session::{Ending, Session, SessionKey, SessionSize, SignOutCount, TokenSet},
    time::Timestamp,
};

/// Why a store could not do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It cannot be used now, or any more.
    #[error("the store cannot be used: {0}")]
    Unavailable(String),
    /// One record cannot be read. The others are not touched.
    #[error("a record cannot be read: {0}")]
    Unreadable(String),
}

/// Counts the writes of one session. A write names the version it has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(pub u64);

/// A value and the version it was read at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<T> {
    /// The value.
    pub value: T,
    /// Its version.
    pub version: Version,
}

/// What became of a compare-and-swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Written {
    /// It is written.
    Done,
    /// Somebody else wrote or removed the session first; nothing was changed.
    Conflict,
}

/// What a login writes, and what must still be true then.
#[derive(Debug)]
pub struct Landing<'a> {
    /// Where the session stands from now on.
    pub key: SessionKey,
    /// The session.
    pub session: &'a Session,
    /// The tokens that the login brought.
    pub tokens: NewTokens,
    /// The session that it takes the place of.
    pub former: Option<Former>,
    /// The browser, where it is known, and the session that a login of it last led to.
    pub browser: Option<(BrowserKey, Option<SessionKey>)>,
    /// The sign-outs that there were when the login began.
    pub begun: SignOutCount,
    /// The people whose later sign-out everywhere ends the login.
    pub people: Vec<PersonKey>,
    /// The time.
    pub now: Timestamp,
}

/// A session that a login takes the place of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// Where it stands.
    pub key: SessionKey,
    /// The version that it must still have.
    pub version: Version,
    /// Whether the tokens go along, but for those of `without`. Otherwise it ends with them.
    pub moves: bool,
    /// The accounts whose tokens are removed.
    pub without: Vec<AccountId>,
}

/// What became of a landing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Landed {
    /// It is written.
    Done,
    /// The former session or the browser's is another one by now; nothing was changed.
    Conflict,
    /// One of the people signed out everywhere since the login began; nothing was changed.
    SignedOut,
}

/// The tokens that a write brings, by account.
pub type NewTokens = Vec<(AccountId, TokenSet)>;

/// The sessions.
///
/// Tokens are written together with the session, in one piece, so that no kill leaves one without
/// the other. They are read through [`super::SessionTokens`], which only those who need tokens
/// hold.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Writes the session of a login, ends or moves the former one, and notes both for whoever asks
    /// [`Sessions::ending`] and [`Sessions::session_in`].
    ///
    /// An adapter MUST check all that the landing names and write all of it in one piece: of two
    /// landings with the same former session or browser, or of one and a sign-out everywhere, one
    /// comes after the other. A login whose count is higher than the store's belongs to a store of
    /// before: the answer MUST be [`Landed::SignedOut`]. When this returns, the session MUST survive
    /// a kill and a loss of power.
    async fn land(&self, landing: Landing<'_>) -> Result<Landed, StoreError>;

    /// The session; `None` where there is none or it is not alive at `now`
    /// ([`Session::is_live`]). One that is not alive MUST be removed, as by [`Sessions::remove`],
    /// before this returns: a clock that is set back would bring it to life again.
    async fn find(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Stored<Session>>, StoreError>;

    /// The session, where it can be read. One that cannot be is no session to whoever signs in or
    /// out; it stays until its time is over, so that whoever restores its key has it again.
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

    /// The version that [`Sessions::find`] would find it at; `None` where there is none or it
    /// expired by `now`. An adapter SHOULD read no more of the session than this takes: it is asked
    /// with every request to a long session.
    async fn version(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Version>, StoreError> {
        Ok(self.find(key, now).await?.map(|found| found.version))
    }

    /// Writes the session anew if it still has the version `expected`.
    async fn replace(
        &self,
        key: &SessionKey,
        expected: Version,
        session: &Session,
        tokens: NewTokens,
    ) -> Result<Written, StoreError>;

    /// Writes the session anew if it still has the version `expected`, and removes the tokens of
    /// these accounts, all in one piece.
    async fn disconnect(
        &self,
        key: &SessionKey,
        expected: Version,
        session: &Session,
        accounts: &[AccountId],
    ) -> Result<Written, StoreError>;

    /// Removes the session and its tokens; whether there was one. When this returns, no kill MUST
    /// bring it back.
    async fn remove(&self, key: &SessionKey) -> Result<bool, StoreError>;

    /// Removes the session as [`Sessions::remove`] does, and notes why.
    async fn end(&self, key: &SessionKey, why: Ending, now: Timestamp) -> Result<bool, StoreError>;

    /// Why this session ended; `None` where it lives, never was, or ended longer ago than
    /// [`crate::session::ENDING_REMEMBERED`]. A session that was signed out leaves no note.
    async fn ending(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Ending>, StoreError>;

    /// The session that a login of this browser last led to, which may have ended since; `None`
    /// where there was none within [`crate::login::ATTEMPT_LIFETIME`].
    async fn session_in(
        &self,
        browser: &BrowserKey,
        now: Timestamp,
    ) -> Result<Option<SessionKey>, StoreError>;

    /// How many sign-outs everywhere there were. Where the adapter cannot read the count any more, a
    /// new one MUST begin that is higher than any before.
    async fn sign_outs(&self, now: Timestamp) -> Result<SignOutCount, StoreError>;

    /// Removes every session of this person, and counts the sign-out, so that no login of theirs
    /// that began before it lands; how many sessions there were. When this returns, no kill MUST
    /// bring one back or let such a login land.
    async fn sign_out_everywhere(
        &self,
        person: &PersonKey,
        now: Timestamp,
    ) -> Result<usize, StoreError>;

    /// Every session of this person with its size, in the order of the logins that wrote them.
    async fn sessions_of(&self, person: &PersonKey) -> Result<Vec<SessionSize>, StoreError>;

    /// Whether the store can be used.
    async fn check(&self) -> Result<(), StoreError>;
}
