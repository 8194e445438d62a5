//! The promises of [`portico_domain::ports::DisconnectedAccounts`].

use portico_domain::{
    account::AccountId,
    session::{DisconnectedAccount, RESTORABLE_FOR},
};

use crate::{
    Subject,
    samples::{NOW, account, key, later, session_listing, tokens},
};

suite! { $ disconnected: Subject
    find_returns_the_account_of_its_session_until_remove,
    find_returns_none_when_the_account_expires,
    keep_replaces_the_account_of_the_same_id,
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
        assert_eq!(store.find(&session, id, NOW).await.unwrap(), Some(kept.clone()));
    }
    assert_eq!(store.find(&key("another"), id, NOW).await.unwrap(), None);
    let another = AccountId::from_text("another");
    assert_eq!(store.find(&session, &another, NOW).await.unwrap(), None);
    store.remove(&session, &another).await.unwrap();
    assert!(store.find(&session, id, NOW).await.unwrap().is_some());
    store.remove(&session, id).await.unwrap();
    assert_eq!(store.find(&session, id, NOW).await.unwrap(), None);
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
    let id = &without_tokens.account.id;
    assert_eq!(store.find(&session, id, NOW).await.unwrap(), Some(without_tokens.clone()));
}
