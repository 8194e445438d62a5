//! The domain's undecided logins, over sealed records. Their kind and owner differ from those of
//! sessions, so that they are neither found nor counted as sessions.

use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::{
    decision::{DecisionKey, MAX_UNDECIDED, Undecided},
    ports::{Decisions, StoreError},
    time::Timestamp,
};
use portico_records::{Batch, Committed, Key, Kind, Owner, Put, Records};
use zeroize::Zeroizing;

use crate::{
    records,
    seal::{RecordContext, Seal},
};

/// Logins that wait for a choice, sealed.
pub struct SealedDecisions {
    records: Arc<dyn Records>,
    seal: Arc<Seal>,
}

impl SealedDecisions {
    /// Stores undecided logins in `records`.
    pub fn new(records: Arc<dyn Records>, seal: Arc<Seal>) -> Self {
        Self { records, seal }
    }

    async fn read(
        &self,
        key: &DecisionKey,
        now: Timestamp,
    ) -> Result<Option<Undecided>, StoreError> {
        let found = self.records.get(&record_key(key), now).await?;
        let Some(found) = found else { return Ok(None) };
        let mut sealed = Zeroizing::new(found.value);
        // An unreadable record counts as absent, as after a key was removed: the person signs in again.
        let Ok(plain) = self.seal.open(context(key), &mut sealed) else { return Ok(None) };
        let Ok(undecided) = records::Undecided::read(plain) else { return Ok(None) };
        // The sealed expiry decides: the store's `expires_at` is not authenticated.
        Ok(Some(undecided).filter(|undecided| now < undecided.expires_at))
    }
}

fn context(key: &DecisionKey) -> RecordContext<'_> {
    RecordContext { kind: "undecided login", key: key.as_bytes() }
}

fn record_key(key: &DecisionKey) -> Key {
    Key::new(Kind::Decision, key.as_bytes())
}

/// The owner of a person's undecided logins, derived from the owner of their sessions.
fn owner(person: &Owner) -> Owner {
    Owner::from_bytes(RecordContext { kind: "undecided of", key: person.as_bytes() }.digest())
}

#[async_trait]
impl Decisions for SealedDecisions {
    async fn keep(&self, key: DecisionKey, undecided: &Undecided) -> Result<(), StoreError> {
        let person = &undecided.login.person;
        let owners = self.seal.namers().rev().map(|namer| owner(&namer.person(person)));
        let owners: Vec<_> = owners.collect();
        let sealed = self.seal.seal(context(&key), &records::Undecided::of(undecided))?;
        let put = vec![Put {
            key: record_key(&key),
            bytes: sealed,
            expires_at: Some(undecided.expires_at),
            owners: vec![owner(&self.seal.namer().person(person))],
            refers: vec![],
        }];
        let _ = self.records.commit(Batch { put, ..Batch::default() }).await?;
        let mut all = Vec::new();
        for owner in &owners {
            all.extend(self.records.owned_by(owner).await?);
        }
        let excess = all.len().saturating_sub(MAX_UNDECIDED);
        let remove = all.into_iter().take(excess).map(|oldest| oldest.key).collect();
        let _ = self.records.commit(Batch { remove, ..Batch::default() }).await?;
        Ok(())
    }

    async fn find(
        &self,
        key: &DecisionKey,
        now: Timestamp,
    ) -> Result<Option<Undecided>, StoreError> {
        self.read(key, now).await
    }

    async fn take(
        &self,
        key: &DecisionKey,
        now: Timestamp,
    ) -> Result<Option<Undecided>, StoreError> {
        let Some(undecided) = self.read(key, now).await? else { return Ok(None) };
        let batch = Batch { remove: vec![record_key(key)], ..Batch::default() };
        // Of concurrent callers one removes it. It is never overwritten, so that is the one it has read.
        let taken = matches!(self.records.commit(batch).await?, Committed::Done { removed: 1.. });
        Ok(taken.then_some(undecided))
    }
}
