//! One budget of bytes for the instances of all plug-ins together.
//!
//! A plug-in may hold as much as is left free for the others ("dynamic threshold", Choudhury and
//! Hahne 1998): one that takes all it can ends with half of the budget, two with a third each, and
//! there is always as much free as any of them holds. Nothing needs to know how many plug-ins there
//! are, and a plug-in without memory-hungry neighbours is not held to a small part.

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

/// No memory came free in time.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the memory that plug-ins may have together is taken")]
pub(crate) struct Exhausted;

/// The bytes that all instances may hold together.
pub(crate) struct MemoryBudget {
    total: usize,
    /// How long an instance waits, over all its calls.
    patience: Duration,
    state: Mutex<State>,
    /// Told whenever memory was given back.
    freed: Notify,
}

#[derive(Default)]
struct State {
    used: usize,
    by_account: BTreeMap<u64, Held>,
    next_account: u64,
}

/// What one plug-in has.
#[derive(Clone, Copy, Default)]
struct Held {
    bytes: usize,
    /// What its next instance will want, from those before it.
    expected: usize,
}

impl MemoryBudget {
    pub(crate) fn new(total: usize, patience: Duration) -> Arc<Self> {
        Arc::new(Self { total, patience, state: Mutex::default(), freed: Notify::new() })
    }

    /// The most that one plug-in can hold.
    pub(crate) fn most_of_one(&self) -> usize {
        self.total / 2
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the instances of one plug-in hold together.
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
            state.by_account.insert(number, Held::default());
            number
        };
        Arc::new(Self { budget, number })
    }

    fn expected(&self) -> usize {
        self.budget.state().by_account.get(&self.number).map_or(0, |held| held.expected)
    }

    /// From now on the next instance is expected to want at least so much.
    fn expect(&self, wanted: usize) {
        let most = self.budget.most_of_one();
        if let Some(held) = self.budget.state().by_account.get_mut(&self.number) {
            held.expected = held.expected.max(wanted.min(most));
        }
    }

    fn try_draw(&self, bytes: usize) -> bool {
        let mut state = self.budget.state();
        let used = state.used.checked_add(bytes);
        let free = used.and_then(|used| self.budget.total.checked_sub(used));
        let (Some(used), Some(free)) = (used, free) else { return false };
        let Some(held) = state.by_account.get_mut(&self.number) else { return false };
        // Neither is more than the total: this does not overflow.
        let mine = held.bytes + bytes;
        let fits = mine <= free;
        if fits {
            held.bytes = mine;
            state.used = used;
        }
        fits
    }

    /// Takes back what an instance had, which wanted so much.
    fn give_back(&self, bytes: usize, wanted: usize) {
        {
            let mut state = self.budget.state();
            state.used = state.used.saturating_sub(bytes);
            if let Some(held) = state.by_account.get_mut(&self.number) {
                held.bytes = held.bytes.saturating_sub(bytes);
                // Up at once, down slowly: one small login says little of the next, and one that
                // was refused at its start nothing.
                if wanted > 0 {
                    held.expected -= held.expected.saturating_sub(wanted) / 8;
                }
            }
        }
        self.budget.freed.notify_waiters();
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        // Every charge holds its account: nothing is held any more.
        self.budget.state().by_account.remove(&self.number);
    }
}

/// What one instance holds; given back when it is dropped.
pub(crate) struct Charge {
    account: Arc<Account>,
    /// What was drawn.
    bytes: usize,
    /// What of it is in use, and what was wanted at most.
    used: usize,
    wanted: usize,
    /// How long it may still wait.
    patience: Duration,
}

impl Charge {
    /// For a new instance: draws what those before it came to, so that instances wait before they
    /// hold anything. If many held a little and wanted more, none of them would get it.
    pub(crate) async fn begin(account: Arc<Account>) -> Result<Self, Exhausted> {
        let (patience, expected) = (account.budget.patience, account.expected());
        let mut charge = Self { account, bytes: 0, used: 0, wanted: 0, patience };
        charge.reserve(expected).await?;
        Ok(charge)
    }

    /// Takes so many bytes more. Where they are not free, waits until others give some back or the
    /// instance's patience is at its end.
    pub(crate) async fn draw(&mut self, bytes: usize) -> Result<(), Exhausted> {
        let used = self.used.checked_add(bytes).ok_or(Exhausted)?;
        if used > self.wanted {
            self.wanted = used;
            self.account.expect(used);
        }
        self.reserve(used.saturating_sub(self.bytes)).await?;
        self.used = used;
        Ok(())
    }

    async fn reserve(&mut self, bytes: usize) -> Result<(), Exhausted> {
        if bytes > 0 && !self.account.try_draw(bytes) {
            let begun = Instant::now();
            let drawn = self.wait(bytes, begun + self.patience).await;
            self.patience = self.patience.saturating_sub(begun.elapsed());
            drawn?;
        }
        self.bytes += bytes;
        Ok(())
    }

    async fn wait(&self, bytes: usize, deadline: Instant) -> Result<(), Exhausted> {
        loop {
            // Made before the look: what is given back in between is not missed.
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
        self.account.give_back(self.bytes, self.wanted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOTAL: usize = 1_200;

    fn budget(total: usize) -> Arc<MemoryBudget> {
        MemoryBudget::new(total, Duration::from_secs(2))
    }

    async fn begun(account: &Arc<Account>) -> Charge {
        Charge::begin(account.clone()).await.unwrap()
    }

    /// Draws 10 more, if that is free.
    fn step(charge: &mut Charge) -> bool {
        let drawn = charge.account.try_draw(10);
        charge.bytes += usize::from(drawn) * 10;
        drawn
    }

    #[tokio::test]
    async fn one_plug_in_gets_half_two_get_a_third_each_and_as_much_stays_free() {
        let budget = budget(TOTAL);
        let accounts: Vec<_> = (0..3).map(|_| Account::open(budget.clone())).collect();
        let mut alone = begun(&accounts[0]).await;
        while step(&mut alone) {}
        assert_eq!(alone.bytes, budget.most_of_one());
        drop(alone);
        let (mut one, mut two) = (begun(&accounts[0]).await, begun(&accounts[1]).await);
        // Both take turns, as logins at once do.
        while step(&mut one) | step(&mut two) {}
        assert_eq!((one.bytes, two.bytes), (400, 400));
        begun(&accounts[2]).await.draw(200).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_finds_no_memory_waits_and_is_refused_when_none_comes() {
        let account = Account::open(budget(TOTAL));
        let mut held = begun(&account).await;
        let (mut late, mut patient) = (begun(&account).await, begun(&account).await);
        while step(&mut held) {}
        assert_eq!(late.draw(100).await, Err(Exhausted));
        assert_eq!(late.draw(100).await, Err(Exhausted), "its patience is at its end");
        let (drawn, ()) = tokio::join!(patient.draw(100), async { drop(held) });
        assert_eq!(drawn, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn an_instance_begins_with_what_those_before_it_came_to() {
        let account = Account::open(budget(TOTAL));
        let mut first = begun(&account).await;
        first.draw(100).await.unwrap();
        first.draw(150).await.unwrap();
        drop(first);
        let second = begun(&account).await;
        assert_eq!((second.bytes, second.used), (250, 0));
        let third = begun(&account).await;
        assert!(Charge::begin(account.clone()).await.is_err(), "it holds nothing while it waits");
        drop((second, third));
        // One that wanted and did not get counts as if it had got; small ones bring it down.
        assert!(begun(&account).await.draw(1_000).await.is_err());
        assert_eq!(account.expected(), 600);
        for _ in 0..100 {
            begun(&account).await.draw(10).await.unwrap();
        }
        assert!(account.expected() < 100, "{}", account.expected());
    }

    #[tokio::test]
    async fn what_is_dropped_is_given_back_to_the_byte() {
        let budget = budget(TOTAL);
        for bytes in [1, 7, 600, 0] {
            let account = Account::open(budget.clone());
            let mut charge = begun(&account).await;
            charge.draw(bytes).await.unwrap();
            assert_eq!(budget.state().used, bytes);
        }
        let state = budget.state();
        assert_eq!((state.used, state.by_account.len()), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_size_beyond_all_numbers_is_refused() {
        let account = Account::open(budget(usize::MAX));
        let mut charge = begun(&account).await;
        charge.draw(1).await.unwrap();
        assert_eq!(charge.draw(usize::MAX).await, Err(Exhausted));
        assert_eq!(charge.draw(usize::MAX - 1).await, Err(Exhausted));
    }
}
