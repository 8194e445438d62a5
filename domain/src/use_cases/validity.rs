//! Whether the providers and tenants of a session are still offered and allowed.

use crate::{
    account::AccountId,
    identity::{ProviderId, TenantId},
    provider::{Availability, Providers, Registration},
    session::Session,
};

/// The validity of a session under the present providers and allowed tenants.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Validity {
    /// Every account is allowed.
    Valid,
    /// These accounts are not allowed any more.
    WithoutAccounts(Vec<AccountId>),
    /// Its person may not sign in any more: the session must end.
    Invalid,
    /// The plug-in that its person signed in with cannot be loaded. Whether they may still sign in is
    /// unknown, so the session is neither returned nor ended.
    ProviderAway(ProviderId),
}

/// Whether one account is allowed now.
#[derive(PartialEq, Eq)]
enum Access {
    Allowed,
    /// Unknown: the plug-in of its provider cannot be loaded.
    Away,
    Denied,
}

/// The validity of this session.
pub(super) fn validity(session: &Session, providers: &Providers) -> Validity {
    // The first account is always the one that the session began with.
    let Some((own, others)) = session.accounts.split_first() else { return Validity::Invalid };
    match owners_access(&own.provider, &own.identity.tenant, providers) {
        Access::Allowed => {}
        Access::Away => return Validity::ProviderAway(own.provider.clone()),
        Access::Denied => return Validity::Invalid,
    }
    let lost = others.iter().filter(|account| {
        access(&account.provider, &account.identity.tenant, providers) == Access::Denied
    });
    let lost: Vec<_> = lost.map(|account| account.id.clone()).collect();
    if lost.is_empty() { Validity::Valid } else { Validity::WithoutAccounts(lost) }
}

/// The access of the account that the session began with.
fn owners_access(id: &ProviderId, tenant: &TenantId, providers: &Providers) -> Access {
    access_if(id, providers, |provider| provider.signs_in(tenant))
}

/// The access of an account that was connected.
fn access(id: &ProviderId, tenant: &TenantId, providers: &Providers) -> Access {
    access_if(id, providers, |provider| provider.serves(tenant))
}

fn access_if(
    id: &ProviderId,
    providers: &Providers,
    is_allowed: impl FnOnce(&Registration) -> bool,
) -> Access {
    match providers.availability(id) {
        Availability::Offered(provider) if is_allowed(&provider) => Access::Allowed,
        Availability::Away => Access::Away,
        Availability::Offered(_) | Availability::Gone => Access::Denied,
    }
}

#[cfg(test)]
mod tests;
