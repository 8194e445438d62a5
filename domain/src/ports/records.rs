//! What a store keeps: sealed records, under keys that tell nothing.
//!
//! The use cases hold [`super::Sessions`], [`super::SessionTokens`] and [`super::LoginAttempts`];
//! one adapter turns those into sealed bytes and these ports into any database. So no store ever
//! sees a claim or a token, and a new one has only bytes to keep.

use async_trait::async_trait;

use super::{StoreError, Stored, Version, Written};
use crate::{
    account::AccountId, epoch::Epoch, identity::PersonKey, login::AttemptKey, session::SessionKey,
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
    /// Keeps a new session and its tokens.
    async fn insert(
        &self,
        key: SessionKey,
        record: SessionRecord,
        tokens: TokenRecords,
    ) -> Result<(), StoreError>;

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

    /// Compare-and-swap on the version.
    async fn replace(
        &self,
        key: &SessionKey,
        expected: Version,
        record: SessionRecord,
        tokens: TokenRecords,
    ) -> Result<Written, StoreError>;

    /// Compare-and-swap that moves the session, and every token that `tokens` does not replace.
    async fn rotate(
        &self,
        from: &SessionKey,
        renewal: Renewal,
        tokens: TokenRecords,
    ) -> Result<Written, StoreError>;

    /// Removes a session and its tokens; whether there was one.
    async fn remove(&self, key: &SessionKey) -> Result<bool, StoreError>;

    /// Removes every session of this person; how many there were.
    async fn remove_all_of(&self, person: &PersonKey) -> Result<usize, StoreError>;

    /// Forgets sessions that expired by `now` and spent attempts of epochs that are over, at most
    /// `limit` of them; how many.
    async fn purge_expired(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;

    /// Sessions that expire after `latest`, those that expire last first, at most `limit` of them.
    async fn expiring_after(
        &self,
        latest: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError>;

    /// Whether the store can be used.
    async fn check(&self) -> Result<(), StoreError>;
}
