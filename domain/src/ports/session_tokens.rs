//! The tokens of sessions, for the few use cases that spend them.

use async_trait::async_trait;

use super::{StoreError, Stored, Version, Written};
use crate::{
    account::AccountId,
    session::{SessionKey, TokenSet},
    time::Timestamp,
};

/// The tokens of sessions. Those of one account have a version of their own, so that whoever gets new
/// ones writes neither the session nor the tokens of another account, and is in nobody's way.
#[async_trait]
pub trait SessionTokens: Send + Sync {
    /// The tokens of one account of one session; `None` where there are none, or the session expired by
    /// `now`.
    async fn find_tokens(
        &self,
        key: &SessionKey,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<Stored<TokenSet>>, StoreError>;

    /// Writes new tokens if those of the account still have the version `expected`.
    ///
    /// An adapter MUST leave the session as it is, its version with it, and MUST NOT bring back tokens
    /// of a session or an account that has gone meanwhile: that is a conflict.
    async fn swap_tokens(
        &self,
        key: &SessionKey,
        account: &AccountId,
        expected: Version,
        tokens: &TokenSet,
        now: Timestamp,
    ) -> Result<Written, StoreError>;
}
