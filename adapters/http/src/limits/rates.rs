//! Logins a minute, of one address and in all.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Mutex,
};

use governor::{
    NotUntil, Quota, RateLimiter,
    clock::{Clock, MonotonicClock, Reference},
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed, keyed::HashMapStateStore},
};

use super::Shed;

/// How many addresses are remembered, 100 bytes each. Where more come at once, only the limit on
/// all of them holds.
const MOST_ADDRESSES: usize = 50_000;

/// Logins a minute. A minute's worth may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerMinute {
    /// From one address: an IPv4 address, or 64 bits of IPv6, which one customer of a provider has.
    /// A whole company may stand behind it.
    pub per_address: NonZeroU32,
    /// From all of them.
    pub in_all: NonZeroU32,
}

/// Counts, by the generic cell rate algorithm.
pub(super) struct Rates<C: Clock = MonotonicClock> {
    per_address: RateLimiter<IpAddr, HashMapStateStore<IpAddr>, C, NoOpMiddleware<C::Instant>>,
    in_all: RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>>,
    clock: C,
    /// When the addresses that have come to rest were last forgotten.
    swept: Mutex<C::Instant>,
}

impl Rates {
    pub(super) fn new(limits: PerMinute) -> Self {
        Self::with_clock(limits, MonotonicClock)
    }
}

impl<C: Clock + Clone> Rates<C> {
    fn with_clock(limits: PerMinute, clock: C) -> Self {
        Self {
            per_address: RateLimiter::hashmap_with_clock(
                Quota::per_minute(limits.per_address),
                clock.clone(),
            ),
            in_all: RateLimiter::direct_with_clock(Quota::per_minute(limits.in_all), clock.clone()),
            swept: Mutex::new(clock.now()),
            clock,
        }
    }

    /// Counts one login. The address comes first: one that comes too often takes nothing from the
    /// others.
    pub(super) fn take(&self, client: IpAddr) -> Result<(), Shed> {
        if self.has_room() {
            self.per_address.check_key(&network(client)).map_err(|it| self.too_often(&it))?;
        }
        self.in_all.check().map_err(|it| self.too_often(&it))
    }

    /// Whether one more address can be remembered; forgets those at rest, once a second at most.
    fn has_room(&self) -> bool {
        if self.per_address.len() < MOST_ADDRESSES {
            return true;
        }
        let now = self.clock.now();
        if let Ok(mut swept) = self.swept.try_lock()
            && now.duration_since(*swept).as_u64() >= 1_000_000_000
        {
            self.per_address.retain_recent();
            *swept = now;
        }
        self.per_address.len() < MOST_ADDRESSES
    }

    fn too_often(&self, refused: &NotUntil<C::Instant>) -> Shed {
        let seconds = refused.wait_time_from(self.clock.now()).as_secs_f64().ceil();
        Shed::TooOften { again_in: (seconds as u32).max(1) }
    }
}

/// What is counted as one address.
fn network(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    fn rates(per_address: u32, in_all: u32) -> (Rates<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let number = |it| NonZeroU32::new(it).unwrap();
        let limits = PerMinute { per_address: number(per_address), in_all: number(in_all) };
        (Rates::with_clock(limits, clock.clone()), clock)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_its_minutes_worth_and_then_waits_while_others_go_on() {
        let (rates, clock) = rates(6, 1_000);
        let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
        for _ in 0..6 {
            assert_eq!(rates.take(one), Ok(()));
        }
        assert_eq!(rates.take(one), Err(Shed::TooOften { again_in: 10 }));
        assert_eq!(rates.take(other), Ok(()));
        clock.advance(Duration::from_secs(10));
        assert_eq!(rates.take(one), Ok(()));
        assert_eq!(rates.take(one), Err(Shed::TooOften { again_in: 10 }));
    }

    #[test]
    fn one_address_cannot_use_up_what_all_have() {
        let (rates, _) = rates(2, 3);
        for _ in 0..100 {
            let _ = rates.take(address("192.0.2.1"));
        }
        assert_eq!(rates.take(address("192.0.2.2")), Ok(()));
        assert_eq!(rates.take(address("192.0.2.3")), Err(Shed::TooOften { again_in: 20 }));
    }

    #[test]
    fn the_addresses_of_one_ipv6_network_are_one() {
        let (rates, _) = rates(1, 1_000);
        assert_eq!(rates.take(address("2001:db8::1")), Ok(()));
        assert!(rates.take(address("2001:db8::2")).is_err());
        assert_eq!(rates.take(address("2001:db8:0:1::2")), Ok(()));
    }

    #[test]
    fn a_flood_of_addresses_is_forgotten_when_it_is_over() {
        let (rates, clock) = rates(1, u32::MAX);
        let flood = u32::try_from(MOST_ADDRESSES).unwrap() + 10;
        for n in 0..flood {
            assert_eq!(rates.take(IpAddr::V4(n.into())), Ok(()));
        }
        assert!(rates.per_address.len() <= MOST_ADDRESSES);
        clock.advance(Duration::from_secs(120));
        assert_eq!(rates.take(address("192.0.2.1")), Ok(()));
        assert_eq!(rates.per_address.len(), 1);
    }
}
