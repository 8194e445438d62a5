use crate::{
    account::{Account, Mender, Repair, Subscription, TenantState},
    session::Session,
    testing::{samples, tenant},
    time::Timestamp,
};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

/// An account of this tenant that lists these tenants, each with the subscription `<tenant>-1` if it is
/// listed.
fn account(of: &str, tenants: &[(&str, TenantState)]) -> Account {
    let mut account = samples::account(of, "zofia", NOW);
    account.subscriptions.clear();
    for (id, state) in tenants {
        account.tenants.push(tenant(id, *state));
        if *state == TenantState::Ok {
            let subscription = samples::subscription(&format!("{id}-1"));
            let subscription = Subscription { tenant: Some((*id).into()), ..subscription };
            account.subscriptions.push(subscription);
        }
    }
    account
}

fn connected(accounts: impl IntoIterator<Item = Account>) -> Session {
    let mut accounts = accounts.into_iter();
    let person = samples::person("contoso", "zofia");
    let user = samples::claims("contoso", "zofia");
    let session = Session::begin(person, user.clone(), accounts.next().unwrap(), NOW);
    accounts.fold(session, |session, account| session.connect(person, user.clone(), account))
}

/// The state of each tenant and the subscriptions of an account.
fn shown(account: &Account) -> (Vec<(&str, TenantState)>, Vec<&str>) {
    let tenants = account.tenants.iter().map(|it| (it.id.as_str(), it.state)).collect();
    (tenants, account.subscriptions.iter().map(|it| it.id.as_str()).collect())
}

use TenantState::{Ok as Listed, Unreachable, WantsMfa};

#[test]
fn sign_in_to_a_tenant_mends_it_and_brings_nothing_twice() {
    let mut home = account("contoso", &[("contoso", Listed), ("a", Listed), ("b", WantsMfa)]);
    home.tenants[2].mender = Some(Mender::Person);
    home.tenants[2].repair = Some(Repair::SignIn);
    home.tenants[2].reason = Some("It wants a second factor.".into());
    let mender = account("b", &[("contoso", Listed), ("a", Listed), ("B", Listed)]);
    let session = connected([home, mender]);
    let tenants = vec![("contoso", Listed), ("a", Listed), ("b", Listed)];
    assert_eq!(shown(&session.accounts[0]), (tenants, vec!["contoso-1", "a-1"]));
    let mended = &session.accounts[0].tenants[2];
    assert_eq!((mended.mender, &mended.repair, &mended.reason), (None, &None, &None));
    assert_eq!(shown(&session.accounts[1]).1, ["B-1"]);
}

#[test]
fn tenant_that_only_the_other_account_lists_stays_with_it() {
    let home = account("contoso", &[("contoso", Listed), ("a", WantsMfa)]);
    let mender = account("b", &[("a", Listed), ("b", Listed)]);
    let session = connected([home, mender]);
    assert_eq!(shown(&session.accounts[0]).0, [("contoso", Listed), ("a", Listed)]);
    assert_eq!(shown(&session.accounts[1]).1, ["a-1", "b-1"]);
}

#[test]
fn own_account_of_a_tenant_speaks_for_it_before_an_earlier_one() {
    let home = account("contoso", &[("contoso", Listed), ("b", Listed)]);
    let own = account("b", &[("contoso", Listed), ("b", Listed)]);
    let session = connected([home, own]);
    assert_eq!(shown(&session.accounts[0]).1, ["contoso-1"]);
    assert_eq!(shown(&session.accounts[1]).1, ["b-1"]);
}

#[test]
fn own_account_that_fails_does_not_speak_for_its_tenant() {
    let home = account("contoso", &[("contoso", Listed), ("b", Listed)]);
    let mender = account("b", &[("contoso", Unreachable), ("b", Unreachable)]);
    let session = connected([home, mender]);
    assert_eq!(shown(&session.accounts[0]).1, ["contoso-1", "b-1"]);
    assert_eq!(shown(&session.accounts[1]), (vec![("contoso", Listed), ("b", Listed)], vec![]));
}

#[test]
fn what_another_person_reaches_in_the_same_tenant_stays() {
    let home = account("contoso", &[("contoso", Listed), ("b", Listed)]);
    let mut other = account("b", &[("b", Listed)]);
    other.subscriptions[0].id = "b-2".into();
    let session = connected([home, other]);
    assert_eq!(shown(&session.accounts[0]).1, ["contoso-1", "b-1"]);
    assert_eq!(shown(&session.accounts[1]).1, ["b-2"]);
}

#[test]
fn accounts_of_other_providers_and_listings_without_tenants_stay() {
    let home = account("contoso", &[("b", Listed)]);
    let mut elsewhere = account("b", &[("b", Listed)]);
    elsewhere.provider = crate::identity::ProviderId::parse("google").unwrap();
    let plain = samples::account("fabrikam", "zofia", NOW);
    let session = connected([home.clone(), elsewhere.clone(), plain.clone()]);
    for (shown, before) in session.accounts.iter().zip([home, elsewhere, plain]) {
        assert_eq!(shown.listing, before.listing);
    }
}

#[test]
fn state_that_was_copied_is_no_evidence_for_the_account_that_it_came_from() {
    let home = account("contoso", &[("contoso", Listed), ("b", Listed)]);
    let guest = account("a", &[("contoso", Listed), ("a", Listed), ("b", Listed)]);
    let (home_id, guest_id) = (home.id.clone(), guest.id.clone());
    let session = connected([home, guest.clone()]);
    assert_eq!(shown(&session.accounts[1]).1, ["a-1"]);

    // The tenant closes for the account that speaks for it.
    let refused = account("contoso", &[("contoso", Listed), ("b", WantsMfa)]).listing;
    let session = session.relisted(&home_id, refused, NOW).unwrap();
    for account in &session.accounts {
        let b = account.tenants.iter().find(|it| it.id == "b").unwrap();
        assert_eq!(b.state, WantsMfa, "{}", account.identity.tenant);
    }
    assert_eq!(shown(&session.accounts[0]).1, ["contoso-1"]);

    // The other account lists it itself.
    let session = session.relisted(&guest_id, guest.listing, NOW).unwrap();
    assert_eq!(shown(&session.accounts[0]).0, [("contoso", Listed), ("b", Listed)]);
    assert_eq!(shown(&session.accounts[1]).1, ["a-1", "b-1"]);
}
