//! Login attempts in a map.

use async_trait::async_trait;
use portico_domain::{
    login::AttemptKey,
    ports::{AttemptRecords, StoreError},
    time::Timestamp,
};

use crate::records::{Attempt, MemoryRecords};

#[async_trait]
impl AttemptRecords for MemoryRecords {
    async fn insert(
        &self,
        key: AttemptKey,
        expires_at: Timestamp,
        sealed: Vec<u8>,
    ) -> Result<(), StoreError> {
        self.maps().attempts.insert(key, Attempt { expires_at, sealed });
        Ok(())
    }

    async fn take(&self, key: &AttemptKey, now: Timestamp) -> Result<Option<Vec<u8>>, StoreError> {
        let taken = self.maps().attempts.remove(key);
        Ok(taken.filter(|attempt| now < attempt.expires_at).map(|attempt| attempt.sealed))
    }
}
