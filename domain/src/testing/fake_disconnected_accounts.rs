//! Disconnected accounts in a map.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use crate::{
    account::AccountId,
    ports::{DisconnectedAccounts, StoreError},
    session::{DisconnectedAccount, SessionKey},
    time::Timestamp,
};

type Accounts = BTreeMap<(SessionKey, AccountId), DisconnectedAccount>;

/// Disconnected accounts in a map.
#[derive(Debug, Default)]
pub struct FakeDisconnectedAccounts(Mutex<Accounts>);

impl FakeDisconnectedAccounts {
    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.accounts().insert(key, disconnected.clone());
        Ok(())
    }

    async fn find(
        &self,
        session: &SessionKey,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<DisconnectedAccount>, StoreError> {
        let found = self.accounts().get(&(*session, account.clone())).cloned();
        Ok(found.filter(|found| now < found.expires_at))
    }

    async fn remove(&self, session: &SessionKey, account: &AccountId) -> Result<(), StoreError> {
        self.accounts().remove(&(*session, account.clone()));
        Ok(())
    }
}
