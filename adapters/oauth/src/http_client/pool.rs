//! Pool of idle connections, by origin.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::time::{Instant, sleep};
use url::Origin;

use super::connection::Connection;

/// The most idle connections of an origin.
const MAX_IDLE_CONNECTIONS: usize = 64;

/// Idle connections; the most recently used one of an origin is last. Clones share them.
#[derive(Clone)]
pub(super) struct Pool {
    idle: Arc<Mutex<Idle>>,
    timeout: Duration,
}

#[derive(Default)]
struct Idle {
    by_origin: HashMap<Origin, Vec<(Instant, Connection)>>,
    /// Whether the task runs that closes connections after the idle timeout.
    is_swept: bool,
}

impl Pool {
    /// A pool that closes connections after this idle timeout.
    pub(super) fn new(timeout: Duration) -> Self {
        Self { idle: Arc::default(), timeout }
    }

    /// Takes out a connection that is still open.
    pub(super) async fn take(&self, origin: &Origin) -> Option<Connection> {
        loop {
            let (since, mut connection) = lock(&self.idle).by_origin.get_mut(origin)?.pop()?;
            if since.elapsed() < self.timeout && connection.is_usable().await {
                return Some(connection);
            }
        }
    }

    /// Adds a connection whose last response has been read; over the limit, drops the oldest.
    pub(super) fn put(&self, origin: Origin, mut connection: Connection) {
        if !connection.begin_idle() {
            return;
        }
        let mut idle = lock(&self.idle);
        let connections = idle.by_origin.entry(origin).or_default();
        connections.push((Instant::now(), connection));
        if connections.len() > MAX_IDLE_CONNECTIONS {
            connections.remove(0);
        }
        if !std::mem::replace(&mut idle.is_swept, true) {
            tokio::spawn(sweep(Arc::downgrade(&self.idle), self.timeout));
        }
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// Closes connections after the idle timeout; ends when the pool is empty or dropped.
async fn sweep(pool: Weak<Mutex<Idle>>, timeout: Duration) {
    loop {
        sleep(timeout).await;
        let Some(idle) = pool.upgrade() else { return };
        let mut idle = lock(&idle);
        idle.by_origin.retain(|_, connections| {
            connections.retain(|(since, _)| since.elapsed() < timeout);
            !connections.is_empty()
        });
        if idle.by_origin.is_empty() {
            idle.is_swept = false;
            return;
        }
    }
}

fn lock(idle: &Mutex<Idle>) -> MutexGuard<'_, Idle> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
