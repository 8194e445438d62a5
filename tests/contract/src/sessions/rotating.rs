//! `rotate`: moves a session to a new key.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::{
    Subject,
    samples::{NOW, full_session, key, later, tokens, zofia_session},
};
use portico_domain::testing::{SessionsExt as _, TokensExt as _};
use portico_domain::{
    account::AccountId,
    ports::{SessionTokens, Sessions, Version, Written},
};

async fn version(sessions: &Arc<dyn Sessions>, id: &str) -> Version {
    sessions.find(&key(id), NOW).await.unwrap().unwrap().version
}

async fn access_token(tokens: &Arc<dyn SessionTokens>, id: &str, account: &str) -> Option<String> {
    let found = tokens.tokens_of(&key(id), &AccountId::from_text(account)).await.unwrap();
    found.map(|tokens| tokens.access.expose().to_owned())
}

/// A session id from before a login must be invalid after it (session fixation).
pub(crate) async fn rotate_moves_the_session_to_the_new_key_only(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    sessions.create(key("old"), &zofia_session(), vec![]).await.unwrap();
    let seen = version(&sessions, "old").await;
    let rotated = sessions.rotate(&key("old"), seen, key("new"), &full_session(), vec![]).await;
    assert_eq!(rotated.unwrap(), Written::Done);
    assert!(sessions.find(&key("old"), NOW).await.unwrap().is_none());
    let found = sessions.find(&key("new"), later(10)).await.unwrap().unwrap();
    assert_eq!(found.value, full_session());

    let again =
        sessions.replace(&key("new"), found.version, &zofia_session(), vec![]).await.unwrap();
    assert_eq!(again, Written::Done);
    assert!(!sessions.remove(&key("old")).await.unwrap());
}

/// New tokens of an account replace its old ones.
pub(crate) async fn rotate_keeps_tokens_and_adds_new_ones(subject: impl Subject) {
    let ports = subject.ports();
    let account = AccountId::from_text;
    let first =
        vec![(account("unchanged"), tokens("unchanged")), (account("changed"), tokens("old"))];
    ports.sessions.create(key("old"), &zofia_session(), first).await.unwrap();
    let seen = version(&ports.sessions, "old").await;
    let second = vec![(account("changed"), tokens("new")), (account("added"), tokens("added"))];
    let rotated =
        ports.sessions.rotate(&key("old"), seen, key("new"), &zofia_session(), second).await;
    assert_eq!(rotated.unwrap(), Written::Done);

    for (name, mark) in [("unchanged", "unchanged"), ("changed", "new"), ("added", "added")] {
        let found = access_token(&ports.tokens, "new", name).await;
        assert_eq!(found, Some(format!("access-{mark}")), "{name}");
        assert_eq!(access_token(&ports.tokens, "old", name).await, None, "{name}");
    }
}

pub(crate) async fn rotate_with_stale_version_changes_nothing(subject: impl Subject) {
    let ports = subject.ports();
    let (sessions, account) = (&ports.sessions, AccountId::from_text("account"));
    let first = vec![(account.clone(), tokens("first"))];
    sessions.create(key("old"), &zofia_session(), first).await.unwrap();
    let stale = version(sessions, "old").await;
    assert_eq!(
        sessions.replace(&key("old"), stale, &zofia_session(), vec![]).await.unwrap(),
        Written::Done
    );
    let before = sessions.find(&key("old"), NOW).await.unwrap();

    let second = vec![(account, tokens("second"))];
    let rotated = sessions.rotate(&key("old"), stale, key("new"), &full_session(), second).await;
    assert_eq!(rotated.unwrap(), Written::Conflict);
    assert_eq!(sessions.find(&key("old"), NOW).await.unwrap(), before);
    assert!(sessions.find(&key("new"), NOW).await.unwrap().is_none());
    let found = access_token(&ports.tokens, "old", "account").await;
    assert_eq!(found.as_deref(), Some("access-first"));
    assert_eq!(access_token(&ports.tokens, "new", "account").await, None);
}

/// A sign-out may remove the session during a login.
pub(crate) async fn rotate_of_a_removed_session_conflicts(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    sessions.create(key("old"), &zofia_session(), vec![]).await.unwrap();
    let seen = version(&sessions, "old").await;
    assert!(sessions.remove(&key("old")).await.unwrap());
    let rotated = sessions.rotate(&key("old"), seen, key("new"), &zofia_session(), vec![]).await;
    assert_eq!(rotated.unwrap(), Written::Conflict);
    assert!(sessions.find(&key("new"), NOW).await.unwrap().is_none());
}

/// The losers create no session under their new keys.
pub(crate) async fn concurrent_rotations_have_one_winner(subject: impl Subject) {
    const CALLERS: usize = 16;
    let sessions = subject.ports().sessions;
    sessions.create(key("old"), &zofia_session(), vec![]).await.unwrap();
    let seen = version(&sessions, "old").await;
    let mut race = JoinSet::new();
    for caller in 0..CALLERS {
        let sessions = sessions.clone();
        race.spawn(async move {
            let to = key(&format!("new-{caller}"));
            let rotated =
                sessions.rotate(&key("old"), seen, to, &zofia_session(), vec![]).await.unwrap();
            let found = sessions.find(&to, NOW).await.unwrap().is_some();
            assert_eq!(found, rotated == Written::Done);
            found
        });
    }
    let winners = race.join_all().await.into_iter().filter(|&won| won).count();
    assert_eq!(winners, 1);
}
