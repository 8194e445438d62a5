//! One step of a provider: its requests, a few of them concurrently, and their responses.

use std::time::Duration;

use crate::{
    ports::FetchFailure,
    provider::{FetchError, Permission, Reply, Request, Response},
};

/// How many requests of one step are under way at once. With the limit of one response this bounds the
/// memory of a listing.
pub(super) const MAX_CONCURRENT_FETCHES: usize = 8;

/// A request to send. [`super::Engine::fetch`] adds its token.
#[derive(Clone, Debug)]
pub struct PlannedFetch {
    /// The index of the request in its step.
    pub index: usize,
    /// The request.
    pub request: Request,
    /// The permission that covers it; `None` if it is sent without a token.
    pub permission: Option<Permission>,
    /// The delay before it is sent; part of `timeout`.
    pub wait: Duration,
    /// The timeout, retries and delays included.
    pub timeout: Duration,
    /// The longest accepted response, in bytes.
    pub max_bytes: u64,
}

pub(super) type Outcome = Result<Reply, FetchFailure>;

/// A step under way.
pub(super) struct FetchStep {
    pub(super) requests: Vec<Request>,
    pub(super) wait: Duration,
    pub(super) responses: Vec<Response>,
    /// The outcomes of the requests that are under way, in their order.
    outcomes: Vec<Outcome>,
}

impl FetchStep {
    pub(super) fn new(requests: Vec<Request>, wait: Duration) -> Self {
        Self { requests, wait, responses: vec![], outcomes: vec![] }
    }

    /// The indexes of the next requests; empty if every request has its response.
    pub(super) fn next(&self) -> std::ops::Range<usize> {
        let begin = self.responses.len();
        begin..self.requests.len().min(begin + MAX_CONCURRENT_FETCHES)
    }

    /// Begins the next requests. Requests that were refused have their outcome already; the others count
    /// as unreachable until `replied` is called.
    pub(super) fn begin(
        &mut self,
        planned: Vec<Result<PlannedFetch, FetchFailure>>,
    ) -> Vec<PlannedFetch> {
        let mut fetches = vec![];
        self.outcomes = vec![];
        for plan in planned {
            self.outcomes.push(Err(plan.map_or_else(
                |failure| failure,
                |fetch| {
                    fetches.push(fetch);
                    FetchFailure {
                        error: FetchError::Unreachable,
                        detail: "the request was not sent".into(),
                    }
                },
            )));
        }
        fetches
    }

    pub(super) fn replied(&mut self, fetch: &PlannedFetch, outcome: Outcome) {
        let under_way = fetch.index.checked_sub(self.responses.len());
        if let Some(slot) = under_way.and_then(|at| self.outcomes.get_mut(at)) {
            *slot = outcome;
        }
    }

    /// Takes the outcomes of the requests under way.
    pub(super) fn take_outcomes(&mut self) -> Vec<Outcome> {
        std::mem::take(&mut self.outcomes)
    }
}
