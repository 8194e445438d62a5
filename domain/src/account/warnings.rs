//! The warnings of an account, with those about its tenants.

use super::{Account, Tenant, TenantState};

/// The most tenants that have a warning of their own.
const MAX_NAMED: usize = 10;

impl Account {
    /// The warnings of the listing, after one for each [missing tenant](Self::missing_tenants). They are
    /// not stored: the state of a tenant changes when its person signs in to it.
    pub fn all_warnings(&self) -> Vec<String> {
        let failed: Vec<_> = self.missing_tenants().collect();
        let mut warnings: Vec<_> = failed.iter().take(MAX_NAMED).map(|it| warning(it)).collect();
        if let Some(more) = failed.len().checked_sub(MAX_NAMED).filter(|more| *more > 0) {
            warnings.push(format!("{more} more could not be listed; each says why."));
        }
        warnings.extend(self.warnings.iter().cloned());
        warnings
    }

    /// The tenants that could not be listed. While more of the listing is pending, one that is unreachable
    /// has not answered yet.
    pub fn missing_tenants(&self) -> impl Iterator<Item = &Tenant> {
        let is_late = |it: &Tenant| self.is_listing_pending && it.state == TenantState::Unreachable;
        self.tenants.iter().filter(move |it| !was_listed(it) && !is_late(it))
    }
}

pub(super) fn was_listed(tenant: &Tenant) -> bool {
    matches!(tenant.state, TenantState::Ok | TenantState::Empty)
}

fn warning(tenant: &Tenant) -> String {
    let name = &tenant.display_name;
    match &tenant.reason {
        Some(reason) => format!("{name} could not be listed: {reason}"),
        None => format!("{name} could not be listed."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        testing::{samples, tenant},
        time::Timestamp,
    };

    fn account(failed: usize) -> Account {
        let mut account = samples::account("contoso", "zofia", Timestamp::from_unix_seconds(0));
        account.warnings = vec!["A page is missing.".into()];
        account.tenants = vec![tenant("ok", TenantState::Ok), tenant("none", TenantState::Empty)];
        let blocked = |n: usize| tenant(&format!("t{n}"), TenantState::Blocked);
        account.tenants.extend((0..failed).map(blocked));
        account
    }

    #[test]
    fn all_warnings_name_the_tenants_that_could_not_be_listed() {
        assert_eq!(account(0).all_warnings(), ["A page is missing."]);
        let mut account = account(2);
        account.tenants[2].reason = Some("It wants a second factor.".into());
        let expected = [
            "t0 could not be listed: It wants a second factor.",
            "t1 could not be listed.",
            "A page is missing.",
        ];
        assert_eq!(account.all_warnings(), expected);
    }

    #[test]
    fn tenant_that_has_not_answered_yet_is_not_missing() {
        let mut account = account(1);
        account.tenants.push(tenant("slow", TenantState::Unreachable));
        assert_eq!(account.missing_tenants().count(), 2);
        account.is_listing_pending = true;
        let missing: Vec<_> = account.missing_tenants().map(|it| it.id.as_str()).collect();
        assert_eq!(missing, ["t0"]);
    }

    #[test]
    fn all_warnings_count_the_tenants_after_the_tenth() {
        assert_eq!(account(10).all_warnings().len(), 11);
        let warnings = account(12).all_warnings();
        assert_eq!(
            (warnings.len(), &*warnings[10]),
            (12, "2 more could not be listed; each says why.")
        );
    }
}
