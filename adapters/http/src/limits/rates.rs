//! Logins a minute that have come to nothing, by network.
//!
//! An address is counted in networks of three widths and in the whole. Each width has its limit, and
//! where a wider network or the whole has reached its own, every network in it has an equal share of
//! it: those that ask most are refused, the others go on. A login that succeeds is taken back.
//!
//! A count falls to a third in a minute (exponentially, with a time constant of a minute), so the
//! count of a network is at all times the sum of those within it, and a limit of n is one of n a
//! minute.

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

/// Logins a minute. A minute's worth may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerMinute {
    /// From one address: an IPv4 address, or 64 bits of IPv6, which one customer of a provider has.
    /// A whole company may stand behind it.
    pub per_address: NonZeroU32,
    /// From all of them.
    pub in_all: NonZeroU32,
}

/// What networks of each width may have, as a multiple of what an address may.
const ALLOWANCES: [f64; WIDTHS] = [16.0, 4.0, 1.0];

/// How many networks of each width are remembered, 80 bytes each. Where more come, the lightest are
/// forgotten: whoever sends from many networks counts in a wider one all the same.
const MAX_NETWORKS: usize = 32_768;

/// In what time a count falls by a factor of e.
const FALLS_IN: Duration = Duration::from_secs(60);

/// What is left of one login after a minute. A network that has no more is as one that had none, and
/// the next login may come when the count is this much below the limit.
const REST: f64 = 0.368;

/// How often networks at rest are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// Counts logins.
pub(super) struct Rates {
    limits: [f64; WIDTHS],
    in_all: f64,
    counts: Mutex<Counts>,
}

struct Counts {
    whole: Count,
    /// By width, the widest first.
    networks: [HashMap<IpAddr, Network>; WIDTHS],
    swept: Instant,
}

struct Network {
    count: Count,
    /// How many networks of the next width are counted in it.
    inner: usize,
}

/// A number that falls.
#[derive(Clone, Copy)]
struct Count {
    value: f64,
    at: Instant,
}

impl Rates {
    pub(super) fn new(limits: PerMinute) -> Self {
        let now = Instant::now();
        let counts = Counts { whole: Count::none(now), networks: Default::default(), swept: now };
        Self {
            limits: ALLOWANCES.map(|times| times * f64::from(limits.per_address.get())),
            in_all: limits.in_all.get().into(),
            counts: Mutex::new(counts),
        }
    }

    /// Counts one login, or says when the next may be. One that is refused counts nowhere.
    pub(super) fn take(&self, client: IpAddr) -> Result<(), Rejected> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        counts.sweep(now);
        let (count, allowed) = self.allowed(&counts, client, now);
        if is_full(count, allowed) {
            return Err(Rejected::TooOften { again_in: seconds_until(count, allowed) });
        }
        counts.add(client, now);
        Ok(())
    }

    /// Takes one login back: it succeeded.
    pub(super) fn give_back(&self, client: IpAddr) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.give_back(client, Instant::now());
    }

    /// The count of the client's narrowest network, and what it may be.
    fn allowed(&self, counts: &Counts, client: IpAddr, now: Instant) -> (f64, f64) {
        let (mut count, mut allowed) = (counts.whole.at(now), self.in_all);
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

/// An equal part for each of so many networks. One login a minute is everybody's, but not every /64's
/// in a full /48: a site has 65,536 of them.
fn share(allowed: f64, of: usize, client: IpAddr, width: usize) -> f64 {
    let least = if client.is_ipv6() && width == WIDTHS - 1 { 0.0 } else { 1.0 };
    (allowed / of.max(1) as f64).max(least)
}

/// Whether a network that may have so many has no room for one more.
fn is_full(count: f64, allowed: f64) -> bool {
    count + 1.0 - REST > allowed
}

/// Whole seconds until a count has fallen so far that one more fits; a minute at most.
fn seconds_until(count: f64, allowed: f64) -> u32 {
    let room = allowed - 1.0 + REST;
    let falls = if room > 0.0 { FALLS_IN.as_secs_f64() * (count / room).ln() } else { f64::MAX };
    falls.ceil().clamp(1.0, FALLS_IN.as_secs_f64()) as u32
}

impl Count {
    fn none(at: Instant) -> Self {
        Self { value: 0.0, at }
    }

    fn at(&self, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.value * (-passed / FALLS_IN.as_secs_f64()).exp()
    }

    fn change(&mut self, by: f64, now: Instant) {
        *self = Self { value: (self.at(now) + by).max(0.0), at: now };
    }
}

impl Counts {
    fn add(&mut self, client: IpAddr, now: Instant) {
        self.whole.change(1.0, now);
        for (width, network) in networks(client).into_iter().enumerate() {
            if !self.networks[width].contains_key(&network) {
                self.make_room(width, now);
                self.count_in_wider(network, width, 1);
                let count = Count::none(now);
                self.networks[width].insert(network, Network { count, inner: 0 });
            }
            if let Some(known) = self.networks[width].get_mut(&network) {
                known.count.change(1.0, now);
            }
        }
    }

    fn give_back(&mut self, client: IpAddr, now: Instant) {
        let all = networks(client);
        let Some(narrowest) = self.networks[WIDTHS - 1].get(&all[WIDTHS - 1]) else { return };
        // No more than it has: nobody's success makes up for the failures of others.
        let back = narrowest.count.at(now).min(1.0);
        self.whole.change(-back, now);
        for (width, network) in all.into_iter().enumerate() {
            if let Some(known) = self.networks[width].get_mut(&network) {
                known.count.change(-back, now);
            }
        }
    }

    /// Forgets the networks at rest, now and then.
    fn sweep(&mut self, now: Instant) {
        if now.saturating_duration_since(self.swept) < SWEEP_EVERY {
            return;
        }
        self.swept = now;
        for width in (0..WIDTHS).rev() {
            self.forget(width, |network| network.count.at(now) < REST);
        }
    }

    /// Forgets the lightest quarter where as many are remembered as may be.
    fn make_room(&mut self, width: usize, now: Instant) {
        if self.networks[width].len() < MAX_NETWORKS {
            return;
        }
        let counts = self.networks[width].values().map(|network| network.count.at(now));
        let mut counts: Vec<f64> = counts.collect();
        let (_, most, _) = counts.select_nth_unstable_by(MAX_NETWORKS / 4, f64::total_cmp);
        let (most, mut left) = (*most, MAX_NETWORKS / 4);
        self.forget(width, |network| {
            let goes = left > 0 && network.count.at(now) <= most;
            left -= usize::from(goes);
            goes
        });
    }

    fn forget(&mut self, width: usize, mut goes: impl FnMut(&Network) -> bool) {
        let gone = self.networks[width].extract_if(|_, network| goes(network));
        for (network, _) in gone.collect::<Vec<_>>() {
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
