//! Tenants that several accounts of a session list: each has one account that speaks for it.
//!
//! A guest's home account lists every tenant that they are in. If one of those wants a second factor, they
//! sign in to it, which brings an account of its own. The home account cannot list that tenant still,
//! and the new account lists all of the other tenants again.

use std::collections::{BTreeMap, BTreeSet};

use super::Session;
use crate::{
    account::{Account, Listing, Tenant, TenantState},
    identity::ProviderId,
};

/// The account that speaks for a tenant, by its index, and how well it does.
type Speaker<'a> = (Rank, usize, &'a Tenant);

/// How well an account speaks for a tenant, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// It is the account of the tenant, and has listed it.
    Own,
    /// It has listed the tenant.
    Listed,
    /// It knows why the tenant cannot be listed.
    NotListed,
    /// It has only what another account said of the tenant, and may not be able to list it.
    Copied,
}

impl Session {
    /// Makes the accounts of a provider agree about each tenant: all have the state that the account has
    /// which speaks for it, and a subscription that this account lists stands there alone.
    pub(super) fn settle_overlaps(&mut self, provider: &ProviderId) {
        let of_provider = |account: &&Account| account.provider == *provider;
        if self.accounts.iter().filter(of_provider).count() < 2 {
            return;
        }
        let settled: Vec<_> = {
            let accounts = self.accounts.iter().enumerate();
            let accounts: Vec<_> = accounts.filter(|(_, it)| of_provider(it)).collect();
            let speakers = speakers(&accounts);
            let settled = accounts
                .iter()
                .map(|(at, account)| (*at, settle(*at, account, &speakers, &self.accounts)));
            settled.collect()
        };
        for (at, (listing, copied_states)) in settled {
            let account = &mut self.accounts[at];
            if listing != *account.listing {
                account.listing = listing.into();
            }
            account.copied_states = copied_states;
        }
    }
}

/// The speaker of each tenant, by its id in lower case.
fn speakers<'a>(accounts: &[(usize, &'a Account)]) -> BTreeMap<String, Speaker<'a>> {
    let mut speakers: BTreeMap<String, Speaker<'a>> = BTreeMap::new();
    for (at, account) in accounts {
        for (place, tenant) in (0..).zip(&account.tenants) {
            let rank = match account.copied_states.contains(&place) {
                true => Rank::Copied,
                false => rank(account, tenant),
            };
            let id = tenant.id.to_ascii_lowercase();
            let is_better = speakers.get(&id).is_none_or(|(known, ..)| rank < *known);
            if is_better {
                speakers.insert(id, (rank, *at, tenant));
            }
        }
    }
    speakers
}

fn rank(account: &Account, tenant: &Tenant) -> Rank {
    let is_own = tenant.id.eq_ignore_ascii_case(account.identity.tenant.as_str());
    match tenant.state {
        TenantState::Ok | TenantState::Empty if is_own => Rank::Own,
        TenantState::Ok | TenantState::Empty => Rank::Listed,
        TenantState::WantsMfa
        | TenantState::WantsConsent
        | TenantState::Blocked
        | TenantState::Unreachable => Rank::NotListed,
    }
}

/// The listing of an account that agrees with the speakers, and the places of the tenants whose state it
/// has from another account.
fn settle(
    at: usize,
    account: &Account,
    speakers: &BTreeMap<String, Speaker<'_>>,
    accounts: &[Account],
) -> (Listing, BTreeSet<u32>) {
    let other = |tenant: &str| {
        let speaker = speakers.get(&tenant.to_ascii_lowercase());
        speaker.filter(|(_, speaker, _)| *speaker != at)
    };
    let mut elsewhere: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    let mut is_elsewhere = |tenant: &str, id: &str| {
        let Some((_, speaker, _)) = other(tenant) else { return false };
        let ids = || accounts[*speaker].subscriptions.iter().map(|it| it.id.as_str()).collect();
        elsewhere.entry(*speaker).or_insert_with(ids).contains(id)
    };
    let mut listing = Listing::clone(account);
    listing.subscriptions.retain(|subscription| {
        let tenant = subscription.tenant.as_deref();
        !tenant.is_some_and(|tenant| is_elsewhere(tenant, &subscription.id))
    });
    let mut copied_states = account.copied_states.clone();
    for (place, tenant) in (0..).zip(&mut listing.tenants) {
        if let Some((_, _, speaking)) = other(&tenant.id) {
            tenant.state = speaking.state;
            tenant.reason.clone_from(&speaking.reason);
            tenant.mender = speaking.mender;
            tenant.repair.clone_from(&speaking.repair);
            copied_states.insert(place);
        }
    }
    (listing, copied_states)
}

#[cfg(test)]
mod tests;
