//! The background tasks of accounts that are under way: one per account, a part of them for each provider
//! and for each person, and a pause after a failure.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    account::AccountId,
    identity::{PersonKey, ProviderId},
    session::SessionKey,
    time::Timestamp,
};

/// The first and the longest pause after a task that failed; it doubles each time.
const PAUSES: (Duration, Duration) = (Duration::from_secs(30), Duration::from_mins(5));

/// The most accounts whose failures are remembered; the pauses of more are left out.
const MAX_PAUSED: usize = 10_000;

/// The part of a provider's tasks that one person may have: half.
const PERSONS_PER_PROVIDER: usize = 2;

/// An account of a session.
pub(super) type Key = (SessionKey, AccountId);

/// Whose share a task uses.
#[derive(Clone, Debug)]
pub(super) struct TaskOwner {
    pub(super) provider: ProviderId,
    /// The person who began the session.
    pub(super) person: PersonKey,
}

/// The tasks of one kind.
pub(super) struct AccountTasks {
    /// The most tasks at once.
    limit: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: HashSet<Key>,
    by_provider: HashMap<ProviderId, usize>,
    by_person: HashMap<(ProviderId, PersonKey), usize>,
    paused: HashMap<Key, Pause>,
}

#[derive(Clone, Copy)]
struct Pause {
    until: Timestamp,
    failures: u32,
}

/// Why a task did not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotBegun {
    /// One of the account is under way.
    UnderWay,
    /// The last one failed a short time ago.
    Paused,
    /// The provider or the person has no share left.
    NoShare,
}

/// A task under way; it ends on drop.
pub(super) struct RunningTask {
    tasks: Arc<AccountTasks>,
    key: Option<Key>,
    owner: TaskOwner,
}

impl AccountTasks {
    /// At most so many tasks at once.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, state: Mutex::default() }
    }

    /// Begins the task of an account. Each of `providers` has an equal share: one that hangs holds its
    /// own until its requests time out, and no other's.
    pub(super) fn begin(
        self: &Arc<Self>,
        key: &Key,
        owner: TaskOwner,
        providers: usize,
        now: Timestamp,
    ) -> Result<RunningTask, NotBegun> {
        let mut state = self.state();
        if state.running.contains(key) {
            return Err(NotBegun::UnderWay);
        }
        if state.paused.get(key).is_some_and(|pause| pause.holds(now)) {
            return Err(NotBegun::Paused);
        }
        if !state.count(&owner, self.share(providers)) {
            return Err(NotBegun::NoShare);
        }
        state.running.insert(key.clone());
        Ok(RunningTask { tasks: self.clone(), key: Some(key.clone()), owner })
    }

    /// Takes the share of a task whose session has no key yet.
    pub(super) fn reserve(
        self: &Arc<Self>,
        owner: TaskOwner,
        providers: usize,
    ) -> Option<RunningTask> {
        let counted = self.state().count(&owner, self.share(providers));
        counted.then(|| RunningTask { tasks: self.clone(), key: None, owner })
    }

    /// Notes how the task of an account ended.
    pub(super) fn ended(&self, key: &Key, succeeded: bool, now: Timestamp) {
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

    fn share(&self, providers: usize) -> usize {
        (self.limit / providers.max(1)).max(1)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts a task, unless the provider has `share` of them or the person half of that.
    fn count(&mut self, owner: &TaskOwner, share: usize) -> bool {
        let TaskOwner { provider, person } = owner;
        let of_person = (provider.clone(), *person);
        let counted = |count: Option<&usize>| count.copied().unwrap_or_default();
        if counted(self.by_provider.get(provider)) >= share
            || counted(self.by_person.get(&of_person)) >= (share / PERSONS_PER_PROVIDER).max(1)
        {
            return false;
        }
        *self.by_provider.entry(provider.clone()).or_default() += 1;
        *self.by_person.entry(of_person).or_default() += 1;
        true
    }
}

impl RunningTask {
    /// Names the account of a task that was [reserved](AccountTasks::reserve); `false` if one of the
    /// account is under way.
    pub(super) fn name(&mut self, key: Key) -> bool {
        let is_first = self.tasks.state().running.insert(key.clone());
        if is_first {
            self.key = Some(key);
        }
        is_first
    }
}

impl Drop for RunningTask {
    fn drop(&mut self) {
        let mut state = self.tasks.state();
        if let Some(key) = &self.key {
            state.running.remove(key);
        }
        let TaskOwner { provider, person } = &self.owner;
        take_one(&mut state.by_provider, provider);
        take_one(&mut state.by_person, &(provider.clone(), *person));
    }
}

fn take_one<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
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
