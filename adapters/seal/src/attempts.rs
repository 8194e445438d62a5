//! The domain's login attempts, sealed for their browsers' cookies.

use std::sync::Arc;

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portico_domain::{
    epoch::Epoch,
    login::{AttemptKey, FinishedLogin, PendingLogin},
    ports::{LoginAttempts, StoreError},
    secret::{SealedAttempt, SealedFinish},
    time::Timestamp,
};
use portico_records::AttemptRecords;
use zeroize::Zeroizing;

use crate::{
    records,
    seal::{RecordContext, Seal},
};

/// Login attempts, sealed. The records know which of them were spent.
pub struct SealedAttempts {
    records: Arc<dyn AttemptRecords>,
    seal: Arc<Seal>,
}

impl SealedAttempts {
    /// Seals with `seal`, and keeps in `records` which attempts were spent.
    pub fn new(records: Arc<dyn AttemptRecords>, seal: Arc<Seal>) -> Self {
        Self { records, seal }
    }
}

/// What was sealed to be stored never opens as what a browser has brought: the kind says so.
fn place(key: &AttemptKey) -> RecordContext<'_> {
    RecordContext { kind: "login attempt in a cookie", key: key.as_bytes() }
}

pub(crate) fn seal(
    seal: &Seal,
    key: &AttemptKey,
    attempt: &PendingLogin,
) -> Result<SealedAttempt, StoreError> {
    let sealed = seal.seal(place(key), &records::Attempt::of(attempt))?;
    Ok(SealedAttempt::new(BASE64_URL_SAFE_NO_PAD.encode(sealed)))
}

/// The attempt in a cookie. Why one does not open is told to nobody: anybody may send anything.
pub(crate) fn open(seal: &Seal, key: &AttemptKey, sealed: &SealedAttempt) -> Option<PendingLogin> {
    let mut sealed = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(sealed.expose()).ok()?);
    let plain = seal.open(place(key), &mut sealed).ok()?;
    records::Attempt::read(plain).ok()
}

/// Another kind: what a browser remembers of a login that has ended begins none, nor ends one.
fn place_of_finish(key: &AttemptKey) -> RecordContext<'_> {
    RecordContext { kind: "finished login in a cookie", key: key.as_bytes() }
}

#[async_trait]
impl LoginAttempts for SealedAttempts {
    async fn epoch(&self, now: Timestamp) -> Result<Epoch, StoreError> {
        self.records.epoch(now).await
    }

    fn seal(&self, key: &AttemptKey, attempt: &PendingLogin) -> Result<SealedAttempt, StoreError> {
        seal(&self.seal, key, attempt)
    }

    fn open(
        &self,
        key: &AttemptKey,
        sealed: &SealedAttempt,
        now: Timestamp,
    ) -> Option<PendingLogin> {
        open(&self.seal, key, sealed).filter(|attempt| attempt.is_live(now))
    }

    fn is_of_a_lost_key(&self, sealed: &SealedAttempt) -> bool {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed.expose());
        sealed.is_ok_and(|sealed| self.seal.is_of_a_lost_key(&sealed))
    }

    async fn spend(&self, key: &AttemptKey, epoch: Epoch) -> Result<bool, StoreError> {
        self.records.spend(key, epoch).await
    }

    fn seal_finish(
        &self,
        key: &AttemptKey,
        finished: &FinishedLogin,
    ) -> Result<SealedFinish, StoreError> {
        let sealed = self.seal.seal(place_of_finish(key), &records::Finished::of(finished))?;
        Ok(SealedFinish::new(BASE64_URL_SAFE_NO_PAD.encode(sealed)))
    }

    fn open_finish(
        &self,
        key: &AttemptKey,
        sealed: &SealedFinish,
        now: Timestamp,
    ) -> Option<FinishedLogin> {
        let mut sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed.expose()).ok()?;
        let plain = self.seal.open(place_of_finish(key), &mut sealed).ok()?;
        records::Finished::read(plain).ok().filter(|finished| finished.is_live(now))
    }
}
