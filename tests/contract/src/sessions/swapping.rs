//! `swap_tokens`: compare-and-swap on the tokens of one account.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::{
    Ports, Subject,
    samples::{NOW, key, later, tokens, zofia_account_id, zofia_session},
};
use portico_domain::{
    ports::{SessionTokens, Version, Written},
    session::SessionKey,
    testing::{SessionsExt as _, TokensExt as _},
};

async fn signed_in(subject: &impl Subject) -> Ports {
    let ports = subject.ports();
    let new_tokens = vec![(zofia_account_id(), tokens("first"))];
    ports.sessions.create(key("one"), &zofia_session(), new_tokens).await.unwrap();
    ports
}

async fn token_version(tokens: &Arc<dyn SessionTokens>, key: &SessionKey) -> Version {
    tokens.find_tokens(key, &zofia_account_id(), NOW).await.unwrap().unwrap().version
}

async fn swap(ports: &Ports, key: &SessionKey, seen: Version, mark: &str) -> Written {
    let (account, new) = (zofia_account_id(), tokens(mark));
    ports.tokens.swap_tokens(key, &account, seen, &new, NOW).await.unwrap()
}

/// The session's version does not change either.
pub(crate) async fn swap_tokens_replaces_tokens_and_not_the_session(subject: impl Subject) {
    let ports = signed_in(&subject).await;
    let before = ports.sessions.find(&key("one"), NOW).await.unwrap();
    let first = token_version(&ports.tokens, &key("one")).await;
    assert_eq!(swap(&ports, &key("one"), first, "second").await, Written::Done);
    let found = ports.tokens.tokens_of(&key("one"), &zofia_account_id()).await.unwrap();
    assert_eq!(found, Some(tokens("second")));
    assert_ne!(token_version(&ports.tokens, &key("one")).await, first);
    assert_eq!(ports.sessions.find(&key("one"), NOW).await.unwrap(), before);
}

/// Another swap, or a login with new tokens, has changed the version.
pub(crate) async fn swap_tokens_with_stale_version_changes_nothing(subject: impl Subject) {
    let ports = signed_in(&subject).await;
    let first = token_version(&ports.tokens, &key("one")).await;
    assert_eq!(swap(&ports, &key("one"), first, "second").await, Written::Done);
    assert_eq!(swap(&ports, &key("one"), first, "third").await, Written::Conflict);
    let second = token_version(&ports.tokens, &key("one")).await;
    let version = ports.sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
    let new_tokens = vec![(zofia_account_id(), tokens("login"))];
    let written = ports.sessions.replace(&key("one"), version, &zofia_session(), new_tokens).await;
    assert_eq!(written.unwrap(), Written::Done);
    assert_eq!(swap(&ports, &key("one"), second, "fourth").await, Written::Conflict);
    let found = ports.tokens.tokens_of(&key("one"), &zofia_account_id()).await.unwrap();
    assert_eq!(found, Some(tokens("login")));
}

/// A sign-out, a disconnect or expiry may happen during a refresh.
pub(crate) async fn swap_tokens_conflicts_if_session_or_account_is_gone(subject: impl Subject) {
    let ports = signed_in(&subject).await;
    let account = zofia_account_id();
    let first = token_version(&ports.tokens, &key("one")).await;
    let version = ports.sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
    let disconnected = std::slice::from_ref(&account);
    let written =
        ports.sessions.disconnect(&key("one"), version, &zofia_session(), disconnected).await;
    assert_eq!(written.unwrap(), Written::Done);
    assert_eq!(swap(&ports, &key("one"), first, "late").await, Written::Conflict);
    assert_eq!(ports.tokens.tokens_of(&key("one"), &account).await.unwrap(), None);

    let ports = signed_in(&subject).await;
    let first = token_version(&ports.tokens, &key("one")).await;
    assert_eq!(
        ports.tokens.find_tokens(&key("one"), &account, later(8 * 3_600)).await.unwrap(),
        None
    );
    let ports = signed_in(&subject).await;
    assert!(ports.sessions.remove(&key("one")).await.unwrap());
    assert_eq!(swap(&ports, &key("one"), first, "late").await, Written::Conflict);
    assert_eq!(ports.tokens.tokens_of(&key("one"), &account).await.unwrap(), None);
}

/// Otherwise a login would make a concurrent refresh conflict.
pub(crate) async fn rotate_leaves_the_version_of_tokens(subject: impl Subject) {
    let ports = signed_in(&subject).await;
    let first = token_version(&ports.tokens, &key("one")).await;
    let version = ports.sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
    let moved =
        ports.sessions.rotate(&key("one"), version, key("two"), &zofia_session(), vec![]).await;
    assert_eq!(moved.unwrap(), Written::Done);
    assert_eq!(swap(&ports, &key("one"), first, "late").await, Written::Conflict);
    assert_eq!(swap(&ports, &key("two"), first, "second").await, Written::Done);
}

/// Concurrent requests may refresh the same account.
pub(crate) async fn concurrent_swaps_have_one_winner(subject: impl Subject) {
    let ports = signed_in(&subject).await;
    for round in 0..10 {
        let first = token_version(&ports.tokens, &key("one")).await;
        let mut race = JoinSet::new();
        for caller in 0..16 {
            let ports = ports.clone();
            race.spawn(async move {
                let mark = format!("{round}-{caller}");
                let written = swap(&ports, &key("one"), first, &mark).await;
                (written == Written::Done).then_some(mark)
            });
        }
        let winners: Vec<_> = race.join_all().await.into_iter().flatten().collect();
        let [winner] = winners.as_slice() else { panic!("several winners: {winners:?}") };
        let found = ports.tokens.tokens_of(&key("one"), &zofia_account_id()).await.unwrap();
        assert_eq!(found, Some(tokens(winner)));
    }
}
