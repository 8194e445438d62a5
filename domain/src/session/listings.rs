//! How the accounts of a session and their listings change.

use std::collections::BTreeSet;

use super::Session;
use crate::{
    account::{Account, AccountId, MAX_LIST_BYTES, MAX_SESSION_BYTES, SharedListing},
    identity::{Claims, PersonKey, ProviderId},
    time::Timestamp,
};

impl Session {
    /// The session with `account` connected. It replaces an account of the same tenant.
    ///
    /// `user` changes only if the person who began the session signed in again; connecting another
    /// tenant does not change the session's owner. The session is used at the time at
    /// which `account` was connected; its listing may be older. If its listing is pending, the one that
    /// the session has stays until then.
    #[must_use]
    pub fn connect(mut self, person: PersonKey, user: Claims, account: Account) -> Self {
        if person == self.person {
            self.user = user;
        }
        self.seen_at = account.connected_at;
        let provider = account.provider.clone();
        let known = self.accounts.iter().position(|known| known.same_tenant(&account));
        match known.map(|at| (at, self.accounts[at].clone())) {
            Some((at, known)) => {
                let connected_at = known.connected_at;
                let account = match account.is_listing_pending && !known.listing.is_empty() {
                    true => Account {
                        copied_states: known.copied_states,
                        ..with_listing(account, known.listing, known.refreshed_at)
                    },
                    false => account,
                };
                let account = self.truncated(account);
                self.accounts[at] = Account { connected_at, ..account };
            }
            None => {
                let account = self.truncated(account);
                self.accounts.push(account);
            }
        }
        self.settle_overlaps(&provider);
        self
    }

    /// The session in which the account has this listing; `None` if it has no such account, or a newer
    /// listing of it.
    pub fn relisted(
        &self,
        id: &AccountId,
        listing: SharedListing,
        listed_at: Timestamp,
    ) -> Option<Self> {
        let at = self.accounts.iter().position(|account| account.id == *id)?;
        let known = &self.accounts[at];
        if !known.is_listing_pending && listed_at < known.refreshed_at {
            return None;
        }
        let mut session = self.clone();
        let account = with_listing(known.clone(), listing, listed_at);
        let account = session.truncated(Account { is_listing_pending: false, ..account });
        let provider = account.provider.clone();
        session.accounts[at] = account;
        session.settle_overlaps(&provider);
        Some(session)
    }

    /// The session in which the account could not be listed, for this reason. It keeps the listing that
    /// it has. `None` if no listing of it is pending.
    pub fn not_relisted(&self, id: &AccountId, reason: &str) -> Option<Self> {
        let pending = |account: &Account| account.id == *id && account.is_listing_pending;
        let at = self.accounts.iter().position(pending)?;
        let mut session = self.clone();
        let account = &mut session.accounts[at];
        account.is_listing_pending = false;
        if !account.warnings.iter().any(|warning| warning == reason) {
            account.warnings.push(reason.to_owned());
        }
        Some(session)
    }

    /// The session in which a listing of the account is pending; `None` if it has no such account, or
    /// one is pending already.
    pub fn awaiting_listing(&self, id: &AccountId) -> Option<Self> {
        let done = |account: &Account| account.id == *id && !account.is_listing_pending;
        let at = self.accounts.iter().position(done)?;
        let mut session = self.clone();
        session.accounts[at].is_listing_pending = true;
        Some(session)
    }

    /// The session in which listings of all accounts of the provider that list tenants are pending.
    /// Another account that listed some of their tenants is gone.
    #[must_use]
    pub fn awaiting_listings_of(mut self, provider: &ProviderId) -> Self {
        for account in &mut self.accounts {
            account.is_listing_pending |=
                account.provider == *provider && !account.tenants.is_empty();
        }
        self
    }

    /// The account with its listing truncated to what the other accounts leave.
    fn truncated(&self, account: Account) -> Account {
        let others = self.accounts.iter().filter(|known| !known.same_tenant(&account));
        let others: usize = others.map(|other| other.listing.bytes()).sum();
        account.truncated_to(MAX_SESSION_BYTES.saturating_sub(others).min(MAX_LIST_BYTES))
    }
}

fn with_listing(account: Account, listing: SharedListing, refreshed_at: Timestamp) -> Account {
    Account { listing, refreshed_at, copied_states: BTreeSet::new(), ..account }
}

#[cfg(test)]
mod tests;
