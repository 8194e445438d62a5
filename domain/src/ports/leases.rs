//! Leases: one caller at a time does what must not be done twice.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;
use crate::{digest, secret::RefreshToken};

/// Names what a lease is about: the SHA-256 of a refresh token. So it stays the same when the session of
/// the token moves to another key, and differs once the token is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LeaseKey([u8; 32]);

impl LeaseKey {
    /// The lease of the refreshes with this token.
    pub fn of(token: &RefreshToken) -> Self {
        Self(digest::of_fields("portico lease", &[token.expose()]))
    }

    /// The key as bytes, for a store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A lease that is held until it is dropped.
#[must_use = "a lease is released when it is dropped"]
pub struct Lease {
    _held: Box<dyn Send + Sync>,
}

impl Lease {
    /// A lease that dropping `held` releases.
    pub fn held_by(held: impl Send + Sync + 'static) -> Self {
        Self { _held: Box::new(held) }
    }
}

/// The leases of refresh tokens.
///
/// A lease only saves requests. It is no fence: a holder that was stopped for long may come back when
/// another has the lease. What fences is the compare-and-swap of
/// [`SessionTokens::swap_tokens`](super::SessionTokens::swap_tokens), which fails for the second one.
#[async_trait]
pub trait Leases: Send + Sync {
    /// The lease of this key; `None` if others held it for all of `wait`.
    ///
    /// At most one caller holds a lease. An adapter MUST keep it until it is dropped, however long that
    /// takes: longer than the timeout of a request to a provider, 10 s, by renewing it if it expires. It
    /// MUST lapse when the process of its holder dies. Callers that wait SHOULD get it in turn; one that
    /// is dropped while it waits MUST NOT get it.
    async fn acquire(&self, key: &LeaseKey, wait: Duration) -> Result<Option<Lease>, StoreError>;
}
