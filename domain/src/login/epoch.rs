//! Epochs of login attempts: for how long a store remembers that an attempt was spent.
//!
//! An attempt is kept by its browser; a store knows only which ones were spent, and must know it for
//! as long as the attempt could be opened. A clock cannot say how long that is: one that is set
//! ahead and back again would let an attempt be spent twice. So every attempt names the epoch it
//! began in, and a store takes attempts of the current epoch and the one before it. What it knows
//! of older epochs it may forget, since it refuses their attempts whatever the clock says.

use super::ATTEMPT_LIFETIME;
use crate::time::Timestamp;

/// The number of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Epoch(u64);

impl Epoch {
    /// The number that was kept.
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// The number as it is kept.
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
    /// The first epoch of a new store. Its number is taken from the time, so that a store which
    /// takes the place of a lost one refuses the attempts of that one: nobody knows which of them
    /// were spent.
    pub const fn first(now: Timestamp) -> Self {
        Self { epoch: Epoch(now.unix_seconds()), began_at: now }
    }

    /// The epoch after this one, where this one is over: it lasts as long as an attempt, so that
    /// an attempt has expired before its epoch is two back. A clock that was set back before its
    /// beginning ends it too.
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
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    #[test]
    fn an_epoch_is_the_number_that_was_kept_of_it() {
        assert_eq!(Epoch::from_number(7), Epoch(7));
        assert_eq!(Epoch(7).number(), 7);
    }

    #[test]
    fn an_epoch_lasts_as_long_as_an_attempt_and_ends_when_the_clock_is_set_back() {
        let first = CurrentEpoch::first(at(10_000));
        for (now, over) in [(10_000, false), (10_899, false), (10_900, true), (9_999, true)] {
            assert_eq!(first.next(at(now)).is_some(), over, "{now}");
        }
        let second = first.next(at(9_000)).unwrap();
        assert_eq!(second, CurrentEpoch { epoch: Epoch(10_001), began_at: at(9_000) });
    }

    #[test]
    fn attempts_of_the_current_epoch_and_the_one_before_are_taken() {
        let current = CurrentEpoch { epoch: Epoch(7), began_at: at(0) };
        let taken: Vec<_> = (0..10).filter(|number| current.takes(Epoch(*number))).collect();
        assert_eq!(taken, [6, 7]);
    }

    #[test]
    fn a_new_store_refuses_the_attempts_of_the_one_it_replaces() {
        let lost = CurrentEpoch::first(at(10_000));
        let lost = lost.next(at(11_000)).unwrap();
        assert!(!CurrentEpoch::first(at(11_001)).takes(lost.epoch));
    }
}
