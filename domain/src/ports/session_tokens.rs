//! The tokens of sessions, for the use cases that send them.

use async_trait::async_trait;

use super::{StoreError, Stored, Version, Written};
use crate::{
    account::AccountId,
    session::{SessionKey, TokenSet},
    time::Timestamp,
};

/// The tokens of sessions. The tokens of each account have a version of their own, so that a refresh
/// writes neither the session nor the tokens of another account, and conflicts with neither.
#[async_trait]
pub trait SessionTokens: Send + Sync {
    /// The tokens of one account of one session; `None` if there are none, or the session expired by
    /// `now`.
    async fn find_tokens(
        &self,
        key: &SessionKey,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<Stored<TokenSet>>, StoreError>;

    /// Replaces the tokens of the account if they still have the version `expected`.
    ///
    /// An adapter MUST NOT change the session or its version. If the session or the account was removed
    /// meanwhile, the result MUST be a conflict.
    async fn swap_tokens(
        &self,
        key: &SessionKey,
        account: &AccountId,
        expected: Version,
        tokens: &TokenSet,
        now: Timestamp,
    ) -> Result<Written, StoreError>;
}
