//! What a provider asks for, what it gets, and what it found.

use portico_domain::{
    account::{Listing, Subscription},
    provider::{Credential, FetchError, Reply, Request, Response, Step},
};

use super::descriptor::method;
use crate::guest::bindings::wire;

pub(in crate::guest) fn step(it: Step) -> wire::Step {
    match it {
        Step::Fetch(requests) => wire::Step::Fetch(wire::Wish {
            requests: requests.into_iter().map(request).collect(),
            note: None,
        }),
        Step::Done(listing) => wire::Step::Done(outcome(listing)),
    }
}

fn request(it: Request) -> wire::Request {
    wire::Request {
        id: it.id,
        method: method(it.method),
        url: it.url.into(),
        headers: it.headers,
        body: it.body,
        credential: it.credential.map(credential),
    }
}

fn credential(it: Credential) -> wire::Credential {
    let tenant = it.tenant.map(|tenant| tenant.as_str().into());
    wire::Credential { grant: it.grant, tenant }
}

fn outcome(it: Listing) -> wire::Outcome {
    wire::Outcome {
        tenants: vec![],
        subscriptions: it.subscriptions.into_iter().map(subscription).collect(),
        warnings: it.warnings,
        extra: vec![],
    }
}

fn subscription(it: Subscription) -> wire::Subscription {
    wire::Subscription {
        id: it.id,
        display_name: it.display_name,
        state: it.state,
        tenant: it.tenant,
        extra: vec![],
    }
}

pub(in crate::guest) fn response(it: wire::Response) -> Response {
    let outcome = it.outcome.map_err(error).map(|reply| Reply {
        status: reply.status,
        headers: reply.headers,
        body: reply.body,
    });
    Response { id: it.id, outcome }
}

fn error(it: wire::FetchError) -> FetchError {
    match it {
        wire::FetchError::NotGranted => FetchError::NotGranted,
        wire::FetchError::NoToken => FetchError::NoToken,
        wire::FetchError::TimedOut => FetchError::TimedOut,
        wire::FetchError::TooLarge => FetchError::TooLarge,
        wire::FetchError::Unreachable => FetchError::Unreachable,
        wire::FetchError::BudgetSpent => FetchError::BudgetSpent,
    }
}
