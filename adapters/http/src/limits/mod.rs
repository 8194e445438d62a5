//! How much of Portico anybody may have: connections, logins a minute, logins at once.
//!
//! What is shed is told when to come again (`Retry-After`), and nothing was done for it: its login
//! is as it was before.

mod client;
mod networks;
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
    /// Logins a minute that may begin and come to nothing.
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
    unfounded: Rates,
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
        let at_once = limits.logins_at_once.get() as usize;
        Self {
            begun: Rates::new(limits.logins),
            unfounded: Rates::new(limits.logins),
            turns: Arc::new(Semaphore::new(at_once)),
            limits,
        }
    }

    /// How many connections may be open.
    pub(crate) fn connections(&self) -> usize {
        self.limits.connections.get() as usize
    }

    /// Counts a login that begins: until it succeeds, it has come to nothing.
    pub(crate) fn begin(&self, peer: IpAddr, headers: &HeaderMap) -> Result<(), Shed> {
        self.begun.take(self.client(peer, headers))
    }

    /// Counts no more a login that succeeded.
    pub(crate) fn succeeded(&self, peer: IpAddr, headers: &HeaderMap) {
        self.begun.give_back(self.client(peer, headers));
    }

    /// Counts an answer to no login. Nobody is refused for it who brings a login.
    pub(crate) fn unfounded(&self, peer: IpAddr, headers: &HeaderMap) -> Result<(), Shed> {
        self.unfounded.take(self.client(peer, headers))
    }

    /// Waits for a login's turn to be completed.
    pub(crate) async fn turn(&self) -> Result<OwnedSemaphorePermit, Shed> {
        let turn = timeout(TURN_WITHIN, Arc::clone(&self.turns).acquire_owned()).await;
        turn.ok().and_then(Result::ok).ok_or(Shed::NoTurn)
    }

    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        self.limits.trusted_proxies.client(peer, headers)
    }
}
