//! How much of Portico anybody may have: connections, logins a minute, logins at once.
//!
//! What is shed is told when to come again (`Retry-After`), and nothing was done for it: its login
//! is as it was before.

mod client;
mod rates;

use std::{net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use warp::http::HeaderMap;

use self::rates::Rates;
pub use self::{client::TrustedProxies, rates::PerMinute};

/// How long a callback may wait for its turn: longer than most logins take, and short enough that
/// a person still sits there.
const TURN_WITHIN: Duration = Duration::from_secs(2);

/// What an operator allows.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at once; each may cost 32 KiB while its request is read.
    pub connections: NonZeroU32,
    /// Of them from one address: an IPv4 address, or 64 bits of IPv6. A /24 or /48 may have four
    /// times as many.
    pub connections_per_address: NonZeroU32,
    /// Logins a minute: as many may begin, and as many may come back.
    pub logins: PerMinute,
    /// Logins that are redeeming their code or listing, at once. Each has a request to a cloud under
    /// way, and a plug-in's memory.
    pub logins_at_once: NonZeroU32,
    /// Whose word on a client's address counts.
    pub trusted_proxies: TrustedProxies,
}

/// Admits what the limits allow.
pub struct Gate {
    limits: Limits,
    begun: Rates,
    completed: Rates,
    turns: Arc<Semaphore>,
}

/// Why a login is not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shed {
    /// Too many were tried in the last minute.
    TooOften {
        /// Seconds until the next may be.
        again_in: u32,
    },
    /// As many as may be are under way, and none ended in time.
    NoTurn,
}

impl Gate {
    /// A gate with nobody in it.
    pub fn new(limits: Limits) -> Self {
        let turns = Arc::new(Semaphore::new(limits.logins_at_once.get() as usize));
        let (begun, completed) = (Rates::new(limits.logins), Rates::new(limits.logins));
        Self { limits, begun, completed, turns }
    }

    /// How many connections may be open.
    pub(crate) fn connections(&self) -> usize {
        self.limits.connections.get() as usize
    }

    /// How many of them one address may have.
    pub(crate) fn connections_per_address(&self) -> usize {
        self.limits.connections_per_address.get() as usize
    }

    /// Whether this address is a trusted proxy's.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.limits.trusted_proxies.trust(address)
    }

    /// Which address a request comes from.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        self.limits.trusted_proxies.client(peer, headers)
    }

    /// Whether this client may begin a login now.
    pub(crate) fn begin(&self, peer: IpAddr, headers: &HeaderMap) -> Result<(), Shed> {
        self.begun.take(self.limits.trusted_proxies.client(peer, headers))
    }

    /// Waits for a login's turn to be completed.
    pub(crate) async fn complete(
        &self,
        peer: IpAddr,
        headers: &HeaderMap,
    ) -> Result<OwnedSemaphorePermit, Shed> {
        self.completed.take(self.limits.trusted_proxies.client(peer, headers))?;
        let turn = timeout(TURN_WITHIN, Arc::clone(&self.turns).acquire_owned()).await;
        turn.ok().and_then(Result::ok).ok_or(Shed::NoTurn)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_login_waits_for_its_turn_and_is_shed_when_none_comes() {
        let one = NonZeroU32::MIN;
        let many = NonZeroU32::new(1_000).unwrap();
        let gate = Gate::new(Limits {
            connections: one,
            connections_per_address: one,
            logins: PerMinute { per_address: many, in_all: many },
            logins_at_once: one,
            trusted_proxies: TrustedProxies::default(),
        });
        let (peer, headers) = (IpAddr::V4(Ipv4Addr::LOCALHOST), HeaderMap::new());
        let first = gate.complete(peer, &headers).await.unwrap();
        assert_eq!(gate.complete(peer, &headers).await.unwrap_err(), Shed::NoTurn);
        let waiting = gate.complete(peer, &headers);
        let ends = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            drop(first);
        };
        let (waited, ()) = tokio::join!(waiting, ends);
        assert!(waited.is_ok());
    }
}
