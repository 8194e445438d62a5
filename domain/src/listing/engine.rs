//! The state machine of a listing.

use std::{collections::VecDeque, time::Duration};

use super::{
    Incident, ListingBudget,
    budget::Remaining,
    checked,
    event::Event,
    step::{FetchStep, Outcome, PlannedFetch, Task},
    tokens::{TokenName, Tokens},
    wording,
};
use crate::{
    account::Listing,
    echo::TokenEcho,
    ports::FetchFailure,
    provider::{CallError, Descriptor, FetchError, Person, Request, Response, Step},
    secret::AccessToken,
    time::Timestamp,
};

/// How many requests one step may have.
const MAX_AT_ONCE: usize = 500;

/// How many more steps a provider gets after its budget is spent, so that it can finish with what it
/// has.
const STEPS_AFTER_BUDGET: u32 = 8;

/// What the driver of a listing must do next.
#[derive(Debug)]
pub enum Poll {
    /// Call the provider with these responses, and pass its step to [`Engine::stepped`].
    Advance(Vec<Response>),
    /// Begin these tasks, and poll again without waiting for their ends.
    Begin(Vec<Task>),
    /// Wait until one of the tasks under way has ended, and pass its end. If none is passed before the
    /// next poll, all of them count as unreachable.
    Wait,
    /// Report this event.
    Event(Event),
    /// The listing ended, with warnings for missing entries. It fails if the provider broke a rule
    /// ([`CallError::Broken`]), because none of its results are trusted then, or if the host is
    /// overloaded ([`CallError::Overloaded`]).
    Done(Result<Listing, CallError>),
}

/// One listing.
pub struct Engine<'a> {
    pub(super) descriptor: &'a Descriptor,
    pub(super) tokens: Tokens<'a>,
    pub(super) remaining: Remaining,
    steps_after_budget: u32,
    /// Whether the host refused a request: the provider may not mention it.
    pub(super) refused: bool,
    /// Headers of the last step's responses that link to the rest of a list and were withheld, because
    /// no permission declares them. If the provider then ends the listing, it is incomplete.
    pub(super) missed: Vec<Incident>,
    pub(super) events: VecDeque<Event>,
    state: State,
}

enum State {
    Advance(Vec<Response>),
    Fetching(FetchStep),
    Done(Option<Result<Listing, CallError>>),
}

impl<'a> Engine<'a> {
    /// A listing for `person` with their token. `echo` detects the secrets that no response may have,
    /// this token among them.
    pub fn new(
        descriptor: &'a Descriptor,
        person: &'a Person,
        token: &'a AccessToken,
        echo: TokenEcho,
        budget: ListingBudget,
        now: Timestamp,
    ) -> Self {
        Self {
            descriptor,
            tokens: Tokens::new(token, &person.identity.tenant, echo),
            remaining: Remaining::new(budget, now),
            steps_after_budget: STEPS_AFTER_BUDGET,
            refused: false,
            missed: vec![],
            events: VecDeque::new(),
            state: State::Advance(vec![]),
        }
    }

    /// The next action.
    pub fn poll(&mut self, now: Timestamp) -> Poll {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Poll::Event(event);
            }
            match std::mem::replace(&mut self.state, State::Advance(vec![])) {
                State::Advance(responses) => return Poll::Advance(responses),
                State::Fetching(mut step) => {
                    let tasks = self.begin(&mut step, now);
                    if tasks.is_empty() && !step.is_complete() && !step.waits() {
                        step.abandon();
                    }
                    if step.is_complete() {
                        self.state = State::Advance(self.conclude(step));
                        continue;
                    }
                    self.state = State::Fetching(step);
                    return if tasks.is_empty() { Poll::Wait } else { Poll::Begin(tasks) };
                }
                State::Done(result) => {
                    self.state = State::Done(None);
                    let ended = || Err(CallError::Broken("the listing has ended".into()));
                    return Poll::Done(result.unwrap_or_else(ended));
                }
            }
        }
    }

    /// Receives the provider's step, or its error.
    pub fn stepped(&mut self, step: Result<Step, CallError>, now: Timestamp) {
        let step = match step {
            Ok(Step::Fetch { requests, wait }) => self.admit(requests, wait, now),
            Ok(Step::Done(listing)) => return self.end(checked::listing(listing)),
            Err(error) => return self.end(Err(error)),
        };
        match step {
            Ok(step) => {
                self.missed.clear();
                self.state = State::Fetching(step);
            }
            Err(broken) => self.end(Err(CallError::Broken(broken))),
        }
    }

    /// Checks a step against the limits of a listing.
    fn admit(
        &mut self,
        requests: Vec<Request>,
        wait: Duration,
        now: Timestamp,
    ) -> Result<FetchStep, String> {
        if requests.len() > MAX_AT_ONCE {
            return Err(format!("it asked for {} requests at once", requests.len()));
        }
        if self.remaining.is_spent(now) {
            self.steps_after_budget -= 1;
        }
        if self.steps_after_budget == 0 {
            return Err("it requested more after its budget was spent".into());
        }
        if requests.is_empty() {
            // Empty steps must not go on for ever.
            self.remaining.take_request();
        }
        Ok(FetchStep::new(requests, wait.min(self.remaining.time(now))))
    }

    /// Receives a token of [`Task::Token`], or why there is none; the detail must not have a token in
    /// it.
    pub fn token(&mut self, name: TokenName, token: Result<AccessToken, FetchFailure>) {
        let State::Fetching(step) = &mut self.state else { return };
        if step.token_ended(&name) {
            self.tokens.insert(name, token);
        }
    }

    /// Receives the outcome of a request, and charges its bytes to the budget.
    pub fn replied(&mut self, fetch: &PlannedFetch, outcome: Outcome) {
        let State::Fetching(step) = &mut self.state else { return };
        let bytes = outcome.as_ref().map_or(0, |reply| reply.body.len());
        if step.replied(fetch.index, outcome) {
            self.remaining.take_bytes(bytes);
        }
    }

    /// Has everything that is under way time out. An end that comes later is dropped.
    pub fn give_up_waiting(&mut self) {
        let State::Fetching(step) = &mut self.state else { return };
        for name in step.give_up(&late()) {
            self.tokens.insert(name, Err(late()));
        }
    }

    /// Ends the listing. If the cloud failed, the login still succeeds, with a warning about the missing
    /// entries.
    fn end(&mut self, ended: Result<Listing, CallError>) {
        let listing = match ended {
            Ok(listing) => Ok(listing),
            Err(error @ (CallError::Broken(_) | CallError::Overloaded)) => Err(error),
            Err(CallError::Provider(error)) => {
                let why = error.to_string();
                self.events.push_back(Event::Failed(Incident { what: String::new(), why }));
                Ok(wording::nothing_listed(self.descriptor, &error))
            }
        };
        let listing = listing.map(|listing| self.complete(listing));
        self.state = State::Done(Some(listing));
    }

    /// The listing with warnings about what the provider cannot know.
    fn complete(&mut self, mut listing: Listing) -> Listing {
        if !self.missed.is_empty() {
            listing.warnings.push(wording::cut_short(self.descriptor));
            self.events.extend(self.missed.drain(..).map(Event::Failed));
        } else if self.refused && listing.warnings.is_empty() {
            listing.warnings.push(wording::refused(self.descriptor));
        }
        let tenants = listing.tenants.iter();
        self.events.extend(
            tenants.map(|tenant| Event::Tenant { id: tenant.id.clone(), state: tenant.state }),
        );
        self.events.extend(listing.warnings.iter().cloned().map(Event::Warning));
        listing
    }
}

fn late() -> FetchFailure {
    FetchFailure { error: FetchError::TimedOut, detail: "it has not come in time".into() }
}

#[cfg(test)]
mod tests;
