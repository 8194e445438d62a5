//! Checks a request against its permission and the budget before it is sent, and filters its response
//! for the provider.

use std::time::Duration;

use super::{
    Incident,
    engine::Engine,
    event::Event,
    step::{FetchStep, Outcome, PlannedFetch, Task},
    tokens::{Choice, WantedToken},
};
use crate::{
    ports::FetchFailure,
    provider::{Descriptor, FetchError, Permission, Principal, Reply, Request, Response, headers},
    time::Timestamp,
};

/// What a request needs next.
enum Plan {
    /// To be sent.
    Fetch(Box<PlannedFetch>),
    /// A token.
    Token(WantedToken),
}

impl<'a> Engine<'a> {
    /// Begins as many requests of a step as may be under way. A request whose token is missing begins
    /// with the token, and waits for it without taking a place if it is under way.
    pub(super) fn begin(&mut self, step: &mut FetchStep, now: Timestamp) -> Vec<Task> {
        let (mut tasks, mut from) = (vec![], 0);
        while let Some(index) = step.next_from(from).filter(|_| step.has_room()) {
            match self.plan(index, &step.requests[index], step.wait(), now) {
                Ok(Plan::Fetch(fetch)) => {
                    step.begin_fetch(index);
                    tasks.push(Task::Fetch(fetch));
                }
                Ok(Plan::Token(wanted)) => {
                    if step.begin_token(&wanted.name) {
                        self.remaining.take_request();
                        tasks.push(Task::Token(wanted));
                    }
                }
                Err(failure) => step.fail(index, failure),
            }
            from = index + 1;
        }
        tasks
    }

    /// Checks one request against the budget and the permission that covers it, and charges it to the
    /// budget unless it waits for its token.
    fn plan(
        &mut self,
        index: usize,
        request: &Request,
        wait: Duration,
        now: Timestamp,
    ) -> Result<Plan, FetchFailure> {
        let failed = |error: FetchError| FetchFailure { detail: error.to_string(), error };
        if self.remaining.is_spent(now) {
            return Err(failed(FetchError::BudgetSpent));
        }
        match self.authorize(request) {
            Ok((permission, Choice::Missing(name))) => Ok(Plan::Token(WantedToken {
                name,
                principal: permission.map_or(Principal::Nobody, |it| it.principal),
                scopes: permission.map(|it| it.scopes.clone()).unwrap_or_default(),
            })),
            Ok((permission, choice)) => {
                self.remaining.take_request();
                Ok(Plan::Fetch(Box::new(PlannedFetch {
                    index,
                    request: request.clone(),
                    permission: permission.cloned(),
                    token: match choice {
                        Choice::Known(token) => Some(token),
                        Choice::Nothing | Choice::Missing(_) => None,
                    },
                    wait,
                    timeout: self.remaining.timeout(wait, now),
                    max_bytes: self.remaining.max_reply(),
                })))
            }
            Err(failure) => {
                self.remaining.take_request();
                Err(failure)
            }
        }
    }

    /// The permission of a request, and its token.
    fn authorize(
        &self,
        request: &Request,
    ) -> Result<(Option<&'a Permission>, Choice), FetchFailure> {
        let permission = permission(self.descriptor, request)
            .map_err(|error| FetchFailure { detail: error.to_string(), error })?;
        if let Some(why) = headers::refused_in(&request.headers, declared(permission).0) {
            return Err(FetchFailure { error: FetchError::NotGranted, detail: why });
        }
        let Some(permission) = permission else { return Ok((None, Choice::Nothing)) };
        Ok((Some(permission), self.tokens.of(self.descriptor, request, permission)?))
    }

    /// Turns the outcomes of a step into responses. Every token of the step is known now, so no
    /// response that echoes one reaches the provider.
    pub(super) fn conclude(&mut self, step: FetchStep) -> Vec<Response> {
        let respond = |(request, outcome): (Request, Outcome)| {
            let outcome = outcome.and_then(|reply| self.read_by_provider(&request, reply));
            let outcome = outcome.map_err(|failure| {
                self.refused |=
                    matches!(failure.error, FetchError::NotGranted | FetchError::NoToken);
                let incident = Incident { what: location(&request), why: failure.detail };
                self.events.push_back(Event::Failed(incident));
                failure.error
            });
            Response { id: request.id, outcome }
        };
        step.into_outcomes().map(respond).collect()
    }

    /// Removes headers that the permission of a response does not declare. Fails if it echoes a token.
    fn read_by_provider(&mut self, request: &Request, reply: Reply) -> Result<Reply, FetchFailure> {
        let permission = permission(self.descriptor, request).ok().flatten();
        let (headers, missed) = headers::split(reply.headers, declared(permission).1);
        let incident = |name: String| Incident {
            what: location(request),
            why: format!(
                "the reply has the header {name}, which no permission names (reply-headers): the \
                 plug-in does not receive the link to the next page"
            ),
        };
        self.missed.extend(missed.into_iter().map(incident));
        let reply = Reply { headers, ..reply };
        if self.tokens.are_in(&reply) {
            let detail = "echoed_token: the reply holds a token, and was withheld".into();
            return Err(FetchFailure { error: FetchError::Refused, detail });
        }
        let (status, bytes) = (reply.status, reply.body.len());
        self.events.push_back(Event::Page { what: location(request), status, bytes });
        Ok(reply)
    }
}

/// The permission that a request names, if it covers the request. A request without a token must be
/// covered by some permission too.
pub(super) fn permission<'d>(
    descriptor: &'d Descriptor,
    request: &Request,
) -> Result<Option<&'d Permission>, FetchError> {
    let mut covering =
        descriptor.permissions.iter().filter(|it| it.covers(request.method, &request.url));
    let found = match &request.credential {
        Some(credential) => covering.find(|it| it.name == credential.permission).map(Some),
        None => covering.next().map(|_| None),
    };
    found.ok_or(FetchError::NotGranted)
}

/// The headers that a permission declares for its requests and for their replies.
fn declared(permission: Option<&Permission>) -> (&[String], &[String]) {
    permission
        .map_or((&[], &[]), |permission| (&permission.request_headers, &permission.reply_headers))
}

/// The URL of a request without its query, in which a provider may put anything.
fn location(request: &Request) -> String {
    let mut url = request.url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}
