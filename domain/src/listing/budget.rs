//! The limits of a listing.

use std::time::Duration;

use crate::time::Timestamp;

/// The limits of one listing.
#[derive(Clone, Copy, Debug)]
pub struct ListingBudget {
    /// The number of requests. A page of subscriptions holds about a hundred.
    pub requests: u32,
    /// The bytes of all responses.
    pub bytes: u64,
    /// The bytes of one response.
    pub reply: u64,
    /// The timeout of the listing: the person waits for it in front of an empty page.
    pub time: Duration,
    /// The timeout of one request, after its delay: a tenant that hangs must leave time to the others.
    pub request: Duration,
}

impl Default for ListingBudget {
    fn default() -> Self {
        let (time, request) = (Duration::from_secs(20), Duration::from_secs(10));
        Self { requests: 500, bytes: 32 << 20, reply: 1 << 20, time, request }
    }
}

/// The rest of a budget.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remaining {
    budget: ListingBudget,
    deadline: Timestamp,
}

impl Remaining {
    pub(super) fn new(budget: ListingBudget, now: Timestamp) -> Self {
        Self { budget, deadline: now.plus(budget.time) }
    }

    pub(super) fn time(&self, now: Timestamp) -> Duration {
        self.deadline.since(now)
    }

    /// The timeout of a request that is sent after this delay, the delay included.
    pub(super) fn timeout(&self, wait: Duration, now: Timestamp) -> Duration {
        self.time(now).min(wait.saturating_add(self.budget.request))
    }

    pub(super) fn is_spent(&self, now: Timestamp) -> bool {
        self.budget.requests == 0 || self.budget.bytes == 0 || self.time(now).is_zero()
    }

    /// Counts one request.
    pub(super) fn take_request(&mut self) {
        self.budget.requests = self.budget.requests.saturating_sub(1);
    }

    /// Counts the bytes of a reply.
    pub(super) fn take_bytes(&mut self, bytes: usize) {
        self.budget.bytes = self.budget.bytes.saturating_sub(bytes as u64);
    }

    /// The longest response to read next, in bytes.
    pub(super) fn max_reply(&self) -> u64 {
        self.budget.reply.min(self.budget.bytes)
    }
}
