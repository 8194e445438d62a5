//! Rate and concurrency limits of connections and logins.
//!
//! A rejected request has no side effects and carries `Retry-After`.

mod client;
mod networks;
mod permits;
mod rates;

use std::{net::IpAddr, num::NonZeroU32};

use portico_domain::identity::ProviderId;
use warp::http::HeaderMap;

pub(crate) use self::permits::Permit;
pub use self::{client::TrustedProxies, rates::PerMinute};
use self::{permits::ProviderPermits, rates::LoginRates};

/// The limits that an operator configures.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Open connections; each may take 32 KiB while its request is read.
    pub connections: NonZeroU32,
    /// Open connections of one address: an IPv4 address, or an IPv6 /64. A /24 or /48 may have four
    /// times as many.
    pub connections_per_address: NonZeroU32,
    /// Logins that begin and do not succeed.
    pub logins: PerMinute,
    /// Concurrent logins of all providers that redeem their code or list resources, and as many that
    /// begin. Each has a request to a cloud in flight, and the memory of a plug-in.
    pub logins_at_once: NonZeroU32,
    /// Proxies whose `X-Forwarded-For` is used.
    pub trusted_proxies: TrustedProxies,
}

/// Enforces [`Limits`] on logins, and knows those of connections.
pub(crate) struct LoginLimiter {
    limits: Limits,
    logins: LoginRates,
    unmatched_callbacks: LoginRates,
    begin_permits: ProviderPermits,
    complete_permits: ProviderPermits,
}

/// Why a login is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejected {
    /// Too many logins per minute.
    RateLimited {
        /// Seconds until the next one is accepted.
        retry_after: u32,
    },
    /// No permit of the provider was released in time.
    Overloaded,
}

impl LoginLimiter {
    /// No permits taken, nothing counted.
    pub(crate) fn new(limits: Limits) -> Self {
        let concurrent = limits.logins_at_once.get() as usize;
        Self {
            logins: LoginRates::new(limits.logins),
            unmatched_callbacks: LoginRates::new(limits.logins),
            // Separate: logins that only begin must not take permits from those that complete.
            begin_permits: ProviderPermits::new(concurrent),
            complete_permits: ProviderPermits::new(concurrent),
            limits,
        }
    }

    /// The most open connections.
    pub(crate) fn connections(&self) -> usize {
        self.limits.connections.get() as usize
    }

    /// The most open connections of one address.
    pub(crate) fn connections_per_address(&self) -> usize {
        self.limits.connections_per_address.get() as usize
    }

    /// Whether the address belongs to a trusted proxy.
    pub(crate) fn is_trusted_proxy(&self, address: IpAddr) -> bool {
        self.limits.trusted_proxies.contains(address)
    }

    /// The client's address.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        self.limits.trusted_proxies.client(peer, headers)
    }

    /// Counts a login that begins.
    pub(crate) fn count_login(&self, peer: IpAddr, headers: &HeaderMap) -> Result<(), Rejected> {
        self.logins.take(self.client(peer, headers))
    }

    /// Takes a login that succeeded out of the count.
    pub(crate) fn refund_login(&self, peer: IpAddr, headers: &HeaderMap) {
        self.logins.refund(self.client(peer, headers));
    }

    /// Counts a callback that matches no login attempt. Its count does not limit logins.
    pub(crate) fn count_unmatched_callback(
        &self,
        peer: IpAddr,
        headers: &HeaderMap,
    ) -> Result<(), Rejected> {
        self.unmatched_callbacks.take(self.client(peer, headers))
    }

    /// A permit to begin a login with this provider. `providers` is the number of providers.
    pub(crate) async fn acquire_begin(
        &self,
        provider: &ProviderId,
        providers: usize,
    ) -> Result<Permit, Rejected> {
        self.begin_permits.acquire(provider, providers).await.ok_or(Rejected::Overloaded)
    }

    /// A permit to redeem a code and list resources. `providers` is the number of providers.
    pub(crate) async fn acquire_complete(
        &self,
        provider: &ProviderId,
        providers: usize,
    ) -> Result<Permit, Rejected> {
        self.complete_permits.acquire(provider, providers).await.ok_or(Rejected::Overloaded)
    }
}
