//! The store of undecided logins.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    login::{DecisionKey, Undecided},
    time::Timestamp,
};

/// The undecided logins.
#[async_trait]
pub trait Decisions: Send + Sync {
    /// Stores a login. An adapter MUST keep it through a restart, and at most
    /// [`crate::login::MAX_UNDECIDED`] per person: one more replaces the oldest.
    async fn keep(&self, key: DecisionKey, undecided: &Undecided) -> Result<(), StoreError>;

    /// The login; `None` if there is none, it was taken, or it expired by `now`.
    async fn find(
        &self,
        key: &DecisionKey,
        now: Timestamp,
    ) -> Result<Option<Undecided>, StoreError>;

    /// Removes and returns the login. An adapter MUST return it to at most one caller; the loser of a
    /// race gets `None`. Once this returns, the removal MUST survive a kill.
    async fn take(
        &self,
        key: &DecisionKey,
        now: Timestamp,
    ) -> Result<Option<Undecided>, StoreError>;
}
