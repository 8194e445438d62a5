//! Permits for work at providers, shared among the providers.
//!
//! A provider that does not answer keeps each of its permits for as long as a call may take. So half
//! of all permits are reserved, in equal parts, one for each provider; the other half is for
//! whoever comes first. A permit that comes free goes to the waiting provider that has the fewest.
//! Providers are told apart by their ids: a plug-in that is replaced goes on with its permits.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use portico_domain::identity::ProviderId;
use tokio::{sync::oneshot, time::timeout};

/// How long a login may wait for its permit: longer than most logins take, and short enough that a
/// person still sits there.
const WAIT_AT_MOST: Duration = Duration::from_secs(2);

/// How many logins of one provider may wait at once.
const MAX_WAITING: usize = 256;

/// Permits. Clones are the same permits.
#[derive(Clone)]
pub(super) struct Shares(Arc<Mutex<State>>);

struct State {
    total: usize,
    free: usize,
    /// How many providers there are.
    known: usize,
    /// Those that hold a permit or wait for one.
    providers: HashMap<ProviderId, Holding>,
}

#[derive(Default)]
struct Holding {
    permits: usize,
    waiting: VecDeque<oneshot::Sender<Permit>>,
}

/// One permit, given back when dropped.
pub(crate) struct Permit {
    provider: ProviderId,
    /// `None` for one that nobody took.
    shares: Option<Shares>,
}

impl Shares {
    pub(super) fn new(total: usize) -> Self {
        let state = State { total, free: total, known: 1, providers: HashMap::new() };
        Self(Arc::new(Mutex::new(state)))
    }

    /// A permit for work at this provider, one of so many; `None` where none came free in time.
    pub(super) async fn acquire(&self, provider: &ProviderId, known: usize) -> Option<Permit> {
        let permit = {
            let mut state = self.state();
            state.known = known.max(1);
            if state.may_take(provider) {
                state.take(provider);
                return Some(self.permit(provider));
            }
            let waiting = &mut state.providers.entry(provider.clone()).or_default().waiting;
            if waiting.len() >= MAX_WAITING {
                waiting.retain(|waiting| !waiting.is_closed());
            }
            if waiting.len() >= MAX_WAITING {
                return None;
            }
            let (give, permit) = oneshot::channel();
            waiting.push_back(give);
            permit
        };
        timeout(WAIT_AT_MOST, permit).await.ok()?.ok()
    }

    fn permit(&self, provider: &ProviderId) -> Permit {
        Permit { provider: provider.clone(), shares: Some(self.clone()) }
    }

    fn release(&self, provider: &ProviderId) {
        let mut state = self.state();
        state.give_back(provider);
        while let Some(next) = state.next_waiting() {
            let Some(waiting) = state.pop_waiting(&next) else { continue };
            state.take(&next);
            if let Err(mut unwanted) = waiting.send(self.permit(&next)) {
                // They wait no longer. Not by dropping it: the lock is held.
                unwanted.shares = None;
                state.give_back(&next);
            }
        }
        state.providers.retain(|_, it| it.permits > 0 || !it.waiting.is_empty());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How many permits each provider has for itself.
    fn reserved(&self) -> usize {
        self.total / (2 * self.known)
    }

    /// Whether the provider may have one more: of its own, or one that is nobody's own.
    fn may_take(&self, provider: &ProviderId) -> bool {
        let own = self.reserved();
        let held = self.providers.get(provider).map_or(0, |it| it.permits);
        let others = self.providers.iter().filter(|(id, _)| *id != provider);
        let used: usize = others.map(|(_, it)| it.permits.min(own)).sum();
        let for_others = (own * (self.known - 1)).saturating_sub(used);
        self.free > 0 && (held < own || self.free > for_others)
    }

    fn take(&mut self, provider: &ProviderId) {
        self.free -= 1;
        self.providers.entry(provider.clone()).or_default().permits += 1;
    }

    fn give_back(&mut self, provider: &ProviderId) {
        self.free += 1;
        if let Some(holding) = self.providers.get_mut(provider) {
            holding.permits -= 1;
        }
    }

    /// Of the waiting providers that may have one, the one with the fewest.
    fn next_waiting(&self) -> Option<ProviderId> {
        let waiting =
            self.providers.iter().filter(|(id, it)| !it.waiting.is_empty() && self.may_take(id));
        waiting.min_by_key(|(_, it)| it.permits).map(|(id, _)| id.clone())
    }

    fn pop_waiting(&mut self, provider: &ProviderId) -> Option<oneshot::Sender<Permit>> {
        self.providers.get_mut(provider)?.waiting.pop_front()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(shares) = self.shares.take() {
            shares.release(&self.provider);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> ProviderId {
        ProviderId::parse(format!("provider-{n}")).unwrap()
    }

    /// As many permits as this provider gets, one of `known`.
    async fn all(shares: &Shares, provider: usize, known: usize) -> Vec<Permit> {
        let mut held = Vec::new();
        while let Some(permit) = shares.acquire(&id(provider), known).await {
            held.push(permit);
        }
        held
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_alone_has_all_of_them_and_each_is_given_back() {
        let shares = Shares::new(256);
        for _ in 0..3 {
            assert_eq!(all(&shares, 1, 1).await.len(), 256);
        }
        assert!(shares.state().providers.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn whichever_others_hang_a_provider_has_its_own() {
        for known in [2, 3, 5, 10, 30] {
            let shares = Shares::new(256);
            let mut hanging = Vec::new();
            for provider in 1..known {
                hanging.push(all(&shares, provider, known).await);
            }
            let own = all(&shares, 0, known).await.len();
            assert!(own >= 128 / known, "{own} of {known}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn fewer_permits_than_providers_are_shared_as_they_come() {
        let shares = Shares::new(1);
        let first = shares.acquire(&id(1), 30).await.unwrap();
        assert!(shares.acquire(&id(2), 30).await.is_none());
        drop(first);
        assert!(shares.acquire(&id(2), 30).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_permit_that_comes_free_goes_to_the_waiting_provider_with_the_fewest() {
        let shares = Shares::new(4);
        let mut heavy = all(&shares, 1, 2).await;
        let light = shares.acquire(&id(2), 2).await.unwrap();
        assert_eq!(heavy.len(), 3);
        let wait = |provider: usize| {
            let shares = shares.clone();
            async move { shares.acquire(&id(provider), 2).await }
        };
        let ends = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            drop(heavy.pop());
        };
        // The heavy one waits for longer.
        let (heavies, lights, ()) = tokio::join!(wait(1), wait(2), ends);
        assert!(heavies.is_none() && lights.is_some());
        drop((heavy, light, lights));
        assert!(shares.state().providers.is_empty());
        assert_eq!(shares.state().free, 4);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_stops_waiting_takes_no_permit_along() {
        let shares = Shares::new(1);
        let first = shares.acquire(&id(1), 1).await.unwrap();
        for _ in 0..3 {
            let gone = shares.clone();
            let waits = tokio::spawn(async move { gone.acquire(&id(1), 1).await });
            tokio::task::yield_now().await;
            waits.abort();
            let _ = waits.await;
        }
        drop(first);
        assert_eq!(shares.state().free, 1);
        assert!(shares.acquire(&id(1), 1).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_wait_for_one_provider_than_may() {
        let shares = Shares::new(1);
        let _held = shares.acquire(&id(1), 1).await.unwrap();
        let waiting: Vec<_> = (0..MAX_WAITING)
            .map(|_| {
                let shares = shares.clone();
                tokio::spawn(async move { shares.acquire(&id(1), 1).await.is_some() })
            })
            .collect();
        while shares.state().providers[&id(1)].waiting.len() < MAX_WAITING {
            tokio::task::yield_now().await;
        }
        let asked = tokio::time::Instant::now();
        assert!(shares.acquire(&id(1), 1).await.is_none());
        assert_eq!(asked.elapsed(), Duration::ZERO);
        for waiting in waiting {
            assert!(!waiting.await.unwrap());
        }
        // Those who have gone make room.
        assert!(shares.acquire(&id(1), 1).await.is_none());
        assert_eq!(shares.state().providers[&id(1)].waiting.len(), 1);
    }
}
