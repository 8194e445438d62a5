//! The login attempts under way.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    login::{AttemptKey, PendingLogin},
    time::Timestamp,
};

/// The login attempts under way.
#[async_trait]
pub trait LoginAttempts: Send + Sync {
    /// Keeps an attempt. An adapter MUST keep it through a restart, and may forget it once it has
    /// expired. A kill or a loss of power within a second may lose it: the person is still at the
    /// identity provider then, and is asked to sign in again.
    async fn begin(&self, key: AttemptKey, attempt: &PendingLogin) -> Result<(), StoreError>;

    /// Takes an attempt out; `None` where there is none, it was taken, or it expired by `now`.
    ///
    /// An adapter MUST let at most one caller have it, of all nodes and across restarts: the loser
    /// of a race gets `None`. A kill within a second may bring it back, unless a session was
    /// written since: what a login led to is never had twice.
    async fn consume(
        &self,
        key: &AttemptKey,
        now: Timestamp,
    ) -> Result<Option<PendingLogin>, StoreError>;
}
