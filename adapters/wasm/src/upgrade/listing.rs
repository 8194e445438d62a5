//! The steps of a discovery, of interface 0.1.0.

use super::old;
use crate::bindings::wire;

pub(crate) fn step(it: old::Step) -> wire::Step {
    match it {
        old::Step::Fetch(wish) => wire::Step::Fetch(wire::Wish {
            requests: wish.requests.into_iter().map(request).collect(),
            note: wish.note,
        }),
        old::Step::Done(outcome) => wire::Step::Done(wire::Outcome {
            tenants: outcome.tenants.into_iter().map(tenant).collect(),
            subscriptions: outcome.subscriptions.into_iter().map(subscription).collect(),
            warnings: outcome.warnings,
            extra: outcome.extra,
        }),
    }
}

fn request(it: old::Request) -> wire::Request {
    wire::Request {
        id: it.id,
        method: match it.method {
            old::Method::Get => wire::Method::Get,
            old::Method::Post => wire::Method::Post,
        },
        url: it.url,
        headers: it.headers,
        body: it.body,
        credential: it.credential.map(|it| wire::Credential { grant: it.grant, tenant: it.tenant }),
    }
}

fn tenant(it: old::Tenant) -> wire::Tenant {
    wire::Tenant {
        id: it.id,
        display_name: it.display_name,
        state: it.state,
        reason: it.reason,
        challenge: it.challenge,
        extra: it.extra,
    }
}

fn subscription(it: old::Subscription) -> wire::Subscription {
    wire::Subscription {
        id: it.id,
        display_name: it.display_name,
        state: it.state,
        tenant: it.tenant,
        extra: it.extra,
    }
}

pub(crate) fn to_old_response(it: wire::Response) -> old::Response {
    let outcome = it.outcome.map_err(error).map(|reply| old::Reply {
        status: reply.status,
        headers: reply.headers,
        body: reply.body,
    });
    old::Response { id: it.id, outcome }
}

fn error(it: wire::FetchError) -> old::FetchError {
    match it {
        wire::FetchError::NotGranted => old::FetchError::NotGranted,
        wire::FetchError::NoToken => old::FetchError::NoToken,
        wire::FetchError::TimedOut => old::FetchError::TimedOut,
        wire::FetchError::TooLarge => old::FetchError::TooLarge,
        wire::FetchError::Unreachable => old::FetchError::Unreachable,
        wire::FetchError::BudgetSpent => old::FetchError::BudgetSpent,
    }
}
