//! The login attempts under way.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    login::{AttemptKey, Epoch, FinishedLogin, PendingLogin},
    secret::{SealedAttempt, SealedFinish},
    time::Timestamp,
};

/// The login attempts under way: each is kept, sealed, by the browser that began it. A store learns
/// of one when it is spent, so that beginning a login costs no store anything.
#[async_trait]
pub trait LoginAttempts: Send + Sync {
    /// The epoch that an attempt begins in now.
    ///
    /// An adapter MUST write at most when one epoch follows another, and keep the epoch through a
    /// restart.
    async fn epoch(&self, now: Timestamp) -> Result<Epoch, StoreError>;

    /// The attempt as its browser keeps it. Nothing is stored.
    ///
    /// An adapter MUST encrypt and authenticate it, bind it to `key`, and hand out the alphabet of
    /// base64url alone, which a cookie may hold.
    fn seal(&self, key: &AttemptKey, attempt: &PendingLogin) -> Result<SealedAttempt, StoreError>;

    /// The attempt that was sealed for this key; `None` where it was not sealed here for this key,
    /// is not live at `now`, or the key that sealed it is gone. Nothing is read from a store and
    /// nothing written: whatever somebody sends costs the decryption at most.
    fn open(
        &self,
        key: &AttemptKey,
        sealed: &SealedAttempt,
        now: Timestamp,
    ) -> Option<PendingLogin>;

    /// Whether this has the form of an attempt that was sealed here, by a key that is gone. Whoever
    /// sends one that was made up learns nothing by it.
    fn is_of_a_lost_key(&self, sealed: &SealedAttempt) -> bool;

    /// Marks an attempt of this epoch as spent. Whether the caller is the one who spent it: `false`
    /// where it was spent before, or its epoch is over.
    ///
    /// An adapter MUST answer `true` to at most one caller, of all nodes and across restarts, also
    /// where clocks are set ahead or back. A kill within a second may undo it, unless a session was
    /// written since: what a login led to is never had twice.
    async fn spend(&self, key: &AttemptKey, epoch: Epoch) -> Result<bool, StoreError>;

    /// A login that succeeded, as its browser remembers it. Nothing is stored.
    ///
    /// An adapter MUST seal it as it does an attempt, and so that neither opens as the other.
    fn seal_finish(
        &self,
        key: &AttemptKey,
        finished: &FinishedLogin,
    ) -> Result<SealedFinish, StoreError>;

    /// The login that was sealed for this key, on the terms of [`LoginAttempts::open`].
    fn open_finish(
        &self,
        key: &AttemptKey,
        sealed: &SealedFinish,
        now: Timestamp,
    ) -> Option<FinishedLogin>;
}
