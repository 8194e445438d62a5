//! Rate limit of logins that do not succeed, by network.
//!
//! An address is counted in networks of three widths and in total. Each width has its limit. If a
//! wider network or the total is at its limit, each network in it is limited to an equal share of it:
//! the heaviest are refused, the others are not. A login that succeeds is taken out of the counts.
//!
//! Counts decay exponentially with a time constant of a minute. So the count of a network is always
//! the sum of the counts within it, and a limit of n is n a minute.

use std::{
    collections::HashMap,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    Rejected,
    networks::{WIDTHS, networks, wider},
};

/// Logins per minute. A burst of this size is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerMinute {
    /// Of one address: an IPv4 address, or an IPv6 /64. A whole company may share it.
    pub per_address: NonZeroU32,
    /// Of all addresses.
    pub total: NonZeroU32,
}

/// The limit of each width, as a multiple of the limit of an address.
const WIDTH_FACTORS: [f64; WIDTHS] = [16.0, 4.0, 1.0];

/// The most networks of each width in memory, 80 bytes each. Beyond it the lightest are removed: a
/// flood from many networks is still counted in the wider ones.
const MAX_NETWORKS: usize = 32_768;

/// The time in which a count decays by a factor of e.
const TIME_CONSTANT: Duration = Duration::from_secs(60);

/// The count of one login after a minute. A network with less is removed, and a login is accepted if
/// the count is that far below the limit.
const RESIDUE: f64 = 0.368;

/// The shortest time between two sweeps.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// Counts logins and refuses those over a limit.
pub(super) struct LoginRates {
    limits: [f64; WIDTHS],
    total_limit: f64,
    counts: Mutex<Counts>,
}

struct Counts {
    total: Count,
    /// By width, the widest first.
    networks: [HashMap<IpAddr, Network>; WIDTHS],
    swept_at: Instant,
}

struct Network {
    count: Count,
    /// The number of networks of the next width in it.
    inner: usize,
}

/// A count that decays.
#[derive(Clone, Copy)]
struct Count {
    value: f64,
    at: Instant,
}

impl LoginRates {
    pub(super) fn new(limits: PerMinute) -> Self {
        let now = Instant::now();
        let counts =
            Counts { total: Count::zero(now), networks: Default::default(), swept_at: now };
        Self {
            limits: WIDTH_FACTORS.map(|factor| factor * f64::from(limits.per_address.get())),
            total_limit: limits.total.get().into(),
            counts: Mutex::new(counts),
        }
    }

    /// Counts one login, or refuses it and says when to retry. A refused login is not counted.
    pub(super) fn take(&self, client: IpAddr) -> Result<(), Rejected> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        counts.sweep(now);
        let (count, allowed) = self.allowed(&counts, client, now);
        if is_full(count, allowed) {
            return Err(Rejected::RateLimited { retry_after: seconds_until(count, allowed) });
        }
        counts.add(client, now);
        Ok(())
    }

    /// Takes a login that succeeded out of the counts.
    pub(super) fn refund(&self, client: IpAddr) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.refund(client, Instant::now());
    }

    /// The count of the client's narrowest network, and its limit now.
    fn allowed(&self, counts: &Counts, client: IpAddr, now: Instant) -> (f64, f64) {
        let (mut count, mut allowed) = (counts.total.at(now), self.total_limit);
        let mut inner = counts.networks[0].len();
        for (width, network) in networks(client).into_iter().enumerate() {
            let known = counts.networks[width].get(&network);
            let own = self.limits[width];
            allowed = match is_full(count, allowed) {
                true => {
                    share(allowed, inner + usize::from(known.is_none()), client, width).min(own)
                }
                false => own,
            };
            count = known.map_or(0.0, |known| known.count.at(now));
            inner = known.map_or(0, |known| known.inner);
        }
        (count, allowed)
    }
}

/// An equal share for each of `of` networks, at least one login a minute. There is no minimum for a
/// /64 in a full /48: a site has 65,536 of them.
fn share(allowed: f64, of: usize, client: IpAddr, width: usize) -> f64 {
    let min = if client.is_ipv6() && width == WIDTHS - 1 { 0.0 } else { 1.0 };
    (allowed / of.max(1) as f64).max(min)
}

/// Whether one more login would exceed the limit.
fn is_full(count: f64, allowed: f64) -> bool {
    count + 1.0 - RESIDUE > allowed
}

/// Whole seconds until the count has decayed enough for one more login; a minute at most.
fn seconds_until(count: f64, allowed: f64) -> u32 {
    let target = allowed - 1.0 + RESIDUE;
    let minute = TIME_CONSTANT.as_secs_f64();
    let seconds = if target > 0.0 { minute * (count / target).ln() } else { f64::MAX };
    seconds.ceil().clamp(1.0, minute) as u32
}

impl Count {
    fn zero(at: Instant) -> Self {
        Self { value: 0.0, at }
    }

    fn at(&self, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.value * (-passed / TIME_CONSTANT.as_secs_f64()).exp()
    }

    fn change(&mut self, by: f64, now: Instant) {
        *self = Self { value: (self.at(now) + by).max(0.0), at: now };
    }
}

impl Counts {
    fn add(&mut self, client: IpAddr, now: Instant) {
        self.total.change(1.0, now);
        for (width, network) in networks(client).into_iter().enumerate() {
            if !self.networks[width].contains_key(&network) {
                self.evict_lightest(width, now);
                self.count_in_wider(network, width, 1);
                let count = Count::zero(now);
                self.networks[width].insert(network, Network { count, inner: 0 });
            }
            if let Some(known) = self.networks[width].get_mut(&network) {
                known.count.change(1.0, now);
            }
        }
    }

    fn refund(&mut self, client: IpAddr, now: Instant) {
        let all = networks(client);
        let Some(narrowest) = self.networks[WIDTHS - 1].get(&all[WIDTHS - 1]) else { return };
        // No more than its own count: a success of one network must not offset failures of others.
        let refund = narrowest.count.at(now).min(1.0);
        self.total.change(-refund, now);
        for (width, network) in all.into_iter().enumerate() {
            if let Some(known) = self.networks[width].get_mut(&network) {
                known.count.change(-refund, now);
            }
        }
    }

    /// Removes networks whose count has decayed.
    fn sweep(&mut self, now: Instant) {
        if now.saturating_duration_since(self.swept_at) < SWEEP_INTERVAL {
            return;
        }
        self.swept_at = now;
        for width in (0..WIDTHS).rev() {
            let decayed = |(network, Network { count, .. }): (&IpAddr, &Network)| {
                (count.at(now) < RESIDUE).then_some(*network)
            };
            let decayed: Vec<_> = self.networks[width].iter().filter_map(decayed).collect();
            self.remove(width, decayed);
        }
    }

    /// Removes the lightest quarter of the networks if there are [`MAX_NETWORKS`].
    fn evict_lightest(&mut self, width: usize, now: Instant) {
        if self.networks[width].len() < MAX_NETWORKS {
            return;
        }
        let networks = self.networks[width].iter();
        let mut lightest: Vec<_> =
            networks.map(|(network, known)| (known.count.at(now), *network)).collect();
        lightest.select_nth_unstable_by(MAX_NETWORKS / 4, |one, other| one.0.total_cmp(&other.0));
        lightest.truncate(MAX_NETWORKS / 4);
        self.remove(width, lightest.into_iter().map(|(_, network)| network));
    }

    fn remove(&mut self, width: usize, networks: impl IntoIterator<Item = IpAddr>) {
        for network in networks {
            self.networks[width].remove(&network);
            self.count_in_wider(network, width, -1);
        }
    }

    fn count_in_wider(&mut self, network: IpAddr, width: usize, by: isize) {
        let Some(wider) = wider(network, width) else { return };
        if let Some(wider) = self.networks[width - 1].get_mut(&wider) {
            wider.inner = wider.inner.saturating_add_signed(by);
        }
    }
}

#[cfg(test)]
mod tests;
