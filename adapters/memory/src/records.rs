//! The maps, behind one lock.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use portico_domain::{
    account::AccountId,
    epoch::{CurrentEpoch, Epoch},
    login::AttemptKey,
    ports::SessionRecord,
    session::SessionKey,
};

/// Spent login attempts and sessions in maps.
#[derive(Debug, Default)]
pub struct MemoryRecords(Mutex<Maps>);

#[derive(Debug, Default)]
pub(crate) struct Maps {
    pub(crate) epoch: Option<CurrentEpoch>,
    pub(crate) spent: HashSet<(Epoch, AttemptKey)>,
    pub(crate) sessions: HashMap<SessionKey, Session>,
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) record: SessionRecord,
    pub(crate) version: u64,
    pub(crate) tokens: HashMap<AccountId, Vec<u8>>,
}

impl MemoryRecords {
    /// The maps. Never held across an await; nothing that holds them panics half-way through a
    /// change, so a poisoned lock guards nothing broken.
    pub(crate) fn maps(&self) -> MutexGuard<'_, Maps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
