//! Swapping the tokens of one account.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::{
    Ports, Subject,
    samples::{NOW, key, later, tokens, zofias, zofias_account},
};
use portico_domain::{
    ports::{SessionTokens, Version, Written},
    session::SessionKey,
    testing::{SessionsExt as _, TokensExt as _},
};

async fn signed_in(subject: &impl Subject) -> Ports {
    let ports = subject.ports();
    let brought = vec![(zofias_account(), tokens("first"))];
    ports.sessions.create(key("one"), &zofias(), brought).await.unwrap();
    ports
}

async fn seen(tokens: &Arc<dyn SessionTokens>, key: &SessionKey) -> Version {
    tokens.find_tokens(key, &zofias_account(), NOW).await.unwrap().unwrap().version
}

async fn swap(ports: &Ports, key: &SessionKey, seen: Version, mark: &str) -> Written {
    let (account, new) = (zofias_account(), tokens(mark));
    ports.tokens.swap_tokens(key, &account, seen, &new, NOW).await.unwrap()
}

/// The session's version does not change either.
pub(crate) async fn swap_tokens_replaces_tokens_and_not_the_session(subject: impl Subject) {
    let ports = signed_in(&subject).await;
    let before = ports.sessions.find(&key("one"), NOW).await.unwrap();
    let first = seen(&ports.tokens, &key("one")).await;
    assert_eq!(swap(&ports, &key("one"), first, "second").await, Written::Done);
    let found = ports.tokens.tokens_of(&key("one"), &zofias_account()).await.unwrap();
    assert_eq!(found, Some(tokens("second")));
    assert_ne!(seen(&ports.tokens, &key("one")).await, first);
    assert_eq!(ports.sessions.find(&key("one"), NOW).await.unwrap(), before);
}

/// After another swap, or a login with new tokens.
pub(crate) async fn swap_tokens_with_stale_version_changes_nothing(subject: impl Subject) {
    let ports = signed_in(&subject).await;
    let first = seen(&ports.tokens, &key("one")).await;
    assert_eq!(swap(&ports, &key("one"), first, "second").await, Written::Done);
    assert_eq!(swap(&ports, &key("one"), first, "third").await, Written::Conflict);
    let second = seen(&ports.tokens, &key("one")).await;
    let version = ports.sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
    let brought = vec![(zofias_account(), tokens("login"))];
    let written = ports.sessions.replace(&key("one"), version, &zofias(), brought).await;
    assert_eq!(written.unwrap(), Written::Done);
    assert_eq!(swap(&ports, &key("one"), second, "fourth").await, Written::Conflict);
    let found = ports.tokens.tokens_of(&key("one"), &zofias_account()).await.unwrap();
    assert_eq!(found, Some(tokens("login")));
}

/// As after a sign-out, a disconnect or expiry during a refresh.
pub(crate) async fn swap_tokens_conflicts_if_session_or_account_is_gone(subject: impl Subject) {
    let ports = signed_in(&subject).await;
    let account = zofias_account();
    let first = seen(&ports.tokens, &key("one")).await;
    let version = ports.sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
    let gone = std::slice::from_ref(&account);
    let written = ports.sessions.disconnect(&key("one"), version, &zofias(), gone).await;
    assert_eq!(written.unwrap(), Written::Done);
    assert_eq!(swap(&ports, &key("one"), first, "late").await, Written::Conflict);
    assert_eq!(ports.tokens.tokens_of(&key("one"), &account).await.unwrap(), None);

    let ports = signed_in(&subject).await;
    let first = seen(&ports.tokens, &key("one")).await;
    assert_eq!(
        ports.tokens.find_tokens(&key("one"), &account, later(8 * 3_600)).await.unwrap(),
        None
    );
    let ports = signed_in(&subject).await;
    assert!(ports.sessions.remove(&key("one")).await.unwrap());
    assert_eq!(swap(&ports, &key("one"), first, "late").await, Written::Conflict);
    assert_eq!(ports.tokens.tokens_of(&key("one"), &account).await.unwrap(), None);
}

/// So a login and a refresh do not conflict.
pub(crate) async fn rotate_leaves_the_version_of_tokens(subject: impl Subject) {
    let ports = signed_in(&subject).await;
    let first = seen(&ports.tokens, &key("one")).await;
    let version = ports.sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
    let moved = ports.sessions.rotate(&key("one"), version, key("two"), &zofias(), vec![]).await;
    assert_eq!(moved.unwrap(), Written::Done);
    assert_eq!(swap(&ports, &key("one"), first, "late").await, Written::Conflict);
    assert_eq!(swap(&ports, &key("two"), first, "second").await, Written::Done);
}

/// As when two requests refresh the same account.
pub(crate) async fn concurrent_swaps_have_one_winner(subject: impl Subject) {
    let ports = signed_in(&subject).await;
    for round in 0..10 {
        let first = seen(&ports.tokens, &key("one")).await;
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
        let [winner] = winners.as_slice() else { panic!("{winners:?} are done") };
        let found = ports.tokens.tokens_of(&key("one"), &zofias_account()).await.unwrap();
        assert_eq!(found, Some(tokens(winner)));
    }
}
