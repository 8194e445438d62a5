//! Login attempts in maps.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use crate::{
    login::{AttemptKey, CurrentEpoch, Epoch, FinishedLogin, PendingLogin},
    ports::{LoginAttempts, StoreError},
    secret::{SealedAttempt, SealedFinish},
    time::Timestamp,
};

/// Login attempts in maps. A sealed attempt is the name of its entry.
#[derive(Debug, Default)]
pub struct FakeLoginAttempts(Mutex<Maps>);

#[derive(Debug, Default)]
struct Maps {
    sealed: HashMap<(AttemptKey, String), PendingLogin>,
    finished: HashMap<(AttemptKey, String), FinishedLogin>,
    current: Option<CurrentEpoch>,
    spent: HashSet<AttemptKey>,
}

impl FakeLoginAttempts {
    /// How many were spent.
    pub fn spent(&self) -> usize {
        self.maps().spent.len()
    }

    /// How many were sealed.
    pub fn sealed(&self) -> usize {
        self.maps().sealed.len()
    }

    fn maps(&self) -> MutexGuard<'_, Maps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl LoginAttempts for FakeLoginAttempts {
    async fn epoch(&self, now: Timestamp) -> Result<Epoch, StoreError> {
        let mut maps = self.maps();
        let current = maps.current.unwrap_or(CurrentEpoch::first(now));
        let current = current.next(now).unwrap_or(current);
        maps.current = Some(current);
        Ok(current.epoch)
    }

    fn seal(&self, key: &AttemptKey, attempt: &PendingLogin) -> Result<SealedAttempt, StoreError> {
        let mut maps = self.maps();
        let name = format!("sealed-{}", maps.sealed.len());
        maps.sealed.insert((*key, name.clone()), attempt.clone());
        Ok(SealedAttempt::new(name))
    }

    fn open(
        &self,
        key: &AttemptKey,
        sealed: &SealedAttempt,
        now: Timestamp,
    ) -> Option<PendingLogin> {
        let maps = self.maps();
        let attempt = maps.sealed.get(&(*key, sealed.expose().to_owned()));
        attempt.filter(|attempt| attempt.is_live(now)).cloned()
    }

    fn is_sealed_with_unknown_key(&self, _: &SealedAttempt) -> bool {
        false
    }

    async fn spend(&self, key: &AttemptKey, epoch: Epoch) -> Result<bool, StoreError> {
        let mut maps = self.maps();
        let taken = maps.current.is_some_and(|current| current.takes(epoch));
        Ok(taken && maps.spent.insert(*key))
    }

    fn seal_finish(
        &self,
        key: &AttemptKey,
        finished: &FinishedLogin,
    ) -> Result<SealedFinish, StoreError> {
        let mut maps = self.maps();
        let name = format!("finished-{}", maps.finished.len());
        maps.finished.insert((*key, name.clone()), finished.clone());
        Ok(SealedFinish::new(name))
    }

    fn open_finish(
        &self,
        key: &AttemptKey,
        sealed: &SealedFinish,
        now: Timestamp,
    ) -> Option<FinishedLogin> {
        let maps = self.maps();
        let finished = maps.finished.get(&(*key, sealed.expose().to_owned()));
        finished.filter(|finished| finished.is_live(now)).cloned()
    }
}
