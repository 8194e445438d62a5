//! Spent login attempts in a set.

use async_trait::async_trait;
use portico_domain::{
    epoch::{CurrentEpoch, Epoch},
    login::AttemptKey,
    ports::{AttemptRecords, StoreError},
    time::Timestamp,
};

use crate::records::MemoryRecords;

#[async_trait]
impl AttemptRecords for MemoryRecords {
    async fn epoch(&self, now: Timestamp) -> Result<Epoch, StoreError> {
        let known = &mut self.maps().epoch;
        let current = known.unwrap_or(CurrentEpoch::first(now));
        let current = current.next(now).unwrap_or(current);
        *known = Some(current);
        Ok(current.epoch)
    }

    async fn spend(&self, key: &AttemptKey, epoch: Epoch) -> Result<bool, StoreError> {
        let mut maps = self.maps();
        let taken = maps.epoch.is_some_and(|current| current.takes(epoch));
        Ok(taken && maps.spent.insert((epoch, *key)))
    }
}
