//! What a plug-in wants next, and what it found.

use portico_domain::{
    account::{Listing, Subscription},
    identity::TenantId,
    provider::{Credential, Method, Request, Step},
    text::clean,
};

use super::{
    grant::method,
    rules::{Checked, all_differ, at_most, broken, ensure, headers, line, web_address},
};
use crate::bindings::wire;

/// Of a body that goes to a cloud.
const LONGEST_BODY: usize = 256 << 10;
/// What one listing may name; what is shown of it the domain decides.
const MOST_SUBSCRIPTIONS: usize = 10_000;
const MOST_TENANTS: usize = 10_000;
const MOST_WARNINGS: usize = 1_000;

/// The step of the plug-in called `provider`.
pub(crate) fn step(it: wire::Step, provider: &str) -> Checked<Step> {
    match it {
        wire::Step::Fetch(wish) => {
            if let Some(note) = wish.note {
                tracing::debug!(provider, note = clean(&note, 300), "the provider notes");
            }
            all_differ(wish.requests.iter().map(|one| one.id), "requests' ids")?;
            wish.requests.into_iter().map(request).collect::<Checked<_>>().map(Step::Fetch)
        }
        wire::Step::Done(outcome) => listing(outcome).map(Step::Done),
    }
}

fn request(it: wire::Request) -> Checked<Request> {
    let method = method(it.method);
    if let Some(body) = &it.body {
        ensure(method == Method::Post, "a GET of its requests has a body")?;
        ensure(body.len() <= LONGEST_BODY, "the body of a request has more than 256 KiB")?;
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
        grant: line(it.grant, 64, "the grant of a request")?,
        tenant: tenant.map_err(broken)?,
    })
}

fn listing(it: wire::Outcome) -> Checked<Listing> {
    at_most(&it.subscriptions, MOST_SUBSCRIPTIONS, "subscriptions")?;
    at_most(&it.tenants, MOST_TENANTS, "tenants")?;
    at_most(&it.warnings, MOST_WARNINGS, "warnings")?;
    let subscriptions = it.subscriptions.into_iter().map(|it| Subscription {
        id: it.id,
        display_name: it.display_name,
        state: it.state,
        tenant: it.tenant,
    });
    let mut warnings: Vec<_> = it.tenants.into_iter().filter_map(warning).collect();
    warnings.extend(it.warnings);
    Ok(Listing { subscriptions: subscriptions.collect(), warnings })
}

/// What a tenant hides, to a person; the domain bounds it.
fn warning(it: wire::Tenant) -> Option<String> {
    let whole = matches!(it.state.as_str(), "ok" | "empty");
    let name = if it.display_name.is_empty() { it.id } else { it.display_name };
    it.reason.filter(|_| !whole).map(|reason| format!("{name}: {reason}"))
}
