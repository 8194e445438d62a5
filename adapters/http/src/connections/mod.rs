//! Limits open connections, per network and in total.
//!
//! A connection over the limit is admitted to a reserve, where it may send one request. Health checks
//! and requests with a live session are answered there; others get 503. So a client that takes up
//! every connection locks neither of them out.

mod guard;
pub(crate) mod keyed_limit;
pub(crate) mod network;
mod pool;

use std::{net::IpAddr, sync::Arc, time::Duration};

use tokio::time::{Instant, timeout};

use self::pool::{Exceeded, MaxConnections, Pool};
pub(crate) use self::{
    guard::RequestGuard,
    pool::{BusyGuard, Close, ConnectionPermit},
};

/// Connections in the reserve. The part of it for one address is the same as of the pool.
const RESERVE_SIZE: usize = 1_024;

/// How long a connection in the reserve may be idle before another one may evict it.
const RESERVE_IDLE_GRACE: Duration = Duration::from_millis(250);

/// How long an accepted connection waits for the reserve. Idle connections there are evicted
/// earlier, so a timeout means that all are being answered.
const RESERVE_TIMEOUT: Duration = Duration::from_secs(1);

/// The limit of a /24 or /48, as a multiple of the limit of one address.
const WIDE_FACTOR: usize = 4;

/// How long a connection may be idle before another one may evict it.
const IDLE_GRACE: Duration = Duration::from_secs(1);

/// The shortest time between two log lines about exceeded limits.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// Admits connections.
pub(crate) struct ConnectionLimit {
    pool: Arc<Pool>,
    reserve: Arc<Pool>,
    max: usize,
    over_limit: u64,
    logged_at: Option<Instant>,
}

/// How a connection is admitted.
pub(crate) enum Admission {
    /// To the pool.
    Pool(ConnectionPermit),
    /// To the reserve.
    Reserve(ConnectionPermit),
    /// Not at all: its network's part of the reserve is used up, or all of it is being answered.
    Rejected,
}

impl ConnectionLimit {
    /// Admits up to `max` connections, of which one address may have `max_per_address`.
    pub(crate) fn new(max: usize, max_per_address: usize) -> Self {
        let narrow = max_per_address.min(max);
        let pool = MaxConnections { total: max, narrow, wide: narrow.saturating_mul(WIDE_FACTOR) };
        let reserve_narrow = (RESERVE_SIZE * narrow / max).max(1);
        let reserve = MaxConnections {
            total: RESERVE_SIZE,
            narrow: reserve_narrow,
            wide: reserve_narrow * WIDE_FACTOR,
        };
        Self {
            pool: Pool::new(pool, IDLE_GRACE),
            reserve: Pool::new(reserve, RESERVE_IDLE_GRACE),
            max,
            over_limit: 0,
            logged_at: None,
        }
    }

    /// Admits a connection of this client. `None` stands for a trusted proxy, which counts in total
    /// only.
    pub(crate) async fn admit(&mut self, client: Option<IpAddr>) -> Admission {
        if let Ok(permit) = self.pool.acquire(client) {
            return Admission::Pool(permit);
        }
        self.over_limit += 1;
        if self.logged_at.is_none_or(|logged_at| logged_at.elapsed() >= LOG_INTERVAL) {
            let (max, over_limit) = (self.max, self.over_limit);
            tracing::warn!(
                max,
                over_limit,
                "connection limit reached, of an address, of a network or in total: over it only \
                 health checks and signed-in people are answered"
            );
            self.logged_at = Some(Instant::now());
        }
        self.acquire_reserve(client).await.map_or(Admission::Rejected, Admission::Reserve)
    }

    /// A permit of the reserve. While this waits, further connections wait in the listen backlog.
    async fn acquire_reserve(&self, client: Option<IpAddr>) -> Option<ConnectionPermit> {
        let started = Instant::now();
        loop {
            match self.reserve.acquire(client) {
                Ok(permit) => return Some(permit),
                Err(Exceeded::Total) if started.elapsed() < RESERVE_TIMEOUT => {
                    let _ = timeout(RESERVE_IDLE_GRACE / 5, self.reserve.released()).await;
                }
                Err(_) => return None,
            }
        }
    }
}
