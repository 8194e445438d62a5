//! Tells of changes of sessions, so that an open page need not poll.

use async_trait::async_trait;

use crate::session::SessionKey;

/// Tells those who watch a session that it may have changed.
///
/// It carries no content: a watcher reads the session, and finds out itself what changed. So an
/// announcement too many costs a read, and one of a change that a watcher has seen already is harmless.
pub trait SessionChanges: Send + Sync {
    /// Announces that the session was written or ended. It MUST NOT block.
    fn announce(&self, key: &SessionKey);

    /// Watches a session from now on. What is announced between two calls of
    /// [`SessionWatch::changed`] MUST be reported by the second.
    fn watch(&self, key: SessionKey) -> Box<dyn SessionWatch>;
}

/// A watch over one session.
#[async_trait]
pub trait SessionWatch: Send {
    /// Returns once the session was announced since the last call, or since the watch began. Several
    /// announcements may be reported as one. Dropping the future loses none.
    async fn changed(&mut self);
}
