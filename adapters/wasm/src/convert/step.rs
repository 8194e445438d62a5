//! A listing step: the next requests, or the result.

use std::time::Duration;

use portico_domain::{
    account::{Listing, MAX_TENANTS, Mender, Repair, Subscription, Tenant, TenantState},
    identity::TenantId,
    provider::{Credential, Method, Request, Step},
    text::clean,
};

use super::{
    permission::method,
    rules::{Checked, all_differ, at_most, broken, ensure, headers, line, web_address},
};
use crate::bindings::wire;

/// Bytes of a request's body.
const MAX_BODY_LEN: usize = 256 << 10;
/// Limits of one listing. The domain has lower limits for what it shows.
const MAX_SUBSCRIPTIONS: usize = 10_000;
const MAX_WARNINGS: usize = 1_000;

/// Validates a step; `provider` is the plug-in's id in the log.
pub(crate) fn step(it: wire::Step, provider: &str) -> Checked<Step> {
    match it {
        wire::Step::Fetch(wish) => {
            if let Some(note) = wish.note {
                tracing::debug!(provider, note = clean(&note, 300), "note of a plug-in");
            }
            all_differ(wish.requests.iter().map(|one| one.id), "requests' ids")?;
            let requests = wish.requests.into_iter().map(request).collect::<Checked<_>>()?;
            Ok(Step::Fetch { requests, wait: Duration::from_secs(wish.wait_seconds.into()) })
        }
        wire::Step::Done(outcome) => listing(outcome).map(Step::Done),
    }
}

fn request(it: wire::Request) -> Checked<Request> {
    let method = method(it.method);
    if let Some(body) = &it.body {
        ensure(method == Method::Post, "a GET of its requests has a body")?;
        ensure(body.len() <= MAX_BODY_LEN, "the body of a request has more than 256 KiB")?;
    }
    Ok(Request {
        id: it.id,
        method,
        url: web_address(&it.url, "the address of a request")?,
        headers: headers(it.headers)?,
        body: it.body,
        credential: it.credential.map(credential).transpose()?,
    })
}

fn credential(it: wire::Credential) -> Checked<Credential> {
    let tenant = it.tenant.map(TenantId::parse).transpose();
    Ok(Credential {
        permission: line(it.permission, 64, "the grant of a request")?,
        tenant: tenant.map_err(broken)?,
    })
}

fn listing(it: wire::Outcome) -> Checked<Listing> {
    at_most(&it.subscriptions, MAX_SUBSCRIPTIONS, "subscriptions")?;
    at_most(&it.tenants, MAX_TENANTS, "tenants")?;
    at_most(&it.warnings, MAX_WARNINGS, "warnings")?;
    let subscriptions = it.subscriptions.into_iter().map(|it| Subscription {
        id: it.id,
        display_name: it.display_name,
        state: it.state,
        tenant: it.tenant,
        extra: it.extra,
    });
    Ok(Listing {
        subscriptions: subscriptions.collect(),
        tenants: it.tenants.into_iter().map(tenant).collect(),
        warnings: it.warnings,
    })
}

fn tenant(it: wire::Tenant) -> Tenant {
    Tenant {
        id: it.id,
        display_name: it.display_name,
        state: match it.state {
            wire::TenantState::Ok => TenantState::Ok,
            wire::TenantState::Empty => TenantState::Empty,
            wire::TenantState::WantsMfa => TenantState::WantsMfa,
            wire::TenantState::WantsConsent => TenantState::WantsConsent,
            wire::TenantState::Blocked => TenantState::Blocked,
            wire::TenantState::Unreachable => TenantState::Unreachable,
        },
        reason: it.reason,
        mender: it.mender.map(|mender| match mender {
            wire::Mender::Person => Mender::Person,
            wire::Mender::Administrator => Mender::Administrator,
            wire::Mender::Operator => Mender::Operator,
        }),
        repair: it.repair.map(|repair| match repair {
            wire::Repair::SignIn => Repair::SignIn,
            wire::Repair::Claims(claims) => Repair::Claims(claims),
            wire::Repair::Link(link) => Repair::Link(link),
        }),
        extra: it.extra,
    }
}
