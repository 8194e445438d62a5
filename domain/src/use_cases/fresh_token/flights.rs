//! What concurrent refreshes of one process share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use crate::{
    ports::{IdentityProviderError, LeaseKey},
    session::TokenSet,
};

/// The most new tokens that are kept in memory because the store could not be written.
const MAX_UNSTORED: usize = 1_024;

/// The callers that need a token refreshed, by the lease of its refresh token.
#[derive(Default)]
pub(super) struct Flights {
    flights: Mutex<HashMap<LeaseKey, Weak<Flight>>>,
    /// New tokens that could not be stored, by the lease of the refresh token that they replace. The
    /// provider may have revoked it, so the next refresh stores these instead of asking again.
    unstored: Mutex<HashMap<LeaseKey, TokenSet>>,
}

/// The callers of one key.
#[derive(Default)]
pub(super) struct Flight(Mutex<Failures>);

#[derive(Default)]
struct Failures {
    count: u64,
    last: Option<IdentityProviderError>,
}

impl Flight {
    /// How many refreshes have failed while this flight was known.
    pub(super) fn count(&self) -> u64 {
        lock(&self.0).count
    }

    /// Tells those who wait that a refresh failed.
    pub(super) fn failed(&self, error: &IdentityProviderError) {
        let mut failures = lock(&self.0);
        failures.count += 1;
        failures.last = Some(error.clone());
    }

    /// The failure since `count` was read, if there was one: who waited for that refresh shares it,
    /// instead of sending the next request to a provider that is away.
    pub(super) fn failure_since(&self, count: u64) -> Option<IdentityProviderError> {
        let failures = lock(&self.0);
        failures.last.clone().filter(|_| failures.count > count)
    }
}

impl Flights {
    /// The flight of this key. It lasts while somebody holds it.
    pub(super) fn join(&self, key: &LeaseKey) -> Arc<Flight> {
        let mut flights = lock(&self.flights);
        if let Some(flight) = flights.get(key).and_then(Weak::upgrade) {
            return flight;
        }
        flights.retain(|_, flight| flight.strong_count() > 0);
        let flight = Arc::default();
        flights.insert(*key, Arc::downgrade(&flight));
        flight
    }

    /// Keeps new tokens that could not be stored.
    pub(super) fn keep(&self, key: LeaseKey, tokens: TokenSet) {
        let mut unstored = lock(&self.unstored);
        if unstored.len() < MAX_UNSTORED || unstored.contains_key(&key) {
            unstored.insert(key, tokens);
        }
    }

    /// Takes the new tokens that could not be stored.
    pub(super) fn take(&self, key: &LeaseKey) -> Option<TokenSet> {
        lock(&self.unstored).remove(key)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{secret::RefreshToken, testing::samples};

    fn key(number: usize) -> LeaseKey {
        LeaseKey::of(&RefreshToken::new(number.to_string()))
    }

    #[test]
    fn join_returns_the_flight_of_those_who_wait_and_forgets_it_after_them() {
        let flights = Flights::default();
        let (first, second) = (flights.join(&key(1)), flights.join(&key(1)));
        assert!(Arc::ptr_eq(&first, &second) && !Arc::ptr_eq(&first, &flights.join(&key(2))));
        drop((first, second));
        let _others: Vec<_> = (3..103).map(|number| flights.join(&key(number))).collect();
        assert_eq!(lock(&flights.flights).len(), 100);
    }

    #[test]
    fn failure_since_is_none_for_who_joined_after_it() {
        let flight = Flight::default();
        let before = flight.count();
        flight.failed(&IdentityProviderError::TimedOut("10 s".into()));
        assert!(flight.failure_since(before).is_some());
        assert!(flight.failure_since(flight.count()).is_none());
    }

    #[test]
    fn unstored_tokens_are_bounded_and_taken_once() {
        let flights = Flights::default();
        for number in 0..=MAX_UNSTORED {
            flights.keep(key(number), samples::tokens("new"));
        }
        assert!(flights.take(&key(MAX_UNSTORED)).is_none());
        assert!(flights.take(&key(0)).is_some() && flights.take(&key(0)).is_none());
    }
}
