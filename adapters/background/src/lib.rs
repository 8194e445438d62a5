//! A thread pool with a lower scheduling priority than the threads that serve requests.
//!
//! CPU-bound tasks on threads with a positive nice value do not delay request threads: the scheduler
//! runs threads with a lower nice value first (sched(7), setpriority(2)).

use std::{
    future::Future, io, panic::resume_unwind, thread::available_parallelism, time::Duration,
};

use rustix::process::setpriority_process;
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::watch,
    task::JoinSet,
};

mod tasks;
mod yielding;

use self::yielding::Yielding;

/// A thread start hook that sets the thread's nice value (1 to 19; a higher value gets less
/// processor time under contention). An error of setpriority(2) is ignored: the thread then runs at
/// normal priority.
pub fn nice(value: i32) -> impl Fn() + Send + Sync + 'static {
    move || {
        let _ = setpriority_process(None, value);
    }
}

/// The number of cores minus one, at least 1. One core stays free for request threads: a thread that
/// wakes up waits a few milliseconds, the rest of a time slice, if every core is busy, whatever the
/// nice values are.
pub fn all_cores_but_one() -> usize {
    available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

/// A tokio runtime for background tasks.
pub struct Background {
    handle: Handle,
    /// `Some` until `drop` takes it.
    runtime: Option<Runtime>,
    /// The number of running tasks of [`BackgroundTasks`](portico_domain::ports::BackgroundTasks).
    running: watch::Sender<usize>,
}

impl Background {
    /// Starts a runtime with `threads` worker threads of this name. Each thread calls
    /// `on_thread_start` first, see [`nice`].
    ///
    /// # Errors
    /// The threads cannot be started.
    pub fn start(
        name: &str,
        threads: usize,
        on_thread_start: impl Fn() + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name(name)
            .enable_all()
            .on_thread_start(on_thread_start)
            .build()?;
        let running = watch::Sender::new(0);
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime), running })
    }

    /// Spawns a task. It is cancelled when this runtime is dropped.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(work);
    }

    /// Waits until no task of [`BackgroundTasks`](portico_domain::ports::BackgroundTasks) runs, for at
    /// most `limit`. Returns how many still run.
    pub async fn drain(&self, limit: Duration) -> usize {
        let mut running = self.running.subscribe();
        let drained = running.wait_for(|count| *count == 0);
        // `&self` keeps the sender alive. On a timeout the count says more.
        let _ = tokio::time::timeout(limit, drained).await;
        *self.running.borrow()
    }

    /// Runs `work` on a background thread and returns its output. Dropping the returned future
    /// cancels `work`; a panic of `work` is resumed in the caller.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        // A JoinSet aborts its tasks when it is dropped; a JoinHandle would detach the task.
        let mut tasks = JoinSet::new();
        tasks.spawn_on(Yielding::new(work), &self.handle);
        match tasks.join_next().await {
            Some(Ok(output)) => output,
            Some(Err(error)) if error.is_panic() => resume_unwind(error.into_panic()),
            // `&self` keeps the runtime alive, so no task is cancelled by its shutdown.
            Some(Err(_)) | None => unreachable!("the task was cancelled while it was awaited"),
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // The last owner may be dropped inside another runtime, where a blocking shutdown panics.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustix::process::getpriority_process;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn start_sets_nice_value_of_its_threads_only() {
        let before = getpriority_process(None).unwrap();
        let background = Background::start("background", 1, nice(7)).unwrap();
        let in_background = background.run(async { getpriority_process(None).unwrap() }).await;
        assert_eq!(in_background, 7);
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
        assert!(dropped.await.is_err(), "the work was not dropped");
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
        assert!(dropped.await.is_err(), "the work was not dropped");
    }

    #[tokio::test]
    #[should_panic(expected = "of the work")]
    async fn run_propagates_panic_to_caller() {
        let background = Background::start("background", 1, nice(1)).unwrap();
        background.run(async { panic!("of the work") }).await
    }
}
