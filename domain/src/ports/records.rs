//! What a store keeps: sealed records, under keys that tell nothing.
//!
//! The use cases hold [`super::Sessions`], [`super::SessionTokens`] and [`super::LoginAttempts`];
//! one adapter turns those into sealed bytes and these ports into any database. So no store ever
//! sees a claim or a token, and a new one has only bytes to keep.

use async_trait::async_trait;

use super::{StoreError, Stored, Version, Written};
use crate::{
    account::AccountId,
    epoch::Epoch,
    identity::PersonKey,
    login::AttemptKey,
    session::{SessionKey, SessionSize},
    time::Timestamp,
};

/// A session as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Whose it is, to end all of a person's sessions.
    pub person: PersonKey,
    /// After this it MUST NOT be found, and may be forgotten.
    pub expires_at: Timestamp,
    /// The sealed session.
    pub sealed: Vec<u8>,
}

/// Sealed tokens by account.
pub type TokenRecords = Vec<(AccountId, Vec<u8>)>;

/// What a store knows a [`Mark`] by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MarkKey([u8; 32]);

impl MarkKey {
    /// The key of these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key as a store keeps it.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A small record beside the sessions: why one ended, who signed out everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What it is known by.
    pub key: MarkKey,
    /// After this it MUST NOT be found, and may be forgotten.
    pub expires_at: Timestamp,
    /// The sealed record.
    pub sealed: Vec<u8>,
}

/// Changes of sessions and marks, and what must be true for them.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// The time; marks that expired by it are not there.
    pub now: Timestamp,
    /// A session that must still have this version.
    pub session_is: Option<(SessionKey, Version)>,
    /// Marks that must still be as they were read.
    pub marks_are: Vec<(MarkKey, Option<Vec<u8>>)>,
    /// Sessions that are removed with their tokens.
    pub remove: Vec<SessionKey>,
    /// People whose sessions are all removed, before anything is written.
    pub remove_all_of: Vec<PersonKey>,
    /// A session that is written.
    pub write: Option<SessionWrite>,
    /// Marks that are written in the place of those of the same keys.
    pub marks: Vec<Mark>,
}

/// A session that is written.
#[derive(Clone, Debug)]
pub struct SessionWrite {
    /// Where it stands from now on.
    pub key: SessionKey,
    /// The session.
    pub record: SessionRecord,
    /// Tokens that are written, in the place of those of the same accounts.
    pub tokens: TokenRecords,
    /// The session, [`Commit::session_is`], that this one was: its other tokens go along, the version
    /// goes on, and where the key is another one the old is removed. `None` begins a session.
    pub from: Option<SessionKey>,
    /// Accounts whose tokens do not go along.
    pub without: Vec<AccountId>,
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Committed {
    /// It is written.
    Done {
        /// How many sessions were removed, that which moved not counted.
        removed: usize,
    },
    /// Something is not as it must be; nothing was changed.
    Conflict,
}

impl Committed {
    fn written(self) -> Written {
        match self {
            Self::Done { .. } => Written::Done,
            Self::Conflict => Written::Conflict,
        }
    }

    fn removed(self) -> usize {
        match self {
            Self::Done { removed } => removed,
            Self::Conflict => 0,
        }
    }
}

/// A session that moves to a new key.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// The version that the old one must still have.
    pub expected: Version,
    /// The new key.
    pub to: SessionKey,
    /// What stands there.
    pub record: SessionRecord,
}

/// What is known of login attempts. The promises are those of [`super::LoginAttempts`].
#[async_trait]
pub trait AttemptRecords: Send + Sync {
    /// The epoch that attempts begin in now, as [`crate::epoch::CurrentEpoch`] says.
    async fn epoch(&self, now: Timestamp) -> Result<Epoch, StoreError>;

    /// Marks an attempt as spent, for one caller at most.
    async fn spend(&self, key: &AttemptKey, epoch: Epoch) -> Result<bool, StoreError>;
}

/// Sealed sessions and tokens. The promises are those of [`super::Sessions`].
#[async_trait]
pub trait SessionRecords: Send + Sync {
    /// Makes these changes if all is as they say it must be.
    ///
    /// An adapter MUST check and write in one piece, and when it returns the changes MUST survive a
    /// kill and a loss of power.
    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError>;

    /// The sealed session. One that expired by `now` MUST be removed before this returns `None`.
    async fn find(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Stored<Vec<u8>>>, StoreError>;

    /// The version of the sealed session alone.
    async fn version(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Version>, StoreError>;

    /// The sealed tokens of one account.
    async fn find_tokens(
        &self,
        key: &SessionKey,
        account: &AccountId,
    ) -> Result<Option<Vec<u8>>, StoreError>;

    /// The sealed mark.
    async fn mark(&self, key: &MarkKey, now: Timestamp) -> Result<Option<Vec<u8>>, StoreError>;

    /// Every session of this person with its size, in the order in which commits that began or
    /// moved them were made.
    async fn sessions_of(&self, person: &PersonKey) -> Result<Vec<SessionSize>, StoreError>;

    /// Forgets what expired by `now` and spent attempts of epochs that are over, at most `limit` of
    /// it; how much.
    async fn purge_expired(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;

    /// Sessions that expire after `latest`, those that expire last first, at most `limit` of them.
    async fn expiring_after(
        &self,
        latest: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError>;

    /// Whether the store can be used.
    async fn check(&self) -> Result<(), StoreError>;

    /// Keeps a new session and its tokens.
    async fn insert(
        &self,
        key: SessionKey,
        record: SessionRecord,
        tokens: TokenRecords,
    ) -> Result<(), StoreError> {
        let write = SessionWrite { key, record, tokens, from: None, without: vec![] };
        self.commit(Commit { write: Some(write), ..Commit::default() }).await.map(drop)
    }

    /// Compare-and-swap on the version.
    async fn replace(
        &self,
        key: &SessionKey,
        expected: Version,
        record: SessionRecord,
        tokens: TokenRecords,
    ) -> Result<Written, StoreError> {
        self.rotate(key, Renewal { expected, to: *key, record }, tokens).await
    }

    /// Compare-and-swap that moves the session, and every token that `tokens` does not replace.
    async fn rotate(
        &self,
        from: &SessionKey,
        renewal: Renewal,
        tokens: TokenRecords,
    ) -> Result<Written, StoreError> {
        let Renewal { expected, to, record } = renewal;
        let write = SessionWrite { key: to, record, tokens, from: Some(*from), without: vec![] };
        let session_is = Some((*from, expected));
        let commit = Commit { session_is, write: Some(write), ..Commit::default() };
        Ok(self.commit(commit).await?.written())
    }

    /// Removes a session and its tokens; whether there was one.
    async fn remove(&self, key: &SessionKey) -> Result<bool, StoreError> {
        let commit = Commit { remove: vec![*key], ..Commit::default() };
        Ok(self.commit(commit).await?.removed() > 0)
    }

    /// Removes every session of this person; how many there were.
    async fn remove_all_of(&self, person: &PersonKey) -> Result<usize, StoreError> {
        let commit = Commit { remove_all_of: vec![*person], ..Commit::default() };
        Ok(self.commit(commit).await?.removed())
    }
}
