//! The promises of [`portico_domain::ports::DisconnectedAccounts`].

use portico_domain::{
    account::AccountId,
    ports::DisconnectedAccounts,
    session::{DisconnectedAccount, RESTORABLE_FOR, SessionKey},
};

use crate::{
    Subject,
    samples::{NOW, account, key, later, session_listing, tokens},
};

suite! { $ disconnected: Subject
    find_returns_the_account_of_its_session_until_remove,
    remove_leaves_an_account_that_was_disconnected_later,
    find_returns_none_when_the_account_expires,
    keep_replaces_the_account_of_the_same_id,
}

async fn found(
    store: &dyn DisconnectedAccounts,
    session: &SessionKey,
    kept: &DisconnectedAccount,
) -> Option<DisconnectedAccount> {
    store.find(session, &kept.account.id, NOW).await.unwrap().map(|found| found.value)
}

/// It has a large listing.
fn disconnected(subject: &str) -> DisconnectedAccount {
    let listing = session_listing(500).accounts.remove(0).listing;
    let account = portico_domain::account::Account { listing, ..account("contoso", subject, NOW) };
    DisconnectedAccount::at(account, Some(tokens(subject)), NOW)
}

pub(crate) async fn find_returns_the_account_of_its_session_until_remove(subject: impl Subject) {
    let store = subject.ports().disconnected;
    let (session, kept) = (key("session"), disconnected("zofia"));
    let id = &kept.account.id;
    store.keep(&session, &kept).await.unwrap();
    for _ in 0..2 {
        assert_eq!(found(&*store, &session, &kept).await, Some(kept.clone()));
    }
    assert_eq!(store.find(&key("another"), id, NOW).await.unwrap(), None);
    let another = AccountId::from_text("another");
    assert_eq!(store.find(&session, &another, NOW).await.unwrap(), None);
    let version = store.find(&session, id, NOW).await.unwrap().unwrap().version;
    store.remove(&session, &another, version).await.unwrap();
    assert!(store.find(&session, id, NOW).await.unwrap().is_some());
    store.remove(&session, id, version).await.unwrap();
    assert_eq!(store.find(&session, id, NOW).await.unwrap(), None);
}

pub(crate) async fn remove_leaves_an_account_that_was_disconnected_later(subject: impl Subject) {
    let store = subject.ports().disconnected;
    let (session, kept) = (key("session"), disconnected("zofia"));
    let id = &kept.account.id;
    store.keep(&session, &kept).await.unwrap();
    let earlier = store.find(&session, id, NOW).await.unwrap().unwrap().version;
    let later = DisconnectedAccount { tokens: Some(tokens("later")), ..kept.clone() };
    store.keep(&session, &later).await.unwrap();
    store.remove(&session, id, earlier).await.unwrap();
    assert_eq!(found(&*store, &session, &later).await, Some(later.clone()));
}

pub(crate) async fn find_returns_none_when_the_account_expires(subject: impl Subject) {
    let store = subject.ports().disconnected;
    let (session, kept) = (key("session"), disconnected("zofia"));
    store.keep(&session, &kept).await.unwrap();
    let end = RESTORABLE_FOR.as_secs();
    let find =
        async |seconds| store.find(&session, &kept.account.id, later(seconds)).await.unwrap();
    assert!(find(end - 1).await.is_some());
    assert!(find(end).await.is_none());
}

pub(crate) async fn keep_replaces_the_account_of_the_same_id(subject: impl Subject) {
    let store = subject.ports().disconnected;
    let (session, kept) = (key("session"), disconnected("zofia"));
    store.keep(&session, &kept).await.unwrap();
    let without_tokens = DisconnectedAccount { tokens: None, ..kept };
    store.keep(&session, &without_tokens).await.unwrap();
    assert_eq!(found(&*store, &session, &without_tokens).await, Some(without_tokens.clone()));
}
