//! The domain's undecided logins, over sealed records. They are roots of a kind and
//! an owner of their own, so that no session is ever found there and none is counted.

use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::{
    decision::{DecisionKey, MAX_UNDECIDED, Undecided},
    ports::{Decisions, StoreError, Version},
    time::Timestamp,
};
use portico_records::{Batch, Committed, Key, Kind, Owner, Put, Records};
use zeroize::Zeroizing;

use crate::{
    records,
    seal::{RecordContext, Seal},
};

/// Undecided logins, sealed.
pub struct SealedDecisions {
    records: Arc<dyn Records>,
    seal: Arc<Seal>,
}

impl SealedDecisions {
    /// Keeps them in `records`.
    pub fn new(records: Arc<dyn Records>, seal: Arc<Seal>) -> Self {
        Self { records, seal }
    }

    async fn read(
        &self,
        key: &DecisionKey,
        now: Timestamp,
    ) -> Result<Option<(Undecided, Version)>, StoreError> {
        let found = self.records.get(&row(key), now).await?;
        let Some(found) = found else { return Ok(None) };
        let (place, mut sealed) = (place(key), Zeroizing::new(found.value));
        // One that cannot be read is none: its key is gone, and the person begins anew.
        let Ok(plain) = self.seal.open(place, &mut sealed) else { return Ok(None) };
        let Ok(undecided) = records::Undecided::read(plain) else { return Ok(None) };
        // The store's `expires_at` is not sealed.
        Ok(Some((undecided, found.version)).filter(|(undecided, _)| now < undecided.expires_at))
    }
}

fn place(key: &DecisionKey) -> RecordContext<'_> {
    RecordContext { kind: "undecided login", key: key.as_bytes() }
}

fn row(key: &DecisionKey) -> Key {
    Key::new(Kind::Decision, key.as_bytes())
}

/// Whom a store counts the record to: made of the name that it knows the person by.
fn owner(person: &Owner) -> Owner {
    Owner::from_bytes(RecordContext { kind: "undecided of", key: person.as_bytes() }.digest())
}

#[async_trait]
impl Decisions for SealedDecisions {
    async fn keep(&self, key: DecisionKey, undecided: &Undecided) -> Result<(), StoreError> {
        let names = self.seal.namers().rev().map(|it| owner(&it.person(&undecided.arrival.person)));
        let names: Vec<_> = names.collect();
        let person = owner(&self.seal.namer().person(&undecided.arrival.person));
        let sealed = self.seal.seal(place(&key), &records::Undecided::of(undecided))?;
        let put = vec![Put {
            key: row(&key),
            bytes: sealed,
            expires_at: Some(undecided.expires_at),
            owner: Some(person),
            refers: vec![],
        }];
        let _ = self.records.commit(Batch { put, ..Batch::default() }).await?;
        let mut all = Vec::new();
        for name in &names {
            all.extend(self.records.owned_by(name).await?);
        }
        let over = all.len().saturating_sub(MAX_UNDECIDED);
        let remove = all.into_iter().take(over).map(|oldest| oldest.key).collect();
        let _ = self.records.commit(Batch { remove, ..Batch::default() }).await?;
        Ok(())
    }

    async fn find(
        &self,
        key: &DecisionKey,
        now: Timestamp,
    ) -> Result<Option<Undecided>, StoreError> {
        Ok(self.read(key, now).await?.map(|(undecided, _)| undecided))
    }

    async fn take(
        &self,
        key: &DecisionKey,
        now: Timestamp,
    ) -> Result<Option<Undecided>, StoreError> {
        let Some((undecided, version)) = self.read(key, now).await? else { return Ok(None) };
        let row = row(key);
        let require = vec![(row.clone(), Some(version))];
        let batch = Batch { now, require, remove: vec![row], ..Batch::default() };
        let taken = matches!(self.records.commit(batch).await?, Committed::Done { .. });
        Ok(taken.then_some(undecided))
    }
}
