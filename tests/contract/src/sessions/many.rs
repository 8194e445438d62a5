//! Large sessions, and many.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::{
    Subject,
    samples::{NOW, key, session_listing, tokens, zofias, zofias_account},
};
use portico_domain::testing::SessionsExt as _;
use portico_domain::{
    ports::{Sessions, Written},
    secret::{AccessToken, RefreshToken},
    session::{Session, TokenSet},
};

/// About 700 KB.
pub(crate) async fn a_listing_of_5000_subscriptions_comes_back_whole(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    sessions.create(key("one"), &session_listing(5_000), vec![]).await.unwrap();
    let found = sessions.find(&key("one"), NOW).await.unwrap().unwrap();
    assert_eq!(found.value, session_listing(5_000));
}

/// With every size around the bounds that a store may cut at.
pub(crate) async fn a_large_session_becomes_small_and_large_again(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    sessions.create(key("one"), &session_listing(5_000), vec![]).await.unwrap();
    for count in [0, 1, 30, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 80, 1_000, 7, 5_000, 1] {
        let version = sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
        let session = session_listing(count);
        let written = sessions.replace(&key("one"), version, &session, vec![]).await.unwrap();
        assert_eq!(written, Written::Done);
        let found = sessions.find(&key("one"), NOW).await.unwrap().unwrap();
        assert_eq!(found.value, session, "with {count} subscriptions");
    }
}

/// A person in thousands of groups. They move with the session, are replaced and removed.
pub(crate) async fn large_tokens_come_back_whole(subject: impl Subject) {
    let ports = subject.ports();
    let account = zofias_account();
    let large = TokenSet {
        access: AccessToken::new("a".repeat(40_000)),
        refresh: Some(RefreshToken::new("r".repeat(20_000))),
        ..tokens("large")
    };
    let brought = vec![(account.clone(), large.clone())];
    ports.sessions.create(key("one"), &zofias(), brought).await.unwrap();
    let seen = ports.sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
    let moved = ports.sessions.rotate(&key("one"), seen, key("two"), &zofias(), vec![]).await;
    assert_eq!(moved.unwrap(), Written::Done);
    assert!(ports.tokens.find_tokens(&key("one"), &account).await.unwrap().is_none());
    assert_eq!(ports.tokens.find_tokens(&key("two"), &account).await.unwrap(), Some(large));
    assert!(ports.sessions.remove(&key("two")).await.unwrap());
    assert!(ports.tokens.find_tokens(&key("two"), &account).await.unwrap().is_none());
}

/// A store that cuts records into pieces must not mix those of two writes.
pub(crate) async fn readers_of_a_large_session_never_see_half_a_write(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    let marked = |mark: usize| {
        let mut session = session_listing(300);
        for subscription in &mut session.accounts[0].subscriptions {
            subscription.display_name = format!("written as number {mark}");
        }
        session
    };
    sessions.create(key("one"), &marked(0), vec![]).await.unwrap();
    let mut readers = JoinSet::new();
    for _ in 0..3 {
        readers.spawn(read_until(sessions.clone(), 60));
    }
    for mark in 1..=60 {
        let version = sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
        let written = sessions.replace(&key("one"), version, &marked(mark), vec![]).await;
        assert_eq!(written.unwrap(), Written::Done);
    }
    readers.join_all().await;
}

async fn read_until(sessions: Arc<dyn Sessions>, last: usize) {
    loop {
        let found: Session = sessions.find(&key("one"), NOW).await.unwrap().unwrap().value;
        let listed = &found.accounts[0].subscriptions;
        let name = &listed[0].display_name;
        assert!(listed.iter().all(|other| other.display_name == *name), "{name} and others");
        if *name == format!("written as number {last}") {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// Made by many callers at once, found in another order.
pub(crate) async fn a_hundred_thousand_sessions_are_all_found(subject: impl Subject) {
    const SESSIONS: usize = 100_000;
    const CALLERS: usize = 250;
    let id = |number: usize| key(&format!("session {number}"));
    let sessions = subject.ports().sessions;
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (sessions, mut session) = (sessions.clone(), zofias());
        callers.spawn(async move {
            for number in (caller..SESSIONS).step_by(CALLERS) {
                session.accounts[0].warnings = vec![number.to_string()];
                sessions.create(id(number), &session, vec![]).await.unwrap();
            }
        });
    }
    callers.join_all().await;

    // A step that has no factor in common with their number visits every one.
    for step in 0..SESSIONS {
        let number = step * 61_803 % SESSIONS;
        let found = sessions.find(&id(number), NOW).await.unwrap().unwrap();
        assert_eq!(found.value.accounts[0].warnings, [number.to_string()]);
    }
    assert!(sessions.find(&id(SESSIONS), NOW).await.unwrap().is_none());
}
