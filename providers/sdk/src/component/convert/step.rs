//! Steps, requests and responses.

use std::time::Duration;

use portico_provider_model::{
    Credential, FetchError, Reply, Request, Response, Step, TokenRefusal,
};

use super::{listing::outcome, permission::method};
use crate::component::bindings::wire;

pub(in crate::component) fn step(it: Step) -> wire::Step {
    match it {
        Step::Fetch { requests, wait } => wire::Step::Fetch(wire::Wish {
            requests: requests.into_iter().map(request).collect(),
            wait_seconds: seconds(wait),
            note: None,
        }),
        Step::Done(listing) => wire::Step::Done(outcome(listing)),
    }
}

/// Whole seconds, rounded up: the cloud would refuse a request that is sent early.
fn seconds(wait: Duration) -> u32 {
    let rest = u64::from(wait.subsec_nanos() > 0);
    u32::try_from(wait.as_secs().saturating_add(rest)).unwrap_or(u32::MAX)
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
    wire::Credential { permission: it.permission, tenant }
}

pub(in crate::component) fn response(it: wire::Response) -> Response {
    let outcome = match it.outcome {
        // What the host says of a refused token; no cloud can send this status.
        Ok(reply) if reply.status == 0 => Err(refusal(&reply.body)),
        Ok(wire::Reply { status, headers, body }) => Ok(Reply { status, headers, body }),
        Err(failed) => Err(error(failed)),
    };
    Response { id: it.id, outcome }
}

fn refusal(body: &str) -> FetchError {
    TokenRefusal::from_json(body)
        .map_or(FetchError::NoToken, |it| FetchError::TokenRefused(Box::new(it)))
}

fn error(it: wire::FetchError) -> FetchError {
    match it {
        wire::FetchError::NotPermitted => FetchError::NotGranted,
        wire::FetchError::NoToken => FetchError::NoToken,
        wire::FetchError::TimedOut => FetchError::TimedOut,
        wire::FetchError::TooLarge => FetchError::TooLarge,
        wire::FetchError::Unreachable => FetchError::Unreachable,
        wire::FetchError::Refused => FetchError::Refused,
        wire::FetchError::BudgetSpent => FetchError::BudgetSpent,
    }
}
