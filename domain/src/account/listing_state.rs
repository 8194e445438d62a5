//! Whether an account's listing is complete, and when it is due to be made again.

use std::time::Duration;

use super::{Account, Listing, TokenHealth, warnings::was_listed};
use crate::time::Timestamp;

/// How often the accounts of a session in use are looked at while a listing of theirs is due.
const DUE_INTERVAL: Duration = Duration::from_secs(30);

/// How far in the future a listing may have been made: clocks are set back by a little now and then.
const CLOCK_LEEWAY: Duration = Duration::from_secs(60);

/// How much of what an account reaches its listing has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListingState {
    /// More comes by itself.
    InProgress,
    /// Something is missing; tenants and warnings say why.
    Partial,
    /// Everything is there.
    Complete,
}

impl Account {
    /// How much of what the account reaches its listing has.
    pub fn listing_state(&self, now: Timestamp) -> ListingState {
        if self.is_listing_awaited(now) {
            ListingState::InProgress
        } else if !self.is_listing_pending && is_complete(&self.listing) {
            ListingState::Complete
        } else {
            ListingState::Partial
        }
    }

    /// Whether its listing is pending at `now`, and its tokens can be used.
    pub fn is_listing_awaited(&self, now: Timestamp) -> bool {
        self.is_listing_pending && self.can_be_listed(now)
    }

    /// Whether it should be listed at `now`: its listing is pending, or older than
    /// `max_age`, and its tokens can be used.
    pub fn is_listing_due(&self, max_age: Duration, now: Timestamp) -> bool {
        let is_old = now >= self.refreshed_at.plus(max_age);
        let is_from_future = self.refreshed_at > now.plus(CLOCK_LEEWAY);
        (self.is_listing_pending || is_old || is_from_future) && self.can_be_listed(now)
    }

    /// Until when no listing is due; `None` if the account cannot be listed. One that is due already is
    /// looked at again in 30 seconds.
    pub fn listing_steady_until(&self, max_age: Duration, now: Timestamp) -> Option<Timestamp> {
        let until = match self.is_listing_due(max_age, now) {
            true => now.plus(DUE_INTERVAL),
            false => self.refreshed_at.plus(max_age),
        };
        self.can_be_listed(now).then_some(until)
    }

    fn can_be_listed(&self, now: Timestamp) -> bool {
        self.token_health(now) != TokenHealth::NeedsSignIn
    }
}

/// Whether nothing is missing in a listing: no warning, and every tenant was listed.
fn is_complete(listing: &Listing) -> bool {
    listing.warnings.is_empty() && listing.tenants.iter().all(was_listed)
}

#[cfg(test)]
mod tests;
