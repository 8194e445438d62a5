//! Login attempts in a map.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;

use crate::{
    login::{AttemptKey, PendingLogin},
    ports::{LoginAttempts, StoreError},
    time::Timestamp,
};

/// Login attempts in a map.
#[derive(Debug, Default)]
pub struct FakeLoginAttempts(Mutex<HashMap<AttemptKey, PendingLogin>>);

impl FakeLoginAttempts {
    /// How many there are, expired ones with them.
    pub fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

#[async_trait]
impl LoginAttempts for FakeLoginAttempts {
    async fn begin(&self, key: AttemptKey, attempt: &PendingLogin) -> Result<(), StoreError> {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.insert(key, attempt.clone());
        Ok(())
    }

    async fn consume(
        &self,
        key: &AttemptKey,
        now: Timestamp,
    ) -> Result<Option<PendingLogin>, StoreError> {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(attempts.remove(key).filter(|attempt| now < attempt.expires_at))
    }
}
