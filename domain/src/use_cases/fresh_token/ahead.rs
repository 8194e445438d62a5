//! Refreshes tokens before somebody needs them: when a session is used whose tokens are due.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{FreshToken, held::Need};
use crate::{
    account::{AccountId, TokenStatus},
    identity::ProviderId,
    session::SessionKey,
    time::Timestamp,
};

/// The most refreshes ahead of expiry at once. Each provider has an equal part of them: one that hangs
/// holds its part until its requests time out, and no other's.
pub const MAX_AHEAD: usize = 64;

/// The first and the longest pause after a refresh that failed; it doubles each time.
const PAUSES: (Duration, Duration) = (Duration::from_secs(30), Duration::from_mins(5));

/// The most accounts whose failures are remembered; the pauses of more are left out.
const MAX_PAUSED: usize = 10_000;

type Key = (SessionKey, AccountId);

/// The refreshes under way, and the pauses after those that failed.
#[derive(Default)]
pub(super) struct Ahead(Mutex<State>);

#[derive(Default)]
struct State {
    running: HashSet<Key>,
    by_provider: HashMap<ProviderId, usize>,
    paused: HashMap<Key, Pause>,
}

#[derive(Clone, Copy)]
struct Pause {
    until: Timestamp,
    failures: u32,
}

/// A refresh under way; it ends on drop.
struct Running {
    ahead: Arc<Ahead>,
    key: Key,
    provider: ProviderId,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.ahead.state();
        state.running.remove(&self.key);
        if let Some(count) = state.by_provider.get_mut(&self.provider) {
            *count -= 1;
            if *count == 0 {
                state.by_provider.remove(&self.provider);
            }
        }
    }
}

impl FreshToken {
    /// Refreshes the tokens of these accounts in the background, as far as they are due; called for each
    /// use of a session. It returns at once, and costs nothing if none is due. `None` is the status in a
    /// session of an earlier version.
    pub fn refresh_ahead<'a>(
        &self,
        key: &SessionKey,
        accounts: impl IntoIterator<Item = (&'a ProviderId, &'a AccountId, Option<TokenStatus>)>,
    ) {
        let now = self.ports.clock.now();
        for (provider, account, status) in accounts {
            if status.is_none_or(|status| status.is_refresh_due(now)) {
                self.start_ahead(key, provider, account, now);
            }
        }
    }

    fn start_ahead(
        &self,
        key: &SessionKey,
        provider: &ProviderId,
        account: &AccountId,
        now: Timestamp,
    ) {
        let limit = (MAX_AHEAD / self.ports.providers.count().max(1)).max(1);
        let key = (*key, account.clone());
        let Some(running) = self.ahead.begin(&key, provider, limit, now) else { return };
        let this = self.clone();
        self.ports.tasks.start(Box::pin(async move {
            let (session, account) = &running.key;
            let refreshed = this.refresh(*session, account, Need::Ahead).await;
            this.ahead.ended(&running.key, refreshed.is_ok(), this.ports.clock.now());
            drop(running);
        }));
    }
}

impl Ahead {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a refresh; `None` if one is under way, the last one failed a short time ago, or the
    /// provider has `limit` of them.
    fn begin(
        self: &Arc<Self>,
        key: &Key,
        provider: &ProviderId,
        limit: usize,
        now: Timestamp,
    ) -> Option<Running> {
        let mut state = self.state();
        let is_paused = state.paused.get(key).is_some_and(|pause| pause.holds(now));
        let held = state.by_provider.get(provider).copied().unwrap_or_default();
        if is_paused || held >= limit || !state.running.insert(key.clone()) {
            return None;
        }
        *state.by_provider.entry(provider.clone()).or_default() += 1;
        Some(Running { ahead: self.clone(), key: key.clone(), provider: provider.clone() })
    }

    /// Notes the end of a refresh.
    fn ended(&self, key: &Key, succeeded: bool, now: Timestamp) {
        let mut state = self.state();
        let failures = state.paused.remove(key).map_or(0, |pause| pause.failures);
        if succeeded {
            return;
        }
        if state.paused.len() >= MAX_PAUSED {
            state.paused.retain(|_, pause| pause.holds(now));
        }
        if state.paused.len() < MAX_PAUSED {
            state.paused.insert(key.clone(), Pause::after(failures, now));
        }
    }
}

impl Pause {
    fn after(failures: u32, now: Timestamp) -> Self {
        let (first, longest) = PAUSES;
        let pause = first.saturating_mul(1 << failures.min(10)).min(longest);
        Self { until: now.plus(pause), failures: failures.saturating_add(1) }
    }

    /// Whether it lasts at `now`. A clock that was set back does not prolong it.
    fn holds(&self, now: Timestamp) -> bool {
        now < self.until && self.until <= now.plus(PAUSES.1)
    }
}

#[cfg(test)]
mod tests;
