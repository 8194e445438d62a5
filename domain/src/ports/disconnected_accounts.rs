//! The store of disconnected accounts.

use async_trait::async_trait;

use super::{StoreError, Stored, Version};
use crate::{
    account::AccountId,
    session::{DisconnectedAccount, SessionKey},
    time::Timestamp,
};

/// The accounts that were disconnected from a session and can still be restored to it.
#[async_trait]
pub trait DisconnectedAccounts: Send + Sync {
    /// Stores an account that was disconnected from this session. It replaces one of the same id.
    async fn keep(
        &self,
        session: &SessionKey,
        disconnected: &DisconnectedAccount,
    ) -> Result<(), StoreError>;

    /// The disconnected account; `None` if there is none, or it expired by `now`.
    async fn find(
        &self,
        session: &SessionKey,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<Stored<DisconnectedAccount>>, StoreError>;

    /// Removes the disconnected account if it is of this version: one that was disconnected later stays.
    async fn remove(
        &self,
        session: &SessionKey,
        account: &AccountId,
        version: Version,
    ) -> Result<(), StoreError>;
}
