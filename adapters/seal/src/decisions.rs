//! The domain's undecided logins, over sealed records. They are kept as sessions are, under a key
//! and an owner of their own, so that no session is ever found there and none is counted.

use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::{
    decision::{DecisionKey, MAX_UNDECIDED, Undecided},
    identity::PersonKey,
    ports::{Commit, Committed, Decisions, SessionRecord, SessionRecords, StoreError, Version},
    session::SessionKey,
    time::Timestamp,
};
use zeroize::Zeroizing;

use crate::{
    records::v1,
    seal::{RecordContext, Seal},
};

/// Undecided logins, sealed.
pub struct SealedDecisions {
    records: Arc<dyn SessionRecords>,
    seal: Arc<Seal>,
}

impl SealedDecisions {
    /// Keeps them in `records`.
    pub fn new(records: Arc<dyn SessionRecords>, seal: Arc<Seal>) -> Self {
        Self { records, seal }
    }

    async fn read(
        &self,
        key: &DecisionKey,
        now: Timestamp,
    ) -> Result<Option<(Undecided, Version)>, StoreError> {
        let found = self.records.find(&row(key), now).await?;
        let Some(found) = found else { return Ok(None) };
        let (place, mut sealed) = (place(key), Zeroizing::new(found.value));
        // One that cannot be read is none: its key is gone, and the person begins anew.
        let Ok(plain) = self.seal.open(place, &mut sealed) else { return Ok(None) };
        let Ok(undecided) = v1::Undecided::read(plain) else { return Ok(None) };
        // The store's `expires_at` is not sealed.
        Ok(Some((undecided, found.version)).filter(|(undecided, _)| now < undecided.expires_at))
    }
}

fn place(key: &DecisionKey) -> RecordContext<'_> {
    RecordContext { kind: "undecided login", key: key.as_bytes() }
}

/// Where the record stands. The place is part of its key, so that a cookie of one kind names
/// nothing of the other.
fn row(key: &DecisionKey) -> SessionKey {
    SessionKey::from_bytes(place(key).digest())
}

/// Whom a store counts the record to: made of the name that it knows the person by.
fn owner(person: &PersonKey) -> PersonKey {
    PersonKey::from_bytes(RecordContext { kind: "undecided of", key: person.as_bytes() }.digest())
}

#[async_trait]
impl Decisions for SealedDecisions {
    async fn keep(&self, key: DecisionKey, undecided: &Undecided) -> Result<(), StoreError> {
        let names = self.seal.namers().rev().map(|it| owner(&it.person(&undecided.arrival.person)));
        let names: Vec<_> = names.collect();
        let person = owner(&self.seal.namer().person(&undecided.arrival.person));
        let sealed = self.seal.seal(place(&key), &v1::Undecided::of(undecided))?;
        let record = SessionRecord { person, expires_at: undecided.expires_at, sealed };
        self.records.insert(row(&key), record, vec![]).await?;
        let mut all = Vec::new();
        for name in &names {
            all.extend(self.records.sessions_of(name).await?);
        }
        let over = all.len().saturating_sub(MAX_UNDECIDED);
        for oldest in &all[..over] {
            self.records.remove(&oldest.key).await?;
        }
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
        let session_is = Some((row, version));
        let commit = Commit { now, session_is, remove: vec![row], ..Commit::default() };
        let taken = matches!(self.records.commit(commit).await?, Committed::Done { .. });
        Ok(taken.then_some(undecided))
    }
}
