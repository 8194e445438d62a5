//! One step of a provider: its requests, a few of them concurrently, and their outcomes.

use std::{collections::BTreeSet, time::Duration};

use super::tokens::{TokenName, WantedToken};
use crate::{
    ports::{Fetch, FetchFailure},
    provider::{FetchError, Permission, Reply, Request},
    secret::AccessToken,
};

/// How many requests of one step are under way at once, those for tokens included. With the limit of
/// one response this bounds the memory of a listing.
pub(super) const MAX_CONCURRENT: usize = 8;

/// What a driver begins, without waiting for its end.
#[derive(Debug)]
pub enum Task {
    /// Obtain this token, and pass it to [`super::Engine::token`].
    Token(WantedToken),
    /// Send this request, and pass its outcome to [`super::Engine::replied`].
    Fetch(Box<PlannedFetch>),
}

/// A request to send, with its token.
#[derive(Clone, Debug)]
pub struct PlannedFetch {
    /// The index of the request in its step.
    pub index: usize,
    /// The request.
    pub request: Request,
    /// The permission that covers it; `None` if it is sent without a token.
    pub permission: Option<Permission>,
    /// The token, if its permission uses one.
    pub token: Option<AccessToken>,
    /// The delay before it is sent; part of `timeout`.
    pub wait: Duration,
    /// The timeout, retries and delays included.
    pub timeout: Duration,
    /// The longest accepted response, in bytes.
    pub max_bytes: u64,
}

impl PlannedFetch {
    /// The request for the API. The driver adds the operator's secret headers.
    pub fn fetch(&self) -> Fetch<'_> {
        let mut fetch =
            Fetch { wait: self.wait, ..Fetch::of(&self.request, self.timeout, self.max_bytes) };
        if let Some(permission) = &self.permission {
            fetch.token = self.token.as_ref().map(|token| (token, &permission.placement));
            fetch.request_headers = &permission.request_headers;
        }
        fetch
    }
}

pub(super) type Outcome = Result<Reply, FetchFailure>;

/// A step under way.
pub(super) struct FetchStep {
    pub(super) requests: Vec<Request>,
    wait: Duration,
    /// The outcomes so far, by the index of their request.
    outcomes: Vec<Option<Outcome>>,
    /// The indexes of the requests that are under way.
    fetches: BTreeSet<usize>,
    /// The tokens that are under way.
    tokens: BTreeSet<TokenName>,
    /// Whether the driver was told to wait, and has passed nothing since.
    is_waiting: bool,
}

impl FetchStep {
    pub(super) fn new(requests: Vec<Request>, wait: Duration) -> Self {
        let outcomes = requests.iter().map(|_| None).collect();
        let (fetches, tokens) = (BTreeSet::new(), BTreeSet::new());
        Self { requests, wait, outcomes, fetches, tokens, is_waiting: false }
    }

    /// The first request at or after `index` that was not begun.
    pub(super) fn next_from(&self, index: usize) -> Option<usize> {
        let is_next = |at: &usize| self.outcomes[*at].is_none() && !self.fetches.contains(at);
        (index..self.requests.len()).find(is_next)
    }

    pub(super) fn has_room(&self) -> bool {
        self.fetches.len() + self.tokens.len() < MAX_CONCURRENT
    }

    /// The delay of a request that is sent now: once a request of the step has its outcome, the delay
    /// has passed.
    pub(super) fn wait(&self) -> Duration {
        let none_ended = self.outcomes.iter().all(Option::is_none);
        if none_ended { self.wait } else { Duration::ZERO }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.outcomes.iter().all(Option::is_some)
    }

    pub(super) fn begin_fetch(&mut self, index: usize) {
        self.fetches.insert(index);
    }

    /// Begins to obtain a token; `false` if it is under way.
    pub(super) fn begin_token(&mut self, name: &TokenName) -> bool {
        self.tokens.insert(name.clone())
    }

    pub(super) fn fail(&mut self, index: usize, failure: FetchFailure) {
        self.outcomes[index] = Some(Err(failure));
    }

    /// Stores the outcome of a request that is under way; returns `false` for any other.
    pub(super) fn replied(&mut self, index: usize, outcome: Outcome) -> bool {
        let is_under_way = self.fetches.remove(&index);
        if is_under_way {
            self.is_waiting = false;
            self.outcomes[index] = Some(outcome);
        }
        is_under_way
    }

    /// Ends a token that is under way; returns `false` for any other.
    pub(super) fn token_ended(&mut self, name: &TokenName) -> bool {
        let is_under_way = self.tokens.remove(name);
        self.is_waiting &= !is_under_way;
        is_under_way
    }

    /// Fails the requests that are under way, and returns the tokens that are.
    pub(super) fn give_up(&mut self, failure: &FetchFailure) -> BTreeSet<TokenName> {
        for index in std::mem::take(&mut self.fetches) {
            self.outcomes[index] = Some(Err(failure.clone()));
        }
        self.is_waiting = false;
        std::mem::take(&mut self.tokens)
    }

    /// Notes that the driver waits. `false` if it has waited before and nothing came: then everything
    /// under way is lost.
    pub(super) fn waits(&mut self) -> bool {
        !std::mem::replace(&mut self.is_waiting, true)
    }

    /// Gives up what is under way. A driver that passes no outcome must reach the end nevertheless.
    pub(super) fn abandon(&mut self) {
        for outcome in self.outcomes.iter_mut().filter(|outcome| outcome.is_none()) {
            let detail = "the request was not sent".into();
            *outcome = Some(Err(FetchFailure { error: FetchError::Unreachable, detail }));
        }
    }

    /// The requests with their outcomes, in order.
    pub(super) fn into_outcomes(self) -> impl Iterator<Item = (Request, Outcome)> {
        self.requests.into_iter().zip(self.outcomes.into_iter().flatten())
    }
}
