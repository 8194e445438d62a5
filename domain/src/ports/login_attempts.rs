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
    /// Keeps an attempt. An adapter MUST keep it through a restart from when this returns, and may
    /// forget it once it has expired.
    async fn begin(&self, key: AttemptKey, attempt: &PendingLogin) -> Result<(), StoreError>;

    /// Takes an attempt out; `None` where there is none, it was taken, or it expired by `now`.
    ///
    /// An adapter MUST let at most one caller ever have it, of all nodes and across restarts: the
    /// loser of a race gets `None`.
    async fn consume(
        &self,
        key: &AttemptKey,
        now: Timestamp,
    ) -> Result<Option<PendingLogin>, StoreError>;
}
