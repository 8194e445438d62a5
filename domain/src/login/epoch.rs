//! Epochs of login attempts: how long a store remembers that an attempt was spent.
//!
//! The browser holds the attempt; a store only records which attempts were spent, for as long as one
//! could be opened. That time cannot be measured with a clock: one that is set ahead and back again
//! would let an attempt be spent twice. So every attempt carries the epoch it began in, and a store
//! accepts attempts of the current epoch and of the one before. It may forget older epochs, because
//! it refuses their attempts whatever the clock says.

use super::ATTEMPT_LIFETIME;
use crate::time::Timestamp;

/// The number of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Epoch(u64);

impl Epoch {
    /// Reads a number that a store or a sealed attempt holds.
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// The number, for a store or a sealed attempt.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// The epoch that login attempts begin in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentEpoch {
    /// Its number.
    pub epoch: Epoch,
    /// When it began.
    pub began_at: Timestamp,
}

impl CurrentEpoch {
    /// The first epoch of a new store. Its number is the time, so that a store that replaces a lost
    /// one refuses the attempts of the lost one: which of them were spent is unknown.
    pub const fn first(now: Timestamp) -> Self {
        Self { epoch: Epoch(now.unix_seconds()), began_at: now }
    }

    /// The next epoch, if this one is over. An epoch lasts as long as an attempt, so that an attempt
    /// expires before its epoch is two back. A clock that is set back before the epoch's beginning
    /// ends it too.
    pub fn next(&self, now: Timestamp) -> Option<Self> {
        let over = now < self.began_at || now.since(self.began_at) >= ATTEMPT_LIFETIME;
        over.then(|| Self { epoch: Epoch(self.epoch.0.saturating_add(1)), began_at: now })
    }

    /// Whether attempts of `epoch` may still be spent.
    pub fn takes(&self, epoch: Epoch) -> bool {
        (self.oldest()..=self.epoch).contains(&epoch)
    }

    /// The oldest epoch whose attempts may still be spent.
    pub const fn oldest(&self) -> Epoch {
        Epoch(self.epoch.0.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    #[test]
    fn epoch_number_round_trips() {
        assert_eq!(Epoch::from_number(7), Epoch(7));
        assert_eq!(Epoch(7).number(), 7);
    }

    #[rstest]
    #[case::at_its_beginning(10_000, false)]
    #[case::in_its_last_second(10_899, false)]
    #[case::after_the_lifetime_of_an_attempt(10_900, true)]
    #[case::with_a_clock_set_back(9_999, true)]
    fn next_returns_an_epoch_when_this_one_is_over(#[case] now: u64, #[case] over: bool) {
        assert_eq!(CurrentEpoch::first(at(10_000)).next(at(now)).is_some(), over);
    }

    #[test]
    fn next_counts_up_and_begins_now() {
        let second = CurrentEpoch::first(at(10_000)).next(at(9_000)).unwrap();
        assert_eq!(second, CurrentEpoch { epoch: Epoch(10_001), began_at: at(9_000) });
    }

    #[test]
    fn takes_accepts_the_current_and_the_previous_epoch() {
        let current = CurrentEpoch { epoch: Epoch(7), began_at: at(0) };
        let taken: Vec<_> = (0..10).filter(|number| current.takes(Epoch(*number))).collect();
        assert_eq!(taken, [6, 7]);
    }

    #[test]
    fn first_epoch_refuses_attempts_of_a_lost_store() {
        let lost = CurrentEpoch::first(at(10_000));
        let lost = lost.next(at(11_000)).unwrap();
        assert!(!CurrentEpoch::first(at(11_001)).takes(lost.epoch));
    }
}
