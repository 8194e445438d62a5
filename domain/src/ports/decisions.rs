//! The logins that wait for a choice.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    login::{DecisionKey, Undecided},
    time::Timestamp,
};

/// The logins that wait for a choice.
#[async_trait]
pub trait Decisions: Send + Sync {
    /// Keeps a login. An adapter MUST keep it through a restart, and at most
    /// [`crate::login::MAX_UNDECIDED`] of one person: one more takes the place of the oldest.
    async fn keep(&self, key: DecisionKey, undecided: &Undecided) -> Result<(), StoreError>;

    /// The login; `None` where there is none, it was taken, or it expired by `now`.
    async fn find(
        &self,
        key: &DecisionKey,
        now: Timestamp,
    ) -> Result<Option<Undecided>, StoreError>;

    /// Takes the login out. An adapter MUST let at most one caller have it; the loser of a race
    /// gets `None`. When this returns, no kill MUST bring it back.
    async fn take(
        &self,
        key: &DecisionKey,
        now: Timestamp,
    ) -> Result<Option<Undecided>, StoreError>;
}
