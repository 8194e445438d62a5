//! The keys that sign session tokens, in one sealed record.

use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::{
    ports::{StoreError, Stored, StoredSigningKeys, Version, Written},
    signing::SigningKeys,
    time::Timestamp,
};
use portico_records::{Batch, Committed, Key, Kind, Put, Records};
use zeroize::Zeroizing;

use crate::{
    records,
    seal::{RecordContext, Seal},
};

/// The record does not expire.
const ANY_TIME: Timestamp = Timestamp::from_unix_seconds(0);

const CONTEXT: RecordContext<'static> = RecordContext { kind: "signing keys", key: &[] };

/// The keys that sign session tokens, sealed.
pub struct SealedSigningKeys {
    records: Arc<dyn Records>,
    seal: Arc<Seal>,
}

impl SealedSigningKeys {
    /// Stores them in `records`.
    pub fn new(records: Arc<dyn Records>, seal: Arc<Seal>) -> Self {
        Self { records, seal }
    }
}

fn key() -> Key {
    Key::new(Kind::Note, &CONTEXT.digest())
}

#[async_trait]
impl StoredSigningKeys for SealedSigningKeys {
    async fn load(&self) -> Result<Option<Stored<SigningKeys>>, StoreError> {
        let Some(found) = self.records.get(&key(), ANY_TIME).await? else { return Ok(None) };
        let Stored { value, version } = found;
        let is_former = self.seal.is_sealed_by_former_key(&value);
        let mut sealed = Zeroizing::new(value);
        let plain = self.seal.open(CONTEXT, &mut sealed).ok();
        let read = plain.and_then(|plain| {
            Some(records::decode::<records::SigningKeys<'_>>(plain).ok()?.value())
        });
        let keys = read.unwrap_or_default();
        if is_former && !keys.all().is_empty() {
            // So that they outlive the removal of the key that sealed them. Another node may be first.
            let _ = self.save(Some(version), &keys).await?;
            let version = self.records.version(&key(), ANY_TIME).await?.unwrap_or(version);
            return Ok(Some(Stored { value: keys, version }));
        }
        Ok(Some(Stored { value: keys, version }))
    }

    async fn save(
        &self,
        expected: Option<Version>,
        keys: &SigningKeys,
    ) -> Result<Written, StoreError> {
        let bytes = self.seal.seal(CONTEXT, &records::SigningKeys::of(keys))?;
        let put = vec![Put { key: key(), bytes, expires_at: None, owners: vec![], refers: vec![] }];
        let require = vec![(key(), expected)];
        let batch = Batch { now: ANY_TIME, require, put, ..Batch::default() };
        Ok(match self.records.commit(batch).await? {
            Committed::Done { .. } => Written::Done,
            Committed::Conflict => Written::Conflict,
        })
    }
}
