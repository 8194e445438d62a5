//! Checks the results of a provider: names are cleaned for display, and results that no honest
//! provider returns are refused.

use std::collections::BTreeSet;

use portico_provider_model::text::{clean, is_plain};

use crate::{
    account::{Listing, MAX_SUBSCRIPTIONS, MAX_TENANTS, Repair, Subscription, Tenant},
    identity::{Claims, Identity},
    provider::CallError,
};

/// The longest id, in characters.
const MAX_ID_LEN: usize = 256;
/// The longest displayed name, in characters; a longer one is truncated.
const MAX_NAME_LEN: usize = 256;
/// The longest name that a provider may return, in bytes. Clouds let their customers write a few
/// hundred characters.
const MAX_TEXT_LEN: usize = 64 << 10;
/// How many warnings are displayed, and the characters of each.
const MAX_WARNINGS: usize = 20;
const MAX_WARNING_LEN: usize = 600;
/// The longest claims of a repair, in bytes.
const MAX_CLAIMS_LEN: usize = 4 << 10;
/// The longest URL of a repair, in bytes.
const MAX_LINK_LEN: usize = 2 << 10;
/// How many extra members an entry may have, and the length of their names.
const MAX_EXTRA: usize = 16;
const MAX_KEY_LEN: usize = 64;

/// The listing, checked and cleaned for storage and display.
pub(super) fn listing(listing: Listing) -> Result<Listing, CallError> {
    if listing.subscriptions.len() > MAX_SUBSCRIPTIONS {
        return Err(broken(format!("it listed more than {MAX_SUBSCRIPTIONS} entries")));
    }
    if listing.tenants.len() > MAX_TENANTS {
        return Err(broken(format!("it listed more than {MAX_TENANTS} tenants")));
    }
    let warnings = listing.warnings.iter().take(MAX_WARNINGS);
    let subscriptions = listing.subscriptions.into_iter().map(subscription);
    Ok(Listing {
        subscriptions: subscriptions.collect::<Result<_, _>>()?,
        tenants: listing.tenants.into_iter().map(tenant).collect::<Result<_, _>>()?,
        warnings: warnings.map(|warning| clean(warning, MAX_WARNING_LEN)).collect(),
    })
}

fn tenant(listed: Tenant) -> Result<Tenant, CallError> {
    check_id(&listed.id)?;
    let display_name = shown_name(&listed.display_name, &listed.id)?;
    let reason = listed.reason.as_deref().map(|reason| clean(reason, MAX_WARNING_LEN));
    let repair = listed.repair.map(repair).transpose()?;
    Ok(Tenant { display_name, reason, repair, extra: extra(listed.extra)?, ..listed })
}

/// Checks a repair. Pages make a link of it: only an https URL, or claims that are a JSON object.
fn repair(repair: Repair) -> Result<Repair, CallError> {
    let valid = match &repair {
        Repair::SignIn => true,
        Repair::Claims(claims) => {
            claims.len() <= MAX_CLAIMS_LEN && Claims::parse(claims.as_str()).is_ok()
        }
        Repair::Link(link) => {
            let url = url::Url::parse(link);
            link.len() <= MAX_LINK_LEN && url.is_ok_and(|url| url.scheme() == "https")
        }
    };
    if valid { Ok(repair) } else { Err(broken("it listed a repair that is none".into())) }
}

/// Checks the extra members, which apps read: bounded and cleaned.
fn extra(extra: Vec<(String, String)>) -> Result<Vec<(String, String)>, CallError> {
    if extra.len() > MAX_EXTRA {
        return Err(broken(format!("it listed an entry with more than {MAX_EXTRA} members")));
    }
    let keys: BTreeSet<_> = extra.iter().map(|(key, _)| key).collect();
    if keys.len() < extra.len() {
        return Err(broken("it listed an entry with a member twice".into()));
    }
    let member = |(key, value): (String, String)| {
        if !is_plain(&key, MAX_KEY_LEN) {
            return Err(broken("it listed a member without a name to be shown".into()));
        }
        let value = name(&value, MAX_NAME_LEN)?;
        Ok((key, value))
    };
    extra.into_iter().map(member).collect()
}

/// Checks an id. It is not cleaned or truncated: it would be another id.
fn check_id(id: &str) -> Result<(), CallError> {
    if is_plain(id, MAX_ID_LEN) {
        return Ok(());
    }
    Err(broken("it listed an id that is empty, too long or not to be shown".into()))
}

fn shown_name(text: &str, id: &str) -> Result<String, CallError> {
    let shown = name(text, MAX_NAME_LEN)?;
    Ok(if shown.is_empty() { id.to_owned() } else { shown })
}

fn subscription(listed: Subscription) -> Result<Subscription, CallError> {
    check_id(&listed.id)?;
    let display_name = shown_name(&listed.display_name, &listed.id)?;
    let state = listed.state.as_deref().map(|state| name(state, MAX_NAME_LEN)).transpose()?;
    let tenant = listed.tenant.as_deref().map(|tenant| name(tenant, MAX_ID_LEN)).transpose()?;
    Ok(Subscription { display_name, state, tenant, extra: extra(listed.extra)?, ..listed })
}

/// The identity with its names cleaned for display.
pub(crate) fn identity(identity: Identity) -> Result<Identity, CallError> {
    let display_name = name(&identity.display_name, MAX_NAME_LEN)?;
    let username = identity.username.as_deref().map(|text| name(text, MAX_NAME_LEN)).transpose()?;
    let username = username.filter(|name| !name.is_empty());
    let display_name = Some(display_name)
        .filter(|name| !name.is_empty())
        .or_else(|| username.clone())
        .unwrap_or_else(|| identity.subject.as_str().to_owned());
    Ok(Identity { display_name, username, ..identity })
}

fn name(text: &str, longest: usize) -> Result<String, CallError> {
    if text.len() > MAX_TEXT_LEN {
        return Err(broken(format!("it handed over a name of more than {MAX_TEXT_LEN} bytes")));
    }
    Ok(clean(text, longest))
}

fn broken(why: String) -> CallError {
    CallError::Broken(why)
}

#[cfg(test)]
mod tests;
