//! The domain's disconnected accounts, over sealed records.

use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::{
    account::AccountId,
    ports::{DisconnectedAccounts, StoreError, Stored, Version},
    session::{DisconnectedAccount, SessionKey},
    time::Timestamp,
};
use portico_records::{Batch, Key, Kind, Put, Records};
use zeroize::Zeroizing;

use crate::{
    records,
    seal::{RecordContext, Seal},
};

/// Accounts that can be restored, sealed.
pub struct SealedDisconnected {
    records: Arc<dyn Records>,
    seal: Arc<Seal>,
}

impl SealedDisconnected {
    /// Stores disconnected accounts in `records`.
    pub fn new(records: Arc<dyn Records>, seal: Arc<Seal>) -> Self {
        Self { records, seal }
    }
}

/// The id of the record: a digest, since a key of a record has at most 32 bytes.
fn record_id(session: &SessionKey, account: &AccountId) -> [u8; 32] {
    let key = [session.as_bytes().as_slice(), account.as_str().as_bytes()].concat();
    RecordContext { kind: "key of a disconnected account", key: &key }.digest()
}

fn context(id: &[u8; 32]) -> RecordContext<'_> {
    RecordContext { kind: "disconnected account", key: id }
}

#[async_trait]
impl DisconnectedAccounts for SealedDisconnected {
    async fn keep(
        &self,
        session: &SessionKey,
        disconnected: &DisconnectedAccount,
    ) -> Result<(), StoreError> {
        let id = record_id(session, &disconnected.account.id);
        let bytes = self.seal.seal(context(&id), &records::Disconnected::of(disconnected))?;
        let put = vec![Put {
            key: Key::new(Kind::Disconnected, &id),
            bytes,
            expires_at: Some(disconnected.expires_at),
            owners: vec![],
            refers: vec![],
        }];
        let _ = self.records.commit(Batch { put, ..Batch::default() }).await?;
        Ok(())
    }

    async fn find(
        &self,
        session: &SessionKey,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<Stored<DisconnectedAccount>>, StoreError> {
        let id = record_id(session, account);
        let found = self.records.get(&Key::new(Kind::Disconnected, &id), now).await?;
        let Some(found) = found else { return Ok(None) };
        let Stored { value, version } = found;
        let mut sealed = Zeroizing::new(value);
        // An unreadable record counts as absent, as after a key was removed: the person connects again.
        let Ok(plain) = self.seal.open(context(&id), &mut sealed) else { return Ok(None) };
        let Ok(disconnected) = records::Disconnected::read(plain) else { return Ok(None) };
        // The sealed expiry decides: the store's `expires_at` is not authenticated.
        let is_live = now < disconnected.expires_at;
        Ok(is_live.then_some(Stored { value: disconnected, version }))
    }

    async fn remove(
        &self,
        session: &SessionKey,
        account: &AccountId,
        version: Version,
    ) -> Result<(), StoreError> {
        let key = Key::new(Kind::Disconnected, &record_id(session, account));
        let require = vec![(key.clone(), Some(version))];
        let _ =
            self.records.commit(Batch { require, remove: vec![key], ..Batch::default() }).await?;
        Ok(())
    }
}
