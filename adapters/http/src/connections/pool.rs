//! Places for connections, by network. One that waits for its next request gives way when there is
//! no other place: the one that has waited longest, of the network that wants another.

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

/// How many connections there may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Most {
    /// In all.
    pub(super) all: usize,
    /// Of one address, as [`narrow`] counts.
    pub(super) narrow: usize,
    /// Of a larger network, as [`wide`] counts.
    pub(super) wide: usize,
}

/// What connections are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Scope {
    Narrow(IpAddr),
    Wide(IpAddr),
    All,
}

/// The places.
#[derive(Debug)]
pub(super) struct Pool {
    most: Most,
    /// How long a connection keeps its place while it waits for a request: its bytes may be on
    /// their way.
    keeps: Duration,
    state: Mutex<State>,
    /// A connection has ended.
    freed: Notify,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// The client's network has as many as it may.
    Network,
    /// All are taken.
    All,
}

#[derive(Debug, Default)]
struct State {
    /// Numbers connections, and how recently each was used.
    next: u64,
    open: HashMap<u64, Open>,
    counts: HashMap<Scope, usize>,
    /// Those that wait for a request, in each of their scopes, by when they were last used.
    waiting: BTreeMap<(Scope, u64), u64>,
}

#[derive(Debug)]
struct Open {
    scopes: Vec<Scope>,
    /// When it began to wait for a request, as time and as number.
    since: Option<(Instant, u64)>,
    line: Arc<Line>,
}

/// What the pool and a connection tell one another.
#[derive(Debug, Default)]
struct Line {
    busy: AtomicUsize,
    doomed: AtomicBool,
    told: Notify,
}

impl Pool {
    pub(super) fn new(most: Most, keeps: Duration) -> Arc<Self> {
        Arc::new(Self { most, keeps, state: Mutex::default(), freed: Notify::new() })
    }

    /// A place for a connection of this client, if need be that of one that waits. Without a client
    /// it counts among all alone: a proxy has those of many.
    pub(super) fn enter(
        self: &Arc<Self>,
        client: Option<IpAddr>,
    ) -> Result<ConnectionPermit, Full> {
        let own = client.map(|it| [Scope::Narrow(narrow(it)), Scope::Wide(wide(it))]);
        // A network that may have all there is has no share of its own to use up.
        let own = own.into_iter().flatten().filter(|scope| self.most(*scope) < self.most.all);
        let scopes: Vec<Scope> = own.chain([Scope::All]).collect();
        let mut state = self.state();
        for &scope in &scopes {
            if state.counts.get(&scope).copied().unwrap_or_default() >= self.most(scope) {
                let full = if scope == Scope::All { Full::All } else { Full::Network };
                state.make_room(scope, self.keeps).ok_or(full)?;
            }
        }
        for &scope in &scopes {
            *state.counts.entry(scope).or_default() += 1;
        }
        let (id, line) = (state.number(), Arc::new(Line::default()));
        state.open.insert(id, Open { scopes, since: None, line: line.clone() });
        state.waits(id);
        Ok(ConnectionPermit { pool: self.clone(), id, line })
    }

    /// Ready when a connection has ended since the last time, or soon does.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }

    fn most(&self, scope: Scope) -> usize {
        match scope {
            Scope::Narrow(_) => self.most.narrow,
            Scope::Wide(_) => self.most.wide,
            Scope::All => self.most.all,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Ends the connection that has waited longest in this scope; `None` where none has waited long
    /// enough.
    fn make_room(&mut self, scope: Scope, keeps: Duration) -> Option<()> {
        let (_, &id) = self.waiting.range((scope, 0)..=(scope, u64::MAX)).next()?;
        let (since, _) = self.open.get(&id)?.since?;
        if since.elapsed() < keeps {
            return None;
        }
        let gone = self.leave(id)?;
        gone.line.told.notify_one();
        Some(())
    }

    fn leave(&mut self, id: u64) -> Option<Open> {
        self.works(id);
        let gone = self.open.remove(&id)?;
        for scope in &gone.scopes {
            if let Some(count) = self.counts.get_mut(scope) {
                *count -= 1;
                if *count == 0 {
                    self.counts.remove(scope);
                }
            }
        }
        Some(gone)
    }

    fn waits(&mut self, id: u64) {
        let number = self.number();
        let Some(open) = self.open.get_mut(&id) else { return };
        open.since = Some((Instant::now(), number));
        self.waiting.extend(open.scopes.iter().map(|&scope| ((scope, number), id)));
    }

    fn works(&mut self, id: u64) {
        let Some(open) = self.open.get_mut(&id) else { return };
        let Some((_, number)) = open.since.take() else { return };
        for &scope in &open.scopes {
            self.waiting.remove(&(scope, number));
        }
    }
}

/// A connection's place, free again when dropped.
#[derive(Debug)]
pub(crate) struct ConnectionPermit {
    pool: Arc<Pool>,
    id: u64,
    line: Arc<Line>,
}

impl ConnectionPermit {
    /// From now on, until this is dropped, something is done for the connection, and it gives way
    /// to no other.
    pub(crate) fn busy(self: &Arc<Self>) -> Busy {
        let mut state = self.pool.state();
        self.line.busy.fetch_add(1, Ordering::Relaxed);
        state.works(self.id);
        Busy(self.clone())
    }

    /// Whether nothing is being done for the connection.
    pub(crate) fn is_idle(&self) -> bool {
        self.line.busy.load(Ordering::Relaxed) == 0
    }

    /// Ready when the connection is to end; whether at once, or after the request under way.
    pub(crate) async fn told_to_end(&self) -> AtOnce {
        self.line.told.notified().await;
        AtOnce(self.is_idle() || self.line.doomed.load(Ordering::Relaxed))
    }
}

/// Whether a connection ends at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AtOnce(pub(crate) bool);

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        self.pool.state().leave(self.id);
        self.pool.freed.notify_one();
    }
}

/// A connection that something is done for.
#[derive(Debug)]
pub(crate) struct Busy(Arc<ConnectionPermit>);

impl Busy {
    /// Ends the connection at once.
    pub(crate) fn cut(&self) {
        self.0.line.doomed.store(true, Ordering::Relaxed);
        self.0.line.told.notify_one();
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.pool.state();
        if self.0.line.busy.fetch_sub(1, Ordering::Relaxed) == 1 {
            state.waits(self.0.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const KEEPS: Duration = Duration::from_secs(1);

    fn pool(all: usize, narrow: usize, wide: usize) -> Arc<Pool> {
        Pool::new(Most { all, narrow, wide }, KEEPS)
    }

    fn enter(pool: &Arc<Pool>, client: &str) -> Option<Arc<ConnectionPermit>> {
        pool.enter(Some(client.parse().unwrap())).ok().map(Arc::new)
    }

    fn told(place: &ConnectionPermit) -> Option<bool> {
        place.told_to_end().now_or_never().map(|it| it.0)
    }

    async fn later() {
        tokio::time::advance(KEEPS).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_pool_gives_the_place_that_has_waited_longest_and_no_busy_one() {
        let pool = pool(2, 9, 9);
        let (first, second) = (enter(&pool, "1.0.0.1").unwrap(), enter(&pool, "2.0.0.1").unwrap());
        assert!(enter(&pool, "3.0.0.1").is_none(), "they have only just come");
        later().await;
        let busy = first.busy();
        let third = enter(&pool, "3.0.0.1").unwrap();
        assert_eq!((told(&first), told(&second)), (None, Some(true)));
        later().await;
        let also_busy = third.busy();
        assert!(enter(&pool, "4.0.0.1").is_none());
        drop(busy);
        later().await;
        assert!(enter(&pool, "4.0.0.1").is_some());
        assert_eq!(told(&first), Some(true));
        drop(also_busy);
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_at_its_limit_takes_from_itself_alone() {
        for (one, two, other) in [
            ("1.0.0.1", "1.0.0.1", "1.0.0.2"),
            ("2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:3::1"),
        ] {
            let pool = pool(9, 2, 9);
            let others = enter(&pool, other).unwrap();
            let (first, second) = (enter(&pool, one).unwrap(), enter(&pool, two).unwrap());
            assert!(enter(&pool, one).is_none());
            assert!(enter(&pool, other).is_some());
            later().await;
            assert!(enter(&pool, one).is_some());
            assert_eq!((told(&others), told(&first), told(&second)), (None, Some(true), None));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_that_may_have_all_places_is_told_that_all_are_taken() {
        let pool = pool(1, 1, 1);
        let _held = enter(&pool, "1.0.0.1").unwrap();
        let again = pool.enter(Some("1.0.0.1".parse().unwrap()));
        assert_eq!(again.unwrap_err(), Full::All);
    }

    #[tokio::test(start_paused = true)]
    async fn many_addresses_of_one_network_have_a_limit_together() {
        let pool = pool(9, 9, 2);
        let _held = [enter(&pool, "1.0.0.1").unwrap(), enter(&pool, "1.0.0.2").unwrap()];
        assert!(enter(&pool, "1.0.0.3").is_none());
        assert!(enter(&pool, "1.0.1.3").is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_proxys_connections_count_among_all_alone() {
        let pool = pool(3, 1, 1);
        let held: Vec<_> = (0..3).map(|_| pool.enter(None).unwrap()).collect();
        assert_eq!(pool.enter(None).unwrap_err(), Full::All);
        drop(held);
        let state = pool.state();
        assert!(state.open.is_empty() && state.counts.is_empty() && state.waiting.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_is_busy_by_the_time_it_is_told_ends_after_its_request() {
        let pool = pool(1, 1, 1);
        let place = enter(&pool, "1.0.0.1").unwrap();
        later().await;
        let _next = enter(&pool, "1.0.0.1").unwrap();
        let busy = place.busy();
        assert_eq!(told(&place), Some(false));
        busy.cut();
        assert_eq!(told(&place), Some(true));
    }
}
