//! The state machine of a listing.

use std::{collections::VecDeque, time::Duration};

use super::{
    Incident, ListingBudget,
    budget::Remaining,
    checked,
    event::Event,
    requests::permission,
    step::{FetchStep, Outcome, PlannedFetch},
    tokens::{TokenName, Tokens},
    wording,
};
use crate::{
    account::Listing,
    echo::TokenEcho,
    provider::{CallError, Descriptor, Person, Request, Response, Step},
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
    /// Obtain Portico's own token for these scopes, and pass it to [`Engine::token`].
    Token(TokenName, Vec<String>),
    /// Send these requests concurrently, and pass each outcome to [`Engine::replied`]. A request without
    /// an outcome at the next poll counts as unreachable.
    Fetch(Vec<PlannedFetch>),
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
    Tokens(FetchStep, VecDeque<(TokenName, Vec<String>)>),
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
                State::Tokens(step, wanted) => match wanted.front().cloned() {
                    Some((name, scopes)) => {
                        self.state = State::Tokens(step, wanted);
                        return Poll::Token(name, scopes);
                    }
                    None => {
                        self.watch_tokens(&step.requests);
                        self.state = State::Fetching(step);
                    }
                },
                State::Fetching(mut step) => {
                    self.conclude(&mut step);
                    let fetches = self.begin(&mut step, now);
                    self.state = match step.next().is_empty() {
                        true => State::Advance(step.responses),
                        false => State::Fetching(step),
                    };
                    if !fetches.is_empty() {
                        return Poll::Fetch(fetches);
                    }
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
                let wanted = self.wanted_tokens(&step.requests);
                self.state = State::Tokens(step, wanted);
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

    /// The application's tokens that a step needs and that are missing, each once.
    fn wanted_tokens(&self, requests: &[Request]) -> VecDeque<(TokenName, Vec<String>)> {
        let mut wanted: VecDeque<(TokenName, Vec<String>)> = VecDeque::new();
        for request in requests {
            let Ok(Some(permission)) = permission(self.descriptor, request) else { continue };
            let Some(name) = self.tokens.missing(request, permission) else { continue };
            if !wanted.iter().any(|(known, _)| *known == name) {
                wanted.push_back((name, permission.scopes.clone()));
            }
        }
        wanted
    }

    /// Receives the token of [`Poll::Token`], or why there is none; the reason must not have a token in
    /// it.
    pub fn token(&mut self, token: Result<AccessToken, String>) {
        let State::Tokens(_, wanted) = &mut self.state else { return };
        let Some((name, _)) = wanted.pop_front() else { return };
        match token {
            Ok(token) => self.tokens.insert(name, token),
            Err(why) => {
                // The requests of this step fail. The other tokens are not requested: that would only
                // repeat requests to an identity provider that is down.
                wanted.clear();
                let what = format!("the application's token for {}", name.permission);
                self.events.push_back(Event::Failed(Incident { what, why }));
            }
        }
    }

    fn watch_tokens(&mut self, requests: &[Request]) {
        for request in requests {
            if let Ok(Some(permission)) = permission(self.descriptor, request) {
                self.tokens.watch(request, permission);
            }
        }
    }

    /// Receives the outcome of a request.
    pub fn replied(&mut self, fetch: &PlannedFetch, outcome: Outcome) {
        if let State::Fetching(step) = &mut self.state {
            step.replied(fetch, outcome);
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

#[cfg(test)]
mod tests;
