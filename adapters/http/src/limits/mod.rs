//! How much of Portico anybody may have: connections, logins a minute, work at providers at once.
//!
//! What is shed is told when to come again (`Retry-After`), and nothing was done for it: its login
//! is as it was before.

mod client;
mod networks;
mod rates;
mod shares;

use std::{net::IpAddr, num::NonZeroU32};

use portico_domain::identity::ProviderId;
use warp::http::HeaderMap;

pub(crate) use self::shares::Permit;
pub use self::{client::TrustedProxies, rates::PerMinute};
use self::{rates::Rates, shares::Shares};

/// What an operator allows.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at once; each may cost 32 KiB while its request is read.
    pub connections: NonZeroU32,
    /// Of them from one address: an IPv4 address, or 64 bits of IPv6. A /24 or /48 may have four
    /// times as many.
    pub connections_per_address: NonZeroU32,
    /// Logins a minute that may begin and come to nothing.
    pub logins: PerMinute,
    /// Logins that are redeeming their code or listing, at once, of all providers; and as many that
    /// are beginning. Each has a request to a cloud under way, and a plug-in's memory.
    pub logins_at_once: NonZeroU32,
    /// Whose word on a client's address counts.
    pub trusted_proxies: TrustedProxies,
}

/// Admits what the limits allow.
pub(crate) struct LoginLimiter {
    limits: Limits,
    begun: Rates,
    unfounded: Rates,
    beginning: Shares,
    completing: Shares,
}

/// Why a login is not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejected {
    /// Too many were tried in the last minute.
    TooOften {
        /// Seconds until the next may be.
        again_in: u32,
    },
    /// As many as may be are under way at its provider, and none ended in time.
    NoPermit,
}

impl LoginLimiter {
    /// No permits taken.
    pub(crate) fn new(limits: Limits) -> Self {
        let at_once = limits.logins_at_once.get() as usize;
        Self {
            begun: Rates::new(limits.logins),
            unfounded: Rates::new(limits.logins),
            // Apart from one another: whoever only begins takes nothing from those who come back.
            beginning: Shares::new(at_once),
            completing: Shares::new(at_once),
            limits,
        }
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

    /// Counts a login that begins: until it succeeds, it has come to nothing.
    pub(crate) fn begin(&self, peer: IpAddr, headers: &HeaderMap) -> Result<(), Rejected> {
        self.begun.take(self.client(peer, headers))
    }

    /// Counts no more a login that succeeded.
    pub(crate) fn succeeded(&self, peer: IpAddr, headers: &HeaderMap) {
        self.begun.give_back(self.client(peer, headers));
    }

    /// Counts an answer to no login. Nobody is refused for it who brings a login.
    pub(crate) fn unfounded(&self, peer: IpAddr, headers: &HeaderMap) -> Result<(), Rejected> {
        self.unfounded.take(self.client(peer, headers))
    }

    /// A permit to ask this provider, one of so many, how people sign in.
    pub(crate) async fn beginning(
        &self,
        provider: &ProviderId,
        known: usize,
    ) -> Result<Permit, Rejected> {
        self.beginning.acquire(provider, known).await.ok_or(Rejected::NoPermit)
    }

    /// A permit to redeem a code at this provider, one of so many, and to list.
    pub(crate) async fn completing(
        &self,
        provider: &ProviderId,
        known: usize,
    ) -> Result<Permit, Rejected> {
        self.completing.acquire(provider, known).await.ok_or(Rejected::NoPermit)
    }
}
