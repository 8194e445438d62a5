//! Listing steps and responses of interface 1.0.0.

use super::{method, v1};
use crate::{bindings::wire, convert::to_plugin::TOKEN_REFUSED};

pub(crate) fn step(it: v1::Step) -> wire::Step {
    match it {
        v1::Step::Fetch(wish) => wire::Step::Fetch(wire::Wish {
            requests: wish.requests.into_iter().map(request).collect(),
            wait_seconds: 0,
            note: wish.note,
        }),
        v1::Step::Done(outcome) => wire::Step::Done(wire::Outcome {
            tenants: outcome.tenants.into_iter().map(tenant).collect(),
            subscriptions: outcome.subscriptions.into_iter().map(subscription).collect(),
            warnings: outcome.warnings,
            extra: outcome.extra,
        }),
    }
}

fn request(it: v1::Request) -> wire::Request {
    wire::Request {
        id: it.id,
        method: method(it.method),
        url: it.url,
        headers: it.headers,
        body: it.body,
        credential: it
            .credential
            .map(|it| wire::Credential { permission: it.grant, tenant: it.tenant }),
    }
}

/// 1.0.0 has a text as state; an unknown one becomes `unreachable`.
fn tenant(it: v1::Tenant) -> wire::Tenant {
    wire::Tenant {
        id: it.id,
        display_name: it.display_name,
        state: match it.state.as_str() {
            "ok" => wire::TenantState::Ok,
            "empty" => wire::TenantState::Empty,
            "wants-mfa" => wire::TenantState::WantsMfa,
            "wants-consent" => wire::TenantState::WantsConsent,
            "blocked" => wire::TenantState::Blocked,
            _ => wire::TenantState::Unreachable,
        },
        reason: it.reason,
        mender: None,
        repair: it.challenge.map(wire::Repair::Claims),
        extra: it.extra,
    }
}

fn subscription(it: v1::Subscription) -> wire::Subscription {
    wire::Subscription {
        id: it.id,
        display_name: it.display_name,
        state: it.state,
        tenant: it.tenant,
        extra: it.extra,
    }
}

pub(crate) fn to_v1_response(it: wire::Response) -> v1::Response {
    let outcome = match it.outcome {
        // 1.0.0 cannot declare that it reads refusals of tokens.
        Ok(reply) if reply.status == TOKEN_REFUSED => Err(v1::FetchError::NoToken),
        Ok(wire::Reply { status, headers, body }) => Ok(v1::Reply { status, headers, body }),
        Err(failed) => Err(error(failed)),
    };
    v1::Response { id: it.id, outcome }
}

fn error(it: wire::FetchError) -> v1::FetchError {
    match it {
        wire::FetchError::NotPermitted => v1::FetchError::NotGranted,
        wire::FetchError::NoToken => v1::FetchError::NoToken,
        wire::FetchError::TimedOut => v1::FetchError::TimedOut,
        wire::FetchError::TooLarge => v1::FetchError::TooLarge,
        // 1.0.0 has no `refused`; in both cases the plug-in gets no reply.
        wire::FetchError::Refused | wire::FetchError::Unreachable => v1::FetchError::Unreachable,
        wire::FetchError::BudgetSpent => v1::FetchError::BudgetSpent,
    }
}
