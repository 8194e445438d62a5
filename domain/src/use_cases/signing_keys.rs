//! Keeps the keys that sign session tokens: makes them, replaces them in time, and removes the old ones.

use std::sync::{Arc, PoisonError, RwLock};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::{
    ports::{
        Clock, Entropy, LoadedKey, SigningError, StoreError, StoredSigningKeys, TokenSigner,
        Written,
    },
    signing::{SigningAlgorithm, SigningKey, SigningKeys},
};

/// How often a write is tried while other nodes make keys too.
const MAX_TRIES: usize = 8;

/// What the keeping of keys needs.
pub struct SigningPorts {
    /// The stored keys.
    pub store: Arc<dyn StoredSigningKeys>,
    /// Makes and reads keys.
    pub signer: Arc<dyn TokenSigner>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For the ids of keys.
    pub entropy: Arc<dyn Entropy>,
}

/// Keeps the keys. Clones share what was last read: [`Self::look`] reads them again.
#[derive(Clone)]
pub struct KeepSigningKeys {
    ports: Arc<SigningPorts>,
    loaded: Arc<RwLock<Arc<LoadedKeys>>>,
}

/// The keys of one look.
#[derive(Default)]
struct LoadedKeys {
    keys: SigningKeys,
    /// In the order of `keys`.
    ready: Vec<Arc<dyn LoadedKey>>,
}

/// Why the keys were not read or written.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The store could not be used.
    #[error("the store could not be used")]
    Store(#[from] StoreError),
    /// No key could be made or read.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// Other nodes changed the keys at every try.
    #[error("other nodes changed the signing keys at the same time")]
    Contended,
}

impl KeepSigningKeys {
    /// Nothing is read yet.
    pub fn new(ports: SigningPorts) -> Self {
        Self { ports: Arc::new(ports), loaded: Arc::default() }
    }

    /// Reads the stored keys, makes those of these algorithms that are due, and removes those that have
    /// retired. Nodes that look at the same time agree on one set.
    pub async fn look(&self, algorithms: &[SigningAlgorithm]) -> Result<(), KeyError> {
        for _ in 0..MAX_TRIES {
            let stored = self.ports.store.load().await?;
            let version = stored.as_ref().map(|stored| stored.version);
            let keys = stored.map(|stored| stored.value).unwrap_or_default();
            let wanted = self.as_due(&keys, algorithms)?;
            let is_saved =
                wanted == keys || self.ports.store.save(version, &wanted).await? == Written::Done;
            if is_saved {
                return Ok(self.adopt(wanted)?);
            }
        }
        Err(KeyError::Contended)
    }

    /// The keys as they should be now.
    fn as_due(
        &self,
        keys: &SigningKeys,
        algorithms: &[SigningAlgorithm],
    ) -> Result<SigningKeys, SigningError> {
        let now = self.ports.clock.now();
        let mut wanted = keys.without_retired(now);
        for &algorithm in algorithms {
            if wanted.is_due(algorithm, now) {
                let private = self.ports.signer.generate(algorithm)?;
                let id = self.draw_id();
                wanted = wanted.with(SigningKey { id, algorithm, created_at: now, private });
            }
        }
        Ok(wanted)
    }

    fn draw_id(&self) -> String {
        let mut bytes = [0; 16];
        self.ports.entropy.fill(&mut bytes);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn adopt(&self, keys: SigningKeys) -> Result<(), SigningError> {
        if self.loaded().keys == keys {
            return Ok(());
        }
        let ready =
            keys.all().iter().map(|key| self.ports.signer.read(key)).collect::<Result<_, _>>()?;
        let loaded = Arc::new(LoadedKeys { keys, ready });
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(())
    }

    /// The public halves of all keys, as members of a JWK set (RFC 7517 section 5).
    pub fn public_jwks(&self) -> Vec<Value> {
        self.loaded().ready.iter().map(|key| key.public_jwk().clone()).collect()
    }

    /// The key that signs now.
    pub fn signer(&self, algorithm: SigningAlgorithm) -> Result<Arc<dyn LoadedKey>, SigningError> {
        let (loaded, now) = (self.loaded(), self.ports.clock.now());
        let signer = loaded.keys.signer(algorithm, now).ok_or(SigningError::NoKey)?;
        let at = loaded.keys.all().iter().position(|key| key == signer);
        at.and_then(|at| loaded.ready.get(at).cloned()).ok_or(SigningError::NoKey)
    }

    /// The claims of a token that one of the keys signed; also of a key that signs no more, as long as it
    /// is published.
    pub fn verified(&self, token: &str) -> Option<Map<String, Value>> {
        self.loaded().ready.iter().find_map(|key| key.verified(token))
    }

    fn loaded(&self) -> Arc<LoadedKeys> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests;
