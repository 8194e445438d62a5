//! Connection permits, counted by network. At a limit, the connection that has been idle longest
//! within that limit is evicted for the new one.

use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::network::{narrow, wide};

/// The limits of a pool.
#[derive(Clone, Copy, Debug)]
pub(super) struct MaxConnections {
    pub(super) total: usize,
    /// Of one [`narrow`] network.
    pub(super) narrow: usize,
    /// Of one [`wide`] network.
    pub(super) wide: usize,
}

/// What a limit applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Scope {
    Narrow(IpAddr),
    Wide(IpAddr),
    Total,
}

/// Open connections and their limits.
#[derive(Debug)]
pub(super) struct Pool {
    max: MaxConnections,
    /// How long a connection may be idle before it can be evicted: a request may be on its way.
    idle_grace: Duration,
    started_at: Instant,
    state: Mutex<State>,
    /// Notified when a permit is released.
    released: Notify,
}

/// The limit that refuses a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exceeded {
    /// That of the client's network.
    Network,
    /// The total.
    Total,
}

#[derive(Debug, Default)]
struct State {
    last_id: u64,
    connections: HashMap<u64, Connection>,
    counts: HashMap<Scope, usize>,
    /// The connections in each of their scopes, by the time since which each was idle when it was last
    /// looked at. It may have been used since: a request takes no lock, so only an eviction looks.
    queue: BTreeSet<(Scope, Micros, u64)>,
}

/// Microseconds since the pool was made.
type Micros = u64;

#[derive(Debug)]
struct Connection {
    scopes: Vec<Scope>,
    /// Its place in the queue of each scope.
    queued_at: Micros,
    signals: Arc<Signals>,
}

/// State that the pool shares with a connection's permit.
#[derive(Debug, Default)]
struct Signals {
    busy: AtomicUsize,
    /// When its last request ended.
    idle_since: AtomicU64,
    aborted: AtomicBool,
    close: Notify,
}

impl Signals {
    fn is_idle(&self) -> bool {
        self.busy.load(Ordering::Acquire) == 0
    }
}

impl Pool {
    pub(super) fn new(max: MaxConnections, idle_grace: Duration) -> Arc<Self> {
        let (state, released) = (Mutex::default(), Notify::new());
        Arc::new(Self { max, idle_grace, started_at: Instant::now(), state, released })
    }

    /// A permit for a connection of this client; evicts an idle connection if a limit is reached.
    /// Without a client only the total applies: a proxy has the connections of many clients.
    pub(super) fn acquire(
        self: &Arc<Self>,
        client: Option<IpAddr>,
    ) -> Result<ConnectionPermit, Exceeded> {
        let networks = client.map(|it| [Scope::Narrow(narrow(it)), Scope::Wide(wide(it))]);
        // A network limit that is not below the total is none.
        let networks =
            networks.into_iter().flatten().filter(|scope| self.max(*scope) < self.max.total);
        let scopes: Vec<Scope> = networks.chain([Scope::Total]).collect();
        let now = self.now();
        let mut state = self.state();
        for &scope in &scopes {
            if state.counts.get(&scope).copied().unwrap_or_default() >= self.max(scope) {
                let exceeded =
                    if scope == Scope::Total { Exceeded::Total } else { Exceeded::Network };
                state.evict_idle(scope, now, self.idle_grace).ok_or(exceeded)?;
            }
        }
        for &scope in &scopes {
            *state.counts.entry(scope).or_default() += 1;
        }
        state.last_id += 1;
        let (id, signals) = (state.last_id, Arc::new(Signals::default()));
        signals.idle_since.store(now, Ordering::Relaxed);
        state.queue.extend(scopes.iter().map(|&scope| (scope, now, id)));
        let connection = Connection { scopes, queued_at: now, signals: signals.clone() };
        state.connections.insert(id, connection);
        Ok(ConnectionPermit { pool: self.clone(), id, signals })
    }

    /// Waits for the release of a permit, since the last call or from now on.
    pub(super) async fn released(&self) {
        self.released.notified().await;
    }

    fn max(&self, scope: Scope) -> usize {
        match scope {
            Scope::Narrow(_) => self.max.narrow,
            Scope::Wide(_) => self.max.wide,
            Scope::Total => self.max.total,
        }
    }

    fn now(&self) -> Micros {
        self.started_at.elapsed().as_micros() as Micros
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Closes the longest idle connection in this scope; `None` if none has been idle for
    /// `idle_grace`. Connections that were used since they were queued are queued again on the way.
    fn evict_idle(&mut self, scope: Scope, now: Micros, idle_grace: Duration) -> Option<()> {
        let idle_before = now.checked_sub(idle_grace.as_micros() as Micros)?;
        loop {
            let &(_, queued_at, id) =
                self.queue.range((scope, 0, 0)..=(scope, idle_before, u64::MAX)).next()?;
            let signals = &self.connections.get(&id)?.signals;
            let idle_since = match signals.is_idle() {
                true => signals.idle_since.load(Ordering::Relaxed),
                false => now,
            };
            if idle_since == queued_at {
                let evicted = self.remove(id)?;
                evicted.signals.close.notify_one();
                return Some(());
            }
            self.queue_again(id, idle_since);
        }
    }

    fn queue_again(&mut self, id: u64, idle_since: Micros) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        for &scope in &connection.scopes {
            self.queue.remove(&(scope, connection.queued_at, id));
            self.queue.insert((scope, idle_since, id));
        }
        connection.queued_at = idle_since;
    }

    fn remove(&mut self, id: u64) -> Option<Connection> {
        let removed = self.connections.remove(&id)?;
        for &scope in &removed.scopes {
            self.queue.remove(&(scope, removed.queued_at, id));
            if let Some(count) = self.counts.get_mut(&scope) {
                *count -= 1;
                if *count == 0 {
                    self.counts.remove(&scope);
                }
            }
        }
        Some(removed)
    }
}

/// The permit of an open connection, released on drop.
#[derive(Debug)]
pub(crate) struct ConnectionPermit {
    pool: Arc<Pool>,
    id: u64,
    signals: Arc<Signals>,
}

impl ConnectionPermit {
    /// Marks the connection as busy until the guard is dropped. A busy connection is not evicted.
    pub(crate) fn busy(self: &Arc<Self>) -> BusyGuard {
        self.signals.busy.fetch_add(1, Ordering::Relaxed);
        BusyGuard(self.clone())
    }

    /// Whether no request of the connection is being answered.
    pub(crate) fn is_idle(&self) -> bool {
        self.signals.is_idle()
    }

    /// Waits until the connection is to be closed.
    pub(crate) async fn close_requested(&self) -> Close {
        self.signals.close.notified().await;
        match self.is_idle() || self.signals.aborted.load(Ordering::Relaxed) {
            true => Close::AtOnce,
            false => Close::AfterRequest,
        }
    }
}

/// When a connection is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Close {
    AtOnce,
    /// A request arrived while the connection was being evicted: it is answered first.
    AfterRequest,
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        self.pool.state().remove(self.id);
        self.pool.released.notify_one();
    }
}

/// Marks a connection as busy.
#[derive(Debug)]
pub(crate) struct BusyGuard(Arc<ConnectionPermit>);

impl BusyGuard {
    /// Closes the connection at once.
    pub(crate) fn abort_connection(&self) {
        self.0.signals.aborted.store(true, Ordering::Relaxed);
        self.0.signals.close.notify_one();
    }
}

impl Drop for BusyGuard {
    fn drop(&mut self) {
        let Signals { busy, idle_since, .. } = &*self.0.signals;
        idle_since.store(self.0.pool.now(), Ordering::Relaxed);
        // The time is seen by an eviction that sees the connection idle.
        busy.fetch_sub(1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests;
