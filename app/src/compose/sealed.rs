//! What stores and browsers keep for Portico, sealed with the keys of the store.

use std::sync::Arc;

use portico_domain::{
    ports::{Clock, Entropy},
    session::SessionPolicy,
    use_cases::{KeepSigningKeys, SigningPorts},
};
use portico_jwt::JwtSigner;
use portico_seal::{
    Seal, SealedAttempts, SealedDecisions, SealedDisconnected, SealedHosts, SealedSessions,
    SealedSigningKeys,
};

use super::store::Store;

/// The sealed adapters over one store.
pub(super) struct Sealed {
    pub(super) attempts: Arc<SealedAttempts>,
    pub(super) decisions: Arc<SealedDecisions>,
    pub(super) disconnected: Arc<SealedDisconnected>,
    pub(super) hosts: Arc<SealedHosts>,
    pub(super) sessions: Arc<SealedSessions>,
    pub(super) signing_keys: KeepSigningKeys,
}

impl Sealed {
    pub(super) fn over(
        store: &Store,
        policy: SessionPolicy,
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
    ) -> Self {
        let records = || store.records.clone();
        let seal = Arc::new(Seal::new(store.keys.clone(), entropy.clone()));
        let signing_keys = KeepSigningKeys::new(SigningPorts {
            store: Arc::new(SealedSigningKeys::new(records(), seal.clone())),
            signer: Arc::new(JwtSigner),
            clock,
            entropy,
        });
        Self {
            attempts: Arc::new(SealedAttempts::new(store.attempts.clone(), seal.clone())),
            decisions: Arc::new(SealedDecisions::new(records(), seal.clone())),
            disconnected: Arc::new(SealedDisconnected::new(records(), seal.clone())),
            hosts: Arc::new(SealedHosts::new(seal.clone())),
            sessions: Arc::new(SealedSessions::new(records(), seal, policy)),
            signing_keys,
        }
    }
}
