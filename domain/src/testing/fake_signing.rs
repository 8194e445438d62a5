//! Signing keys in memory, and signatures that anybody can make.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use crate::{
    ports::{
        LoadedKey, SigningError, StoreError, Stored, StoredSigningKeys, TokenSigner, Version,
        Written,
    },
    signing::{PrivateKey, SigningAlgorithm, SigningKey, SigningKeys},
};

/// Signing keys in memory.
#[derive(Debug, Default)]
pub struct FakeSigningKeys(Mutex<Option<Stored<SigningKeys>>>);

#[async_trait]
impl StoredSigningKeys for FakeSigningKeys {
    async fn load(&self) -> Result<Option<Stored<SigningKeys>>, StoreError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn save(
        &self,
        expected: Option<Version>,
        keys: &SigningKeys,
    ) -> Result<Written, StoreError> {
        let mut stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if stored.as_ref().map(|stored| stored.version) != expected {
            return Ok(Written::Conflict);
        }
        let version = Version(expected.map_or(1, |Version(number)| number + 1));
        *stored = Some(Stored { value: keys.clone(), version });
        Ok(Written::Done)
    }
}

/// Signs by writing the claims and the id of the key.
#[derive(Debug, Default)]
pub struct FakeSigner {
    generated: AtomicU64,
    signed: Arc<AtomicU64>,
}

impl FakeSigner {
    /// How many tokens were signed.
    pub fn signed(&self) -> u64 {
        self.signed.load(Ordering::SeqCst)
    }
}

impl TokenSigner for FakeSigner {
    fn generate(&self, _: SigningAlgorithm) -> Result<PrivateKey, SigningError> {
        let number = self.generated.fetch_add(1, Ordering::SeqCst);
        Ok(PrivateKey::new(number.to_be_bytes().to_vec()))
    }

    fn read(&self, key: &SigningKey) -> Result<Arc<dyn LoadedKey>, SigningError> {
        let jwk = json!({ "kid": key.id, "alg": key.algorithm.as_str() });
        Ok(Arc::new(FakeKey { jwk, signed: self.signed.clone() }))
    }
}

struct FakeKey {
    jwk: Value,
    signed: Arc<AtomicU64>,
}

impl LoadedKey for FakeKey {
    fn public_jwk(&self) -> &Value {
        &self.jwk
    }

    fn sign(&self, claims: &Map<String, Value>) -> Result<String, SigningError> {
        self.signed.fetch_add(1, Ordering::SeqCst);
        Ok(json!({ "kid": self.jwk["kid"], "claims": claims }).to_string())
    }

    fn verified(&self, token: &str) -> Option<Map<String, Value>> {
        let signed: Value = serde_json::from_str(token).ok()?;
        let is_ours = signed["kid"] == self.jwk["kid"];
        signed["claims"].as_object().filter(|_| is_ours).cloned()
    }
}
