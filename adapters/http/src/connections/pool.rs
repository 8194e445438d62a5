//! Connection permits, counted by network. At a limit, the connection that has been idle longest
//! within that limit is evicted for the new one.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
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
    /// The last number given out, as the id of a connection or as the order of its last use.
    last_number: u64,
    connections: HashMap<u64, Connection>,
    counts: HashMap<Scope, usize>,
    /// Ids of idle connections in each of their scopes, the longest idle first.
    idle: BTreeMap<(Scope, u64), u64>,
}

#[derive(Debug)]
struct Connection {
    scopes: Vec<Scope>,
    /// Since when it is idle, as time and as number; `None` if it is busy.
    idle_since: Option<(Instant, u64)>,
    signals: Arc<Signals>,
}

/// State that the pool shares with a connection's permit.
#[derive(Debug, Default)]
struct Signals {
    busy: AtomicUsize,
    aborted: AtomicBool,
    close: Notify,
}

impl Pool {
    pub(super) fn new(max: MaxConnections, idle_grace: Duration) -> Arc<Self> {
        Arc::new(Self { max, idle_grace, state: Mutex::default(), released: Notify::new() })
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
        let mut state = self.state();
        for &scope in &scopes {
            if state.counts.get(&scope).copied().unwrap_or_default() >= self.max(scope) {
                let exceeded =
                    if scope == Scope::Total { Exceeded::Total } else { Exceeded::Network };
                state.evict_idle(scope, self.idle_grace).ok_or(exceeded)?;
            }
        }
        for &scope in &scopes {
            *state.counts.entry(scope).or_default() += 1;
        }
        let (id, signals) = (state.next_number(), Arc::new(Signals::default()));
        let connection = Connection { scopes, idle_since: None, signals: signals.clone() };
        state.connections.insert(id, connection);
        state.mark_idle(id);
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

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// Closes the longest idle connection in this scope; `None` if none has been idle for
    /// `idle_grace`.
    fn evict_idle(&mut self, scope: Scope, idle_grace: Duration) -> Option<()> {
        let (_, &id) = self.idle.range((scope, 0)..=(scope, u64::MAX)).next()?;
        let (since, _) = self.connections.get(&id)?.idle_since?;
        if since.elapsed() < idle_grace {
            return None;
        }
        let evicted = self.remove(id)?;
        evicted.signals.close.notify_one();
        Some(())
    }

    fn remove(&mut self, id: u64) -> Option<Connection> {
        self.mark_busy(id);
        let removed = self.connections.remove(&id)?;
        for scope in &removed.scopes {
            if let Some(count) = self.counts.get_mut(scope) {
                *count -= 1;
                if *count == 0 {
                    self.counts.remove(scope);
                }
            }
        }
        Some(removed)
    }

    fn mark_idle(&mut self, id: u64) {
        let number = self.next_number();
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.idle_since = Some((Instant::now(), number));
        self.idle.extend(connection.scopes.iter().map(|&scope| ((scope, number), id)));
    }

    fn mark_busy(&mut self, id: u64) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let Some((_, number)) = connection.idle_since.take() else { return };
        for &scope in &connection.scopes {
            self.idle.remove(&(scope, number));
        }
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
        let mut state = self.pool.state();
        self.signals.busy.fetch_add(1, Ordering::Relaxed);
        state.mark_busy(self.id);
        BusyGuard(self.clone())
    }

    /// Whether no request of the connection is being answered.
    pub(crate) fn is_idle(&self) -> bool {
        self.signals.busy.load(Ordering::Relaxed) == 0
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
        let mut state = self.0.pool.state();
        if self.0.signals.busy.fetch_sub(1, Ordering::Relaxed) == 1 {
            state.mark_idle(self.0.id);
        }
    }
}

#[cfg(test)]
mod tests;
