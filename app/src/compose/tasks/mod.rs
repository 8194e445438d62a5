//! Background tasks.

pub(super) mod apps;
pub(crate) mod checks;
pub(super) mod purge;
pub(super) mod reload;
pub(super) mod signing_keys;

use std::{future::Future, mem};

use tokio::task::JoinHandle;

/// Tasks that are aborted on drop.
#[derive(Default)]
pub(super) struct Tasks(Vec<JoinHandle<()>>);

impl Tasks {
    /// Starts a task.
    pub(super) fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.push(tokio::spawn(task));
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        mem::take(&mut self.0).iter().for_each(JoinHandle::abort);
    }
}
