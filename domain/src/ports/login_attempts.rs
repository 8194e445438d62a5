//! The login attempts: sealed for browsers, and recorded when spent.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    login::{AttemptKey, Epoch, FinishedLogin, PendingLogin},
    secret::{SealedAttempt, SealedFinish},
    time::Timestamp,
};

/// The login attempts. The browser that began one holds it, sealed. A store records it only when it is
/// spent, so that beginning a login writes nothing.
#[async_trait]
pub trait LoginAttempts: Send + Sync {
    /// The current epoch, for a new attempt.
    ///
    /// An adapter MUST write only when a new epoch begins, and keep the epoch through a restart.
    async fn epoch(&self, now: Timestamp) -> Result<Epoch, StoreError>;

    /// Seals an attempt for its browser. Nothing is stored.
    ///
    /// An adapter MUST encrypt and authenticate it, bind it to `key`, and return base64url, which a
    /// cookie can hold.
    fn seal(&self, key: &AttemptKey, attempt: &PendingLogin) -> Result<SealedAttempt, StoreError>;

    /// Opens a sealed attempt; `None` if it was not sealed here for this key, is not live at `now`, or
    /// the key that sealed it is gone. An adapter MUST NOT access a store: a request with a forged
    /// cookie costs one decryption at most.
    fn open(
        &self,
        key: &AttemptKey,
        sealed: &SealedAttempt,
        now: Timestamp,
    ) -> Option<PendingLogin>;

    /// Whether this has the form of an attempt sealed with a key that is not in the ring. A forged one may
    /// have it too.
    fn is_sealed_with_unknown_key(&self, sealed: &SealedAttempt) -> bool;

    /// Marks an attempt of this epoch as spent; `false` if it was spent before, or its epoch is over.
    ///
    /// An adapter MUST return `true` to at most one caller, of all nodes and across restarts, even if
    /// clocks are set ahead or back. A kill within a second may undo it, unless a session was written
    /// since: no attempt leads to two sessions.
    async fn spend(&self, key: &AttemptKey, epoch: Epoch) -> Result<bool, StoreError>;

    /// Seals a login that succeeded for its browser. Nothing is stored.
    ///
    /// An adapter MUST seal it like an attempt, and so that neither opens as the other.
    fn seal_finish(
        &self,
        key: &AttemptKey,
        finished: &FinishedLogin,
    ) -> Result<SealedFinish, StoreError>;

    /// Opens a sealed login, like [`LoginAttempts::open`].
    fn open_finish(
        &self,
        key: &AttemptKey,
        sealed: &SealedFinish,
        now: Timestamp,
    ) -> Option<FinishedLogin>;
}
