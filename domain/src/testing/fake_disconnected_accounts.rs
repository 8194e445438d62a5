//! Disconnected accounts in a map.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;

use crate::{
    account::AccountId,
    ports::{DisconnectedAccounts, StoreError, Stored, Version},
    session::{DisconnectedAccount, SessionKey},
    time::Timestamp,
};

type Accounts = BTreeMap<(SessionKey, AccountId), Stored<DisconnectedAccount>>;

/// Disconnected accounts in a map.
#[derive(Debug, Default)]
pub struct FakeDisconnectedAccounts {
    accounts: Mutex<Accounts>,
    /// The number of writes: the version of the latest.
    writes: AtomicU64,
}

impl FakeDisconnectedAccounts {
    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl DisconnectedAccounts for FakeDisconnectedAccounts {
    async fn keep(
        &self,
        session: &SessionKey,
        disconnected: &DisconnectedAccount,
    ) -> Result<(), StoreError> {
        let key = (*session, disconnected.account.id.clone());
        let version = Version(self.writes.fetch_add(1, Ordering::Relaxed));
        self.accounts().insert(key, Stored { value: disconnected.clone(), version });
        Ok(())
    }

    async fn find(
        &self,
        session: &SessionKey,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<Stored<DisconnectedAccount>>, StoreError> {
        let found = self.accounts().get(&(*session, account.clone())).cloned();
        Ok(found.filter(|found| now < found.value.expires_at))
    }

    async fn remove(
        &self,
        session: &SessionKey,
        account: &AccountId,
        version: Version,
    ) -> Result<(), StoreError> {
        let key = (*session, account.clone());
        self.accounts().retain(|known, found| *known != key || found.version != version);
        Ok(())
    }
}
