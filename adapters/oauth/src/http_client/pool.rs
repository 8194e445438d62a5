//! Connections that wait for the next request to the same origin.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::time::{Instant, sleep};
use url::Origin;

use super::connection::Connection;

/// How many wait for one origin.
const MAX_CLIENTS: usize = 64;

/// Connections that wait, the one that was used last at the end.
#[derive(Clone)]
pub(super) struct Pool {
    waiting: Arc<Mutex<Waiting>>,
    /// How long one waits.
    idle: Duration,
}

#[derive(Default)]
struct Waiting {
    by_origin: HashMap<Origin, Vec<(Instant, Connection)>>,
    /// Whether a task closes those that waited too long.
    is_swept: bool,
}

impl Pool {
    pub(super) fn new(idle: Duration) -> Self {
        Self { waiting: Arc::default(), idle }
    }

    /// Takes out a connection that still works.
    pub(super) async fn take(&self, origin: &Origin) -> Option<Connection> {
        loop {
            let (since, mut connection) = lock(&self.waiting).by_origin.get_mut(origin)?.pop()?;
            if since.elapsed() < self.idle && connection.is_usable().await {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection whose answer has ended.
    pub(super) fn keep(&self, origin: Origin, mut connection: Connection) {
        if !connection.rest() {
            return;
        }
        let mut waiting = lock(&self.waiting);
        let same = waiting.by_origin.entry(origin).or_default();
        same.push((Instant::now(), connection));
        if same.len() > MAX_CLIENTS {
            same.remove(0);
        }
        if !std::mem::replace(&mut waiting.is_swept, true) {
            tokio::spawn(sweep(Arc::downgrade(&self.waiting), self.idle));
        }
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("idle", &self.idle).finish_non_exhaustive()
    }
}

/// Closes what waited too long, until nothing waits.
async fn sweep(pool: Weak<Mutex<Waiting>>, idle: Duration) {
    loop {
        sleep(idle).await;
        let Some(waiting) = pool.upgrade() else { return };
        let mut waiting = lock(&waiting);
        waiting.by_origin.retain(|_, same| {
            same.retain(|(since, _)| since.elapsed() < idle);
            !same.is_empty()
        });
        if waiting.by_origin.is_empty() {
            waiting.is_swept = false;
            return;
        }
    }
}

fn lock(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}
