//! Work that must not end with the request that began it.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;

/// Runs work apart from the request that began it: a client may disconnect between the provider's
/// response and the write of a refresh token that works once.
#[async_trait]
pub trait BackgroundTasks: Send + Sync {
    /// Starts `work`, and returns when it has ended. If the returned future is dropped, the work MUST go
    /// on. It also returns if the work panics.
    async fn finish(&self, work: BoxFuture<'static, ()>);

    /// Like [`finish`](Self::finish), but for at most `limit`. Returns whether the work has ended; otherwise
    /// it goes on.
    async fn finish_within(&self, work: BoxFuture<'static, ()>, limit: Duration) -> bool;

    /// Starts `work`.
    fn start(&self, work: BoxFuture<'static, ()>);
}
