//! The port `BackgroundTasks`.

use std::{panic::AssertUnwindSafe, time::Duration};

use async_trait::async_trait;
use futures_util::{FutureExt, future::BoxFuture};
use portico_domain::ports::BackgroundTasks;
use tokio::sync::{oneshot, watch};

use super::{Background, yielding::Yielding};

/// Counts a task until it is dropped.
struct Running(watch::Sender<usize>);

impl Running {
    fn begin(count: &watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

#[async_trait]
impl BackgroundTasks for Background {
    async fn finish(&self, work: BoxFuture<'static, ()>) {
        let (ended, end) = oneshot::channel::<()>();
        self.start(Box::pin(async move {
            // Dropped when the work has ended, also by a panic.
            let _ended = ended;
            work.await;
        }));
        let _ = end.await;
    }

    async fn finish_within(&self, work: BoxFuture<'static, ()>, limit: Duration) -> bool {
        // `finish` starts the work, which goes on when its future is dropped.
        tokio::time::timeout(limit, self.finish(work)).await.is_ok()
    }

    fn start(&self, work: BoxFuture<'static, ()>) {
        let running = Running::begin(&self.running);
        self.handle.spawn(async move {
            let _running = running;
            // A panic is reported by the panic hook, and ends this task alone.
            let _ = AssertUnwindSafe(Yielding::new(work)).catch_unwind().await;
        });
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        time::Duration,
    };

    use tokio::sync::Notify;

    use super::*;
    use crate::nice;

    const LONG: Duration = Duration::from_secs(60);

    fn background() -> Background {
        Background::start("background", 1, nice(1)).unwrap()
    }

    /// Work that waits for the notification, and then sets the flag.
    fn work(go: &Arc<Notify>, done: &Arc<AtomicBool>) -> BoxFuture<'static, ()> {
        let (go, done) = (go.clone(), done.clone());
        Box::pin(async move {
            go.notified().await;
            done.store(true, Ordering::SeqCst);
        })
    }

    #[tokio::test]
    async fn finish_returns_when_the_work_has_ended() {
        let (background, go, done) = (background(), Arc::default(), Arc::default());
        Notify::notify_one(&go);
        background.finish(work(&go, &done)).await;
        assert!(done.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn work_goes_on_when_the_future_of_finish_is_dropped() {
        let (background, go, done) = (background(), Arc::default(), Arc::default());
        let waiting = background.finish(work(&go, &done));
        assert!(tokio::time::timeout(Duration::from_millis(1), waiting).await.is_err());
        assert_eq!(background.drain(Duration::ZERO).await, 1);
        go.notify_one();
        assert_eq!(background.drain(LONG).await, 0);
        assert!(done.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn finish_within_returns_at_its_limit_and_the_work_goes_on() {
        let (background, go, done) = (background(), Arc::default(), Arc::default());
        assert!(!background.finish_within(work(&go, &done), Duration::from_millis(1)).await);
        go.notify_one();
        assert_eq!(background.drain(LONG).await, 0);
        assert!(done.load(Ordering::SeqCst));
        go.notify_one();
        assert!(background.finish_within(work(&go, &done), LONG).await);
    }

    #[tokio::test]
    async fn finish_and_drain_return_when_the_work_panics() {
        let background = background();
        background.finish(Box::pin(async { panic!("of the work") })).await;
        background.start(Box::pin(async { panic!("of the work") }));
        assert_eq!(background.drain(LONG).await, 0);
    }
}
