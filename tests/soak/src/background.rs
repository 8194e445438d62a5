//! Work that gets processor time where nothing else wants it.

use std::future::Future;

use rustix::process::setpriority_process;
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
};

/// What its threads yield to others (setpriority(2)): nearly all.
const NICE: i32 = 19;

/// A runtime that gives way. Whoever attacks from another machine takes no processor time of the
/// one that is measured: here attackers and clouds run on it, and get what is left.
pub(crate) struct Background {
    /// Always there until it is dropped.
    runtime: Option<Runtime>,
}

impl Background {
    pub(crate) fn start() -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .on_thread_start(|| setpriority_process(None, NICE).unwrap())
            .build();
        Self { runtime: Some(runtime.unwrap()) }
    }

    /// Begins this there.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.runtime.as_ref().unwrap().spawn(work)
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // It does not wait for what goes on for ever, and may be dropped in another runtime.
        self.runtime.take().unwrap().shutdown_background();
    }
}
