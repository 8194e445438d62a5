//! The store of the keys that sign session tokens.

use async_trait::async_trait;

use super::{StoreError, Stored, Version, Written};
use crate::signing::SigningKeys;

/// The keys that sign session tokens, the same at every node.
#[async_trait]
pub trait StoredSigningKeys: Send + Sync {
    /// The keys; `None` if none were saved yet. Keys that cannot be read, since the key that sealed them
    /// is gone, are empty: the next save replaces them.
    async fn load(&self) -> Result<Option<Stored<SigningKeys>>, StoreError>;

    /// Saves the keys if the stored ones have this version or, with `None`, if there are none. An adapter
    /// MUST encrypt them, and MUST keep them through a kill once this returns.
    async fn save(
        &self,
        expected: Option<Version>,
        keys: &SigningKeys,
    ) -> Result<Written, StoreError>;
}
