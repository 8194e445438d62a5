//! A memory budget shared by the instances of all plug-ins.
//!
//! A plug-in may hold as much as stays free ("dynamic threshold", Choudhury and Hahne 1998): one that
//! takes all it can ends with half of the budget, two with a third each, and at least as much is free
//! as any of them holds. The number of plug-ins need not be known, and a single plug-in that needs much
//! memory is not limited to a small fixed share.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use thiserror::Error;
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

/// No memory became free in time.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the memory that plug-ins may have together is taken")]
pub(crate) struct Exhausted;

/// The memory budget of all instances.
pub(crate) struct MemoryBudget {
    total: usize,
    /// How long an instance waits for memory, over all its calls.
    max_wait: Duration,
    state: Mutex<State>,
    /// Notified whenever memory is released.
    freed: Notify,
}

#[derive(Default)]
struct State {
    used: usize,
    by_account: BTreeMap<u64, AccountState>,
    next_account: u64,
}

/// The memory of one plug-in.
#[derive(Clone, Copy, Default)]
struct AccountState {
    bytes: usize,
    /// Estimated bytes of its next instance, from those before it.
    expected: usize,
}

impl MemoryBudget {
    pub(crate) fn new(total: usize, max_wait: Duration) -> Arc<Self> {
        Arc::new(Self { total, max_wait, state: Mutex::default(), freed: Notify::new() })
    }

    /// The most that one account can hold.
    pub(crate) fn max_per_account(&self) -> usize {
        self.total / 2
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock, so the state is consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The share of one plug-in, for all its instances.
pub(crate) struct Account {
    budget: Arc<MemoryBudget>,
    number: u64,
}

impl Account {
    pub(crate) fn open(budget: Arc<MemoryBudget>) -> Arc<Self> {
        let number = {
            let mut state = budget.state();
            state.next_account += 1;
            let number = state.next_account;
            state.by_account.insert(number, AccountState::default());
            number
        };
        Arc::new(Self { budget, number })
    }

    fn expected(&self) -> usize {
        self.budget.state().by_account.get(&self.number).map_or(0, |account| account.expected)
    }

    /// Raises the estimate for the next instance to `peak` bytes.
    fn raise_expected(&self, peak: usize) {
        let max = self.budget.max_per_account();
        if let Some(account) = self.budget.state().by_account.get_mut(&self.number) {
            account.expected = account.expected.max(peak.min(max));
        }
    }

    fn try_draw(&self, bytes: usize) -> bool {
        let mut state = self.budget.state();
        let used = state.used.checked_add(bytes);
        let free = used.and_then(|used| self.budget.total.checked_sub(used));
        let (Some(used), Some(free)) = (used, free) else { return false };
        let Some(account) = state.by_account.get_mut(&self.number) else { return false };
        // Neither is more than the total: this does not overflow.
        let account_bytes = account.bytes + bytes;
        let fits = account_bytes <= free;
        if fits {
            account.bytes = account_bytes;
            state.used = used;
        }
        fits
    }

    /// Returns the `bytes` of an instance that wanted `peak` bytes at most.
    fn release(&self, bytes: usize, peak: usize) {
        {
            let mut state = self.budget.state();
            state.used = state.used.saturating_sub(bytes);
            if let Some(account) = state.by_account.get_mut(&self.number) {
                account.bytes = account.bytes.saturating_sub(bytes);
                // The estimate rises at once and falls slowly, since the next login may need more
                // again. An instance that was refused at its start says nothing.
                if peak > 0 {
                    account.expected -= account.expected.saturating_sub(peak) / 8;
                }
            }
        }
        self.budget.freed.notify_waiters();
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        // Each charge holds a reference to its account, so no charge is left.
        self.budget.state().by_account.remove(&self.number);
    }
}

/// The memory of one instance; released when it is dropped.
pub(crate) struct Charge {
    account: Arc<Account>,
    /// Bytes drawn from the account.
    bytes: usize,
    /// Bytes in use, of those drawn.
    used: usize,
    /// The most that the instance wanted, whether it got it or not.
    peak: usize,
    /// The rest of the time that it may wait.
    remaining_wait: Duration,
}

impl Charge {
    /// The charge of a new instance. Draws the account's estimate, so that an instance waits before it
    /// holds anything: many instances that hold a little and wait for more would block each other.
    pub(crate) async fn begin(account: Arc<Account>) -> Result<Self, Exhausted> {
        let (remaining_wait, expected) = (account.budget.max_wait, account.expected());
        let mut charge = Self { account, bytes: 0, used: 0, peak: 0, remaining_wait };
        charge.reserve(expected).await?;
        Ok(charge)
    }

    /// Uses `bytes` more. If they are not free, waits until other charges are released, for as long as
    /// the instance may still wait.
    pub(crate) async fn draw(&mut self, bytes: usize) -> Result<(), Exhausted> {
        let used = self.used.checked_add(bytes).ok_or(Exhausted)?;
        if used > self.peak {
            self.peak = used;
            self.account.raise_expected(used);
        }
        self.reserve(used.saturating_sub(self.bytes)).await?;
        self.used = used;
        Ok(())
    }

    async fn reserve(&mut self, bytes: usize) -> Result<(), Exhausted> {
        if bytes > 0 && !self.account.try_draw(bytes) {
            let started_at = Instant::now();
            let drawn = self.wait(bytes, started_at + self.remaining_wait).await;
            self.remaining_wait = self.remaining_wait.saturating_sub(started_at.elapsed());
            drawn?;
        }
        self.bytes += bytes;
        Ok(())
    }

    async fn wait(&self, bytes: usize, deadline: Instant) -> Result<(), Exhausted> {
        loop {
            // Created before `try_draw`, so that a release in between is not missed.
            let freed = self.account.budget.freed.notified();
            if self.account.try_draw(bytes) {
                return Ok(());
            }
            timeout_at(deadline, freed).await.map_err(|_| Exhausted)?;
        }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.account.release(self.bytes, self.peak);
    }
}

#[cfg(test)]
mod tests;
