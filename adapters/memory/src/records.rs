//! The maps, behind one lock.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use portico_domain::{
    account::AccountId, login::AttemptKey, ports::SessionRecord, session::SessionKey,
    time::Timestamp,
};

/// Login attempts and sessions in maps.
#[derive(Debug, Default)]
pub struct MemoryRecords(Mutex<Maps>);

#[derive(Debug, Default)]
pub(crate) struct Maps {
    pub(crate) attempts: HashMap<AttemptKey, Attempt>,
    pub(crate) sessions: HashMap<SessionKey, Session>,
}

#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) expires_at: Timestamp,
    pub(crate) sealed: Vec<u8>,
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
