//! The sessions, with their tokens kept apart from what every request reads.

use async_trait::async_trait;
use thiserror::Error;

use crate::{
    account::AccountId,
    identity::PersonKey,
    session::{Session, SessionKey, TokenSet},
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

/// The tokens that a write brings, by account.
pub type NewTokens = Vec<(AccountId, TokenSet)>;

/// The sessions.
///
/// Tokens are written together with the session, in one piece, so that no kill leaves one without
/// the other. They are read through [`super::SessionTokens`], which only those who need tokens
/// hold.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Keeps a new session. When this returns it MUST survive a kill and a loss of power.
    async fn create(
        &self,
        key: SessionKey,
        session: &Session,
        tokens: NewTokens,
    ) -> Result<(), StoreError>;

    /// The session; `None` where there is none or it is not alive at `now`
    /// ([`Session::is_live`]). One that is not alive MUST be removed, as by [`Sessions::remove`],
    /// before this returns: a clock that is set back would bring it to life again.
    async fn find(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Stored<Session>>, StoreError>;

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

    /// Moves the session to the new key `to` if it still has the version `expected`: writes it,
    /// takes its tokens along, adds `tokens`, and removes the old key, all in one piece.
    async fn rotate(
        &self,
        from: &SessionKey,
        expected: Version,
        to: SessionKey,
        session: &Session,
        tokens: NewTokens,
    ) -> Result<Written, StoreError>;

    /// Removes the session and its tokens; whether there was one. When this returns, no kill MUST
    /// bring it back.
    async fn remove(&self, key: &SessionKey) -> Result<bool, StoreError>;

    /// Removes every session of this person; how many there were.
    async fn remove_all_of(&self, person: &PersonKey) -> Result<usize, StoreError>;

    /// Whether the store can be used.
    async fn check(&self) -> Result<(), StoreError>;
}
