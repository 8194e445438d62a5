//! The threads that guests run on: their own, fewer than the machine has cores and behind
//! everything else, so that whoever is served beside them does not wait for one that computes.

use std::{future::Future, io, num::NonZeroUsize, thread::available_parallelism};

use portico_domain::provider::Problem;
use rustix::process::setpriority_process;
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinSet,
};

/// What a guest's thread yields to others of this process (setpriority(2)): a tenth of a core is
/// still its own where everything else wants all of them.
const NICE: i32 = 10;

/// Where guests run.
pub(crate) struct Guests {
    handle: Handle,
    /// Always there until it is dropped.
    runtime: Option<Runtime>,
}

impl Guests {
    pub(crate) fn start() -> io::Result<Self> {
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        let runtime = Builder::new_multi_thread()
            .worker_threads(cores.saturating_sub(1).max(1))
            .thread_name("wasm guests")
            .enable_time()
            // Where the system does not let it, they run as everything else does.
            .on_thread_start(|| {
                let _ = setpriority_process(None, NICE);
            })
            .build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// Does this on a guest's thread.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(work);
    }

    /// Runs this on a guest's thread. It ends there when nobody waits for it any more.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Problem> {
        // A set, since it ends what it holds when it is dropped.
        let mut one = JoinSet::new();
        one.spawn_on(work, &self.handle);
        let stopped = || Problem::Broken("it was stopped with the sandbox".into());
        match one.join_next().await.ok_or_else(stopped)? {
            Ok(done) => Ok(done),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(stopped()),
            },
        }
    }
}

impl Drop for Guests {
    fn drop(&mut self) {
        // The last sandbox may go within another runtime, where nothing may wait for this one.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
