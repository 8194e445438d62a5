//! The maps, behind one lock.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use portico_domain::{
    account::AccountId,
    epoch::{CurrentEpoch, Epoch},
    login::AttemptKey,
    ports::{Mark, MarkKey, SessionRecord},
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
    pub(crate) marks: HashMap<MarkKey, Mark>,
    /// How many sessions began or moved.
    pub(crate) logins: u64,
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) record: SessionRecord,
    pub(crate) version: u64,
    /// Its place among all that began or moved.
    pub(crate) login: u64,
    pub(crate) tokens: HashMap<AccountId, Vec<u8>>,
}

impl MemoryRecords {
    /// The maps. Never held across an await; nothing that holds them panics half-way through a
    /// change, so a poisoned lock guards nothing broken.
    pub(crate) fn maps(&self) -> MutexGuard<'_, Maps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
