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

/// Login attempts, sealed for cookies. The store keeps which of them were spent.
pub struct SealedAttempts {
    records: Arc<dyn AttemptRecords>,
    seal: Arc<Seal>,
}

impl SealedAttempts {
    /// Seals with `seal` and marks spent attempts in `records`.
    pub fn new(records: Arc<dyn AttemptRecords>, seal: Arc<Seal>) -> Self {
        Self { records, seal }
    }
}

/// A kind of its own: a sealed record of the store does not open as a cookie.
fn attempt_context(key: &AttemptKey) -> RecordContext<'_> {
    RecordContext { kind: "login attempt in a cookie", key: key.as_bytes() }
}

pub(crate) fn seal(
    seal: &Seal,
    key: &AttemptKey,
    attempt: &PendingLogin,
) -> Result<SealedAttempt, StoreError> {
    let sealed = seal.seal(attempt_context(key), &records::Attempt::of(attempt))?;
    Ok(SealedAttempt::new(BASE64_URL_SAFE_NO_PAD.encode(sealed)))
}

/// Opens the attempt in a cookie. The reason of a failure is neither returned nor logged: clients can
/// send arbitrary cookies.
pub(crate) fn open(seal: &Seal, key: &AttemptKey, sealed: &SealedAttempt) -> Option<PendingLogin> {
    let mut sealed = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(sealed.expose()).ok()?);
    let plain = seal.open(attempt_context(key), &mut sealed).ok()?;
    records::Attempt::read(plain).ok()
}

/// A kind of its own: a finished login does not open as an attempt, nor the other way round.
fn finish_context(key: &AttemptKey) -> RecordContext<'_> {
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

    fn is_sealed_with_unknown_key(&self, sealed: &SealedAttempt) -> bool {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed.expose());
        sealed.is_ok_and(|sealed| self.seal.is_sealed_with_unknown_key(&sealed))
    }

    async fn spend(&self, key: &AttemptKey, epoch: Epoch) -> Result<bool, StoreError> {
        self.records.spend(key, epoch).await
    }

    fn seal_finish(
        &self,
        key: &AttemptKey,
        finished: &FinishedLogin,
    ) -> Result<SealedFinish, StoreError> {
        let sealed = self.seal.seal(finish_context(key), &records::Finished::of(finished))?;
        Ok(SealedFinish::new(BASE64_URL_SAFE_NO_PAD.encode(sealed)))
    }

    fn open_finish(
        &self,
        key: &AttemptKey,
        sealed: &SealedFinish,
        now: Timestamp,
    ) -> Option<FinishedLogin> {
        let mut sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed.expose()).ok()?;
        let plain = self.seal.open(finish_context(key), &mut sealed).ok()?;
        records::Finished::read(plain).ok().filter(|finished| finished.is_live(now))
    }
}
