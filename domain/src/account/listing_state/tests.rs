use rstest::rstest;

use super::*;
use crate::{
    account::{AccountToken, TenantState},
    testing::{samples, tenant},
};

const MAX_AGE: Duration = Duration::from_mins(15);
const NOW: Timestamp = Timestamp::from_unix_seconds(10_000);

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

fn account() -> Account {
    samples::account("contoso", "zofia", NOW)
}

fn with_tenant(state: TenantState) -> Account {
    let mut account = account();
    account.tenants = vec![tenant("fabrikam", state)];
    account
}

fn refused(mut account: Account) -> Account {
    account.token = Some(AccountToken::issued(NOW, NOW, true).refused(None));
    account
}

#[rstest]
#[case::ok(TenantState::Ok, ListingState::Complete)]
#[case::empty(TenantState::Empty, ListingState::Complete)]
#[case::wants_mfa(TenantState::WantsMfa, ListingState::Partial)]
#[case::unreachable(TenantState::Unreachable, ListingState::Partial)]
fn listing_state_depends_on_tenants(#[case] tenant: TenantState, #[case] expected: ListingState) {
    assert_eq!(with_tenant(tenant).listing_state(NOW), expected);
}

#[test]
fn listing_state_depends_on_warnings_and_on_what_is_pending() {
    let mut account = account();
    assert_eq!(account.listing_state(NOW), ListingState::Complete);
    account.warnings.push("A page is missing.".into());
    assert_eq!(account.listing_state(NOW), ListingState::Partial);
    account.is_listing_pending = true;
    assert_eq!(account.listing_state(NOW), ListingState::InProgress);
    // Nothing comes by itself.
    assert_eq!(refused(account).listing_state(NOW), ListingState::Partial);
}

#[test]
fn listing_is_due_when_pending_or_old_or_from_the_future() {
    let account = account();
    assert!(!account.is_listing_due(MAX_AGE, NOW) && !account.is_listing_due(MAX_AGE, at(10_899)));
    assert!(account.is_listing_due(MAX_AGE, at(10_900)));
    assert!(
        !account.is_listing_due(MAX_AGE, at(9_940)) && account.is_listing_due(MAX_AGE, at(9_939))
    );
    let pending = Account { is_listing_pending: true, ..account };
    assert!(pending.is_listing_due(MAX_AGE, NOW) && !refused(pending).is_listing_due(MAX_AGE, NOW));
}

#[test]
fn listing_is_steady_until_it_is_due() {
    let account = account();
    assert_eq!(account.listing_steady_until(MAX_AGE, at(10_100)), Some(at(10_900)));
    assert_eq!(account.listing_steady_until(MAX_AGE, at(10_900)), Some(at(10_930)));
    assert_eq!(refused(account).listing_steady_until(MAX_AGE, NOW), None);
}
