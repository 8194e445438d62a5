//! The size limits of accounts. Every account is read with its session and takes space in the store,
//! so a listing that is too long is truncated.

use super::{Account, Repair, SharedListing, Subscription, Tenant};

/// The longest listing of one account, in stored bytes: more than a cloud's longest list takes if ids
/// and names have usual lengths.
pub const MAX_LIST_BYTES: usize = 2 << 20;

/// The longest listings of all accounts of a session together, in stored bytes.
pub const MAX_SESSION_BYTES: usize = 8 << 20;

/// The most accounts that a session may have.
pub const MAX_ACCOUNTS: usize = 64;

/// What the encoding adds to each entry or pair, in bytes.
const OVERHEAD: usize = 8;

/// The stored bytes of a subscription.
fn subscription_bytes(it: &Subscription) -> usize {
    let named = it.id.len() + it.display_name.len();
    let optional = optional(&it.state) + optional(&it.tenant) + pairs(&it.extra);
    named + optional + OVERHEAD
}

/// The stored bytes of a tenant.
fn tenant_bytes(it: &Tenant) -> usize {
    let repair = match &it.repair {
        Some(Repair::Claims(text) | Repair::Link(text)) => text.len(),
        Some(Repair::SignIn) | None => 0,
    };
    let named = it.id.len() + it.display_name.len();
    named + optional(&it.reason) + repair + pairs(&it.extra) + OVERHEAD
}

fn optional(text: &Option<String>) -> usize {
    text.as_ref().map_or(0, String::len)
}

fn pairs(pairs: &[(String, String)]) -> usize {
    pairs.iter().map(|(name, value)| name.len() + value.len() + OVERHEAD).sum()
}

impl SharedListing {
    /// Its size in stored bytes.
    pub fn bytes(&self) -> usize {
        let entries: usize = self.subscriptions.iter().map(subscription_bytes).sum();
        let tenants: usize = self.tenants.iter().map(tenant_bytes).sum();
        let warnings = self.warnings.iter().map(|warning| warning.len() + OVERHEAD);
        entries + tenants + warnings.sum::<usize>()
    }
}

impl Account {
    /// The account with its listing truncated to `max_bytes`; a warning says how much is missing.
    #[must_use]
    pub fn truncated_to(mut self, max_bytes: usize) -> Self {
        let listed = self.subscriptions.len() + self.tenants.len();
        let mut bytes = 0;
        let mut fits = |more: usize| {
            bytes += more;
            bytes <= max_bytes
        };
        let tenants = self.tenants.iter().take_while(|entry| fits(tenant_bytes(entry))).count();
        let subscriptions =
            self.subscriptions.iter().take_while(|it| fits(subscription_bytes(it))).count();
        let remaining = tenants + subscriptions;
        if remaining < listed {
            self.tenants.truncate(tenants);
            self.subscriptions.truncate(subscriptions);
            self.warnings.push(format!(
                "The list is too long to be kept: the first {remaining} of {listed} entries are here."
            ));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{testing::samples, time::Timestamp};

    fn listing(count: usize) -> Account {
        let mut account = samples::account("contoso", "zofia", Timestamp::from_unix_seconds(0));
        account.subscriptions = vec![samples::subscription("one"); count];
        account
    }

    #[test]
    fn truncated_to_keeps_a_listing_of_max_bytes() {
        let account = listing(10);
        assert_eq!(account.clone().truncated_to(account.listing.bytes()), account);
    }

    #[test]
    fn truncated_to_truncates_a_listing_over_max_bytes_with_a_warning() {
        let account = listing(10);
        let cut = account.clone().truncated_to(account.listing.bytes() - 1);
        assert_eq!(cut.subscriptions.len(), 9);
        assert!(cut.warnings[0].contains("the first 9 of 10 entries"), "{:?}", cut.warnings);
        assert_eq!(account.truncated_to(0).subscriptions.len(), 0);
    }

    #[test]
    fn subscription_bytes_counts_every_text() {
        let entry = Subscription {
            id: "a".repeat(100),
            display_name: "b".repeat(200),
            state: Some("c".repeat(300)),
            tenant: Some("d".repeat(400)),
            extra: vec![("e".repeat(500), "f".repeat(600))],
        };
        assert_eq!(subscription_bytes(&entry), 2_100 + 2 * OVERHEAD);
    }
}
