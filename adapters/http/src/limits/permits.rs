//! Permits for logins that call a provider, with a fair share for each provider.
//!
//! A provider that does not respond holds each of its permits until the call times out. So half of
//! all permits are reserved in equal parts for the providers; the other half is first come, first
//! served. A released permit goes to the waiting provider with the fewest permits. Permits are
//! counted by provider id, so a plug-in that is replaced keeps its count.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use portico_domain::identity::ProviderId;
use tokio::{sync::oneshot, time::timeout};

/// How long a login may wait for its permit: longer than most logins take, and short enough for a
/// person to wait.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// The most logins of one provider that wait for a permit.
const MAX_WAITING: usize = 256;

/// A pool of permits. Clones share it.
#[derive(Clone)]
pub(super) struct ProviderPermits(Arc<Mutex<State>>);

struct State {
    total: usize,
    free: usize,
    /// The number of providers.
    provider_count: usize,
    /// The providers that hold a permit or wait for one.
    providers: HashMap<ProviderId, Holding>,
}

#[derive(Default)]
struct Holding {
    permits: usize,
    waiting: VecDeque<oneshot::Sender<Permit>>,
}

/// One permit, released on drop.
pub(crate) struct Permit {
    provider: ProviderId,
    /// `None` for a permit whose drop must release nothing.
    pool: Option<ProviderPermits>,
}

impl ProviderPermits {
    pub(super) fn new(total: usize) -> Self {
        let state = State { total, free: total, provider_count: 1, providers: HashMap::new() };
        Self(Arc::new(Mutex::new(state)))
    }

    /// A permit for this provider, one of `provider_count`; `None` if none is released in time, or
    /// too many wait already.
    pub(super) async fn acquire(
        &self,
        provider: &ProviderId,
        provider_count: usize,
    ) -> Option<Permit> {
        let permit = {
            let mut state = self.state();
            state.provider_count = provider_count.max(1);
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
            let (sender, permit) = oneshot::channel();
            waiting.push_back(sender);
            permit
        };
        timeout(ACQUIRE_TIMEOUT, permit).await.ok()?.ok()
    }

    fn permit(&self, provider: &ProviderId) -> Permit {
        Permit { provider: provider.clone(), pool: Some(self.clone()) }
    }

    fn release(&self, provider: &ProviderId) {
        let mut state = self.state();
        state.put_back(provider);
        while let Some(next) = state.next_waiting() {
            let Some(waiting) = state.pop_waiting(&next) else { continue };
            state.take(&next);
            if let Err(mut unsent) = waiting.send(self.permit(&next)) {
                // The receiver is gone. Dropping the permit would lock `state` again.
                unsent.pool = None;
                state.put_back(&next);
            }
        }
        state.providers.retain(|_, it| it.permits > 0 || !it.waiting.is_empty());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The permits reserved for each provider.
    fn reserved(&self) -> usize {
        self.total / (2 * self.provider_count)
    }

    /// Whether a permit is free for the provider: one reserved for it, or an unreserved one.
    fn may_take(&self, provider: &ProviderId) -> bool {
        let reserved = self.reserved();
        let held = self.providers.get(provider).map_or(0, |it| it.permits);
        let others = self.providers.iter().filter(|(id, _)| *id != provider);
        let used: usize = others.map(|(_, it)| it.permits.min(reserved)).sum();
        let for_others = (reserved * (self.provider_count - 1)).saturating_sub(used);
        self.free > 0 && (held < reserved || self.free > for_others)
    }

    fn take(&mut self, provider: &ProviderId) {
        self.free -= 1;
        self.providers.entry(provider.clone()).or_default().permits += 1;
    }

    fn put_back(&mut self, provider: &ProviderId) {
        self.free += 1;
        if let Some(holding) = self.providers.get_mut(provider) {
            holding.permits -= 1;
        }
    }

    /// The provider with the fewest permits of those that wait and may take one.
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
        if let Some(pool) = self.pool.take() {
            pool.release(&self.provider);
        }
    }
}

#[cfg(test)]
mod tests;
