use super::*;
use crate::{
    account::{Listing, TenantState},
    testing::{samples, tenant},
};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

fn session() -> Session {
    samples::session("contoso", "zofia", NOW)
}

fn listing(name: &str) -> SharedListing {
    Listing { subscriptions: vec![samples::subscription(name)], ..Listing::default() }.into()
}

/// The names of the subscriptions of the first account.
fn names(session: &Session) -> Vec<&str> {
    session.accounts[0].subscriptions.iter().map(|it| it.id.as_str()).collect()
}

#[test]
fn relisted_replaces_the_listing_unless_it_is_older() {
    let session = session();
    let id = session.accounts[0].id.clone();
    let relisted = session.relisted(&id, listing("two"), at(1_001)).unwrap();
    assert_eq!((names(&relisted), relisted.accounts[0].refreshed_at), (vec!["two"], at(1_001)));
    assert_eq!(session.relisted(&id, listing("old"), at(999)), None);
    assert_eq!(session.relisted(&AccountId::from_text("x"), listing("x"), at(2_000)), None);
}

#[test]
fn relisted_ends_the_wait_also_with_an_older_listing() {
    let session = session();
    let id = session.accounts[0].id.clone();
    let waiting = session.awaiting_listing(&id).unwrap();
    assert!(waiting.accounts[0].is_listing_pending && waiting.awaiting_listing(&id).is_none());
    let relisted = waiting.relisted(&id, listing("shared"), at(999)).unwrap();
    assert_eq!(
        (names(&relisted), relisted.accounts[0].is_listing_pending),
        (vec!["shared"], false)
    );
}

#[test]
fn not_relisted_keeps_the_listing_and_says_why_once() {
    let session = session();
    let id = session.accounts[0].id.clone();
    assert_eq!(session.not_relisted(&id, "broken"), None);
    let mut failed = session;
    for _ in 0..2 {
        failed = failed.awaiting_listing(&id).unwrap().not_relisted(&id, "broken").unwrap();
    }
    assert_eq!(
        (names(&failed), &failed.accounts[0].warnings),
        (vec!["one"], &vec!["broken".into()])
    );
    assert!(!failed.accounts[0].is_listing_pending);
}

#[test]
fn connect_keeps_the_known_listing_while_a_new_one_is_pending() {
    let session = session();
    let known = session.accounts[0].clone();
    let again = Account {
        listing: SharedListing::default(),
        is_listing_pending: true,
        refreshed_at: at(2_000),
        ..known.clone()
    };
    let (person, user) = (session.person, session.user.clone());
    let connected = session.clone().connect(person, user.clone(), again.clone());
    let account = &connected.accounts[0];
    assert_eq!((&account.listing, account.refreshed_at), (&known.listing, NOW));
    assert!(account.is_listing_pending);
    // One that has ended is believed, also if it is empty.
    let ended = Account { is_listing_pending: false, ..again };
    let connected = session.connect(person, user, ended);
    assert!(connected.accounts[0].subscriptions.is_empty());
}

#[test]
fn listings_are_awaited_where_the_provider_lists_tenants() {
    let mut session = session();
    session.accounts.push(samples::account("fabrikam", "guest", NOW));
    session.accounts[1].tenants = vec![tenant("fabrikam", TenantState::Ok)];
    let pending = |provider: &str| {
        let provider = ProviderId::parse(provider).unwrap();
        let session = session.clone().awaiting_listings_of(&provider);
        session.accounts.iter().map(|it| it.is_listing_pending).collect::<Vec<_>>()
    };
    assert_eq!((pending("azure"), pending("google")), (vec![false, true], vec![false, false]));
}
