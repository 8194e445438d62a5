//! The ports over a sealed record store.

use std::sync::Arc;

use portico_contract::{Ports, samples::POLICY};
use portico_records::{AttemptRecords, Records};
use portico_seal::{
    KeyRing, Seal, SealedAttempts, SealedDecisions, SealedDisconnected, SealedSessions,
    SealedSigningKeys,
};
use portico_system::SystemEntropy;

/// The sealing key.
pub(crate) const KEY: &str = "Zm91ciBhbmQgdHdlbnR5IGJsYWNrYmlyZHMgaW4gYSA=";

/// The ports over `records`, sealed with [`KEY`].
pub(crate) fn sealed<R: AttemptRecords + Records + 'static>(records: Arc<R>) -> Ports {
    let seal = Arc::new(Seal::new(Arc::new(KeyRing::parse(KEY).unwrap()), Arc::new(SystemEntropy)));
    let sessions = Arc::new(SealedSessions::new(records.clone(), seal.clone(), POLICY));
    Ports {
        attempts: Arc::new(SealedAttempts::new(records.clone(), seal.clone())),
        decisions: Arc::new(SealedDecisions::new(records.clone(), seal.clone())),
        disconnected: Arc::new(SealedDisconnected::new(records.clone(), seal.clone())),
        signing_keys: Arc::new(SealedSigningKeys::new(records, seal)),
        sessions: sessions.clone(),
        tokens: sessions,
    }
}
