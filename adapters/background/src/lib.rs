//! Threads that give way: what runs on them keeps nobody waiting who is served beside them.
//!
//! A task that takes a processor for milliseconds, or many that take it at once, are nothing to the
//! system's scheduler where they stand back: it runs whoever does not first (sched(7), setpriority(2)).

use std::{future::Future, io, panic::resume_unwind, thread::available_parallelism};

use rustix::process::setpriority_process;
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinSet,
};

mod yielding;

use self::yielding::Yielding;

/// Gives a thread this nice value (1 to 19: the more, the less it gets where others want the
/// processor too). Where the system does not let it give way, it runs as everything else does.
pub fn nice(value: i32) -> impl Fn() + Send + Sync + 'static {
    move || {
        let _ = setpriority_process(None, value);
    }
}

/// As many threads as the machine has cores but one, which is left to whoever is served: a thread
/// that wakes up waits for one that gives way, if only for a few milliseconds, where every core has
/// one to run.
pub fn all_cores_but_one() -> usize {
    available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

/// Threads of their own for tasks that give way to everything else.
pub struct Background {
    handle: Handle,
    /// Always there until it is dropped.
    runtime: Option<Runtime>,
}

impl Background {
    /// So many threads of this name; each calls `give_way` when it starts, see [`nice`].
    pub fn start(
        name: &str,
        threads: usize,
        give_way: impl Fn() + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name(name)
            .enable_all()
            .on_thread_start(give_way)
            .build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// Begins this there. It ends with these threads at the latest.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(work);
    }

    /// Does this there and waits for it. It ends where nobody waits any more; a panic is the
    /// caller's.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        // A set, since it ends what it holds when it is dropped.
        let mut one = JoinSet::new();
        one.spawn_on(Yielding::new(work), &self.handle);
        match one.join_next().await {
            Some(Ok(done)) => done,
            Some(Err(error)) if error.is_panic() => resume_unwind(error.into_panic()),
            // The threads end when they are dropped, and somebody has them here.
            Some(Err(_)) | None => unreachable!("work ended that nobody has ended"),
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // The last owner may go within another runtime, where nothing may wait for this one.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::time::Duration;

    use rustix::process::getpriority_process;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn start_sets_nice_value_of_its_threads_only() {
        let before = getpriority_process(None).unwrap();
        let background = Background::start("background", 1, nice(7)).unwrap();
        let there = background.run(async { getpriority_process(None).unwrap() }).await;
        assert_eq!(there, 7);
        assert_eq!(getpriority_process(None).unwrap(), before);
    }

    #[tokio::test]
    async fn dropping_run_future_drops_the_work() {
        let background = Background::start("background", 1, nice(1)).unwrap();
        let (held, dropped) = oneshot::channel::<()>();
        let work = background.run(async move {
            let _held = held;
            std::future::pending::<()>().await;
        });
        assert!(tokio::time::timeout(Duration::from_millis(10), work).await.is_err());
        assert!(dropped.await.is_err(), "it is still held");
    }

    #[tokio::test]
    async fn dropping_background_drops_spawned_work() {
        let background = Background::start("background", 1, nice(1)).unwrap();
        let (held, dropped) = oneshot::channel::<()>();
        background.spawn(async move {
            let _held = held;
            std::future::pending::<()>().await;
        });
        drop(background);
        assert!(dropped.await.is_err(), "it is still held");
    }

    #[tokio::test]
    #[should_panic(expected = "of the work")]
    async fn run_propagates_panic_to_caller() {
        let background = Background::start("background", 1, nice(1)).unwrap();
        background.run(async { panic!("of the work") }).await
    }
}
