//! The domain's login attempts, over sealed records.

use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::{
    login::{AttemptKey, PendingLogin},
    ports::{AttemptRecords, LoginAttempts, StoreError},
    time::Timestamp,
};
use zeroize::Zeroizing;

use crate::{
    records::v1,
    seal::{Place, Seal},
};

/// Login attempts, sealed.
pub struct SealedAttempts {
    records: Arc<dyn AttemptRecords>,
    seal: Arc<Seal>,
}

impl SealedAttempts {
    /// Keeps attempts in `records`.
    pub fn new(records: Arc<dyn AttemptRecords>, seal: Arc<Seal>) -> Self {
        Self { records, seal }
    }
}

fn place(key: &AttemptKey) -> Place<'_> {
    Place { kind: "login attempt", key: key.as_bytes() }
}

#[async_trait]
impl LoginAttempts for SealedAttempts {
    async fn begin(&self, key: AttemptKey, attempt: &PendingLogin) -> Result<(), StoreError> {
        let sealed = self.seal.seal(place(&key), &v1::Attempt::of(attempt))?;
        self.records.insert(key, attempt.expires_at, sealed).await
    }

    async fn consume(
        &self,
        key: &AttemptKey,
        now: Timestamp,
    ) -> Result<Option<PendingLogin>, StoreError> {
        let Some(sealed) = self.records.take(key, now).await? else { return Ok(None) };
        let (place, mut sealed) = (place(key), Zeroizing::new(sealed));
        let plain = self.seal.open(place, &mut sealed)?;
        let attempt = v1::Attempt::read(plain).map_err(|why| place.unreadable(&why))?;
        // The store's `expires_at` is not sealed.
        Ok(Some(attempt).filter(|attempt| now < attempt.expires_at))
    }
}
