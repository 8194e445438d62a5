//! Checks a request against its permission and the budget before it is sent, and filters its response
//! for the provider.

use std::time::Duration;

use super::{
    Incident,
    engine::Engine,
    event::Event,
    step::{FetchStep, PlannedFetch},
};
use crate::{
    ports::{Fetch, FetchFailure},
    provider::{Descriptor, FetchError, Permission, Reply, Request, Response, headers},
    time::Timestamp,
};

impl Engine<'_> {
    /// Begins the next requests of a step. Returns those to send.
    pub(super) fn begin(&mut self, step: &mut FetchStep, now: Timestamp) -> Vec<PlannedFetch> {
        let wait = if step.responses.is_empty() { step.wait } else { Duration::ZERO };
        let planned = step.next().map(|index| self.plan(index, &step.requests[index], wait, now));
        let planned = planned.collect();
        step.begin(planned)
    }

    /// Charges one request to the budget, and checks it against the permission that covers it.
    fn plan(
        &mut self,
        index: usize,
        request: &Request,
        wait: Duration,
        now: Timestamp,
    ) -> Result<PlannedFetch, FetchFailure> {
        let failed = |error: FetchError| FetchFailure { error, detail: error.to_string() };
        if self.remaining.is_spent(now) {
            return Err(failed(FetchError::BudgetSpent));
        }
        self.remaining.take_request();
        let permission = permission(self.descriptor, request).map_err(failed)?;
        if let Some(why) = headers::refused_in(&request.headers, declared(permission).0) {
            return Err(FetchFailure { error: FetchError::NotGranted, detail: why });
        }
        if let Some(permission) = permission {
            self.tokens.of(request, permission)?;
        }
        Ok(PlannedFetch {
            index,
            request: request.clone(),
            permission: permission.cloned(),
            wait,
            timeout: self.remaining.time(now),
            max_bytes: self.remaining.max_reply(),
        })
    }

    /// The request with its token. The driver adds the operator's secret headers.
    pub fn fetch<'f>(&'f self, planned: &'f PlannedFetch) -> Fetch<'f> {
        let PlannedFetch { request, permission, wait, timeout, max_bytes, .. } = planned;
        let mut fetch = Fetch { wait: *wait, ..Fetch::of(request, *timeout, *max_bytes) };
        if let Some(permission) = permission {
            let token = self.tokens.of(request, permission).ok().flatten();
            fetch.token = token.map(|token| (token, &permission.placement));
            fetch.request_headers = &permission.request_headers;
        }
        fetch
    }

    /// Turns the outcomes of the sent requests into responses.
    pub(super) fn conclude(&mut self, step: &mut FetchStep) {
        for (index, outcome) in step.next().zip(step.take_outcomes()) {
            let request = &step.requests[index];
            let outcome = outcome.and_then(|reply| self.read_by_provider(request, reply));
            let outcome = outcome.map_err(|failure| {
                self.refused |=
                    matches!(failure.error, FetchError::NotGranted | FetchError::NoToken);
                let incident = Incident { what: location(request), why: failure.detail };
                self.events.push_back(Event::Failed(incident));
                failure.error
            });
            step.responses.push(Response { id: request.id, outcome });
        }
    }

    /// Charges the response to the budget, and removes headers that its permission does not declare. Fails
    /// if it echoes a token.
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
        self.remaining.take_bytes(reply.body.len());
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
