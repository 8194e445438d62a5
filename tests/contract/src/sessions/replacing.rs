//! `replace`: compare-and-swap on the version of a session.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::{
    Subject,
    samples::{NOW, full_session, key, later, tokens, zofia_account_id, zofia_session},
};
use portico_domain::testing::{SessionsExt as _, TokensExt as _};
use portico_domain::{
    account::AccountId,
    ports::{Sessions, Stored, Version, Written},
    session::Session,
};

async fn find(sessions: &Arc<dyn Sessions>, id: &str) -> Stored<Session> {
    sessions.find(&key(id), later(1_000)).await.unwrap().unwrap()
}

pub(crate) async fn replace_with_current_version_is_done_and_changes_the_version(
    subject: impl Subject,
) {
    let sessions = subject.ports().sessions;
    sessions.create(key("one"), &zofia_session(), vec![]).await.unwrap();
    let before = find(&sessions, "one").await.version;
    let written = sessions.replace(&key("one"), before, &full_session(), vec![]).await.unwrap();
    assert_eq!(written, Written::Done);
    let after = find(&sessions, "one").await;
    assert_eq!(after.value, full_session());
    assert_ne!(after.version, before);
}

pub(crate) async fn replace_with_stale_version_changes_nothing(subject: impl Subject) {
    let ports = subject.ports();
    let (sessions, account) = (ports.sessions, zofia_account_id());
    let new_tokens = vec![(account.clone(), tokens("first"))];
    sessions.create(key("one"), &zofia_session(), new_tokens).await.unwrap();
    let stale = find(&sessions, "one").await.version;
    let done = sessions.replace(&key("one"), stale, &zofia_session(), vec![]).await.unwrap();
    assert_eq!(done, Written::Done);
    let before = find(&sessions, "one").await;

    for version in [stale, Version(before.version.0 + 1), Version(0), Version(u64::MAX)] {
        let new_tokens = vec![(account.clone(), tokens("second"))];
        let written = sessions.replace(&key("one"), version, &full_session(), new_tokens).await;
        assert_eq!(written.unwrap(), Written::Conflict, "{version:?}");
    }
    assert_eq!(find(&sessions, "one").await, before);
    let found = ports.tokens.tokens_of(&key("one"), &account).await.unwrap();
    assert_eq!(found, Some(tokens("first")));
}

/// New tokens of an account replace its old ones.
pub(crate) async fn replace_keeps_tokens_of_other_accounts(subject: impl Subject) {
    let ports = subject.ports();
    let account = AccountId::from_text;
    let first = vec![(account("one"), tokens("one")), (account("two"), tokens("two"))];
    ports.sessions.create(key("one"), &zofia_session(), first).await.unwrap();
    let version = find(&ports.sessions, "one").await.version;
    let second = vec![(account("two"), tokens("TWO")), (account("three"), tokens("three"))];
    let written =
        ports.sessions.replace(&key("one"), version, &zofia_session(), second).await.unwrap();
    assert_eq!(written, Written::Done);
    for (name, mark) in [("one", "one"), ("two", "TWO"), ("three", "three")] {
        let found = ports.tokens.tokens_of(&key("one"), &account(name)).await.unwrap();
        assert_eq!(found, Some(tokens(mark)), "{name}");
    }
}

pub(crate) async fn replace_that_records_a_use_extends_the_lifetime(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    sessions.create(key("one"), &zofia_session(), vec![]).await.unwrap();
    let version = find(&sessions, "one").await.version;
    let mut used = zofia_session();
    used.seen_at = later(100);
    assert_eq!(sessions.replace(&key("one"), version, &used, vec![]).await.unwrap(), Written::Done);
    let end = 8 * 3_600 + 100;
    assert!(sessions.find(&key("one"), later(end - 1)).await.unwrap().is_some());
    assert!(sessions.find(&key("one"), later(end)).await.unwrap().is_none());
}

/// A sign-out may remove the session during a refresh.
pub(crate) async fn replace_of_a_removed_session_conflicts(subject: impl Subject) {
    let ports = subject.ports();
    let (sessions, account) = (ports.sessions, zofia_account_id());
    sessions.create(key("one"), &zofia_session(), vec![]).await.unwrap();
    let version = find(&sessions, "one").await.version;
    assert!(sessions.remove(&key("one")).await.unwrap());
    let new_tokens = vec![(account.clone(), tokens("late"))];
    let written =
        sessions.replace(&key("one"), version, &zofia_session(), new_tokens).await.unwrap();
    assert_eq!(written, Written::Conflict);
    assert!(sessions.find(&key("one"), NOW).await.unwrap().is_none());
    assert!(ports.tokens.tokens_of(&key("one"), &account).await.unwrap().is_none());
}

/// The stored tokens are those of the winner.
pub(crate) async fn concurrent_replaces_have_one_winner_per_round(subject: impl Subject) {
    let ports = subject.ports();
    let (sessions, account) = (&ports.sessions, zofia_account_id());
    sessions.create(key("one"), &zofia_session(), vec![]).await.unwrap();
    for round in 0..20 {
        let version = find(sessions, "one").await.version;
        let mut race = JoinSet::new();
        for caller in 0..16 {
            let (sessions, account) = (sessions.clone(), account.clone());
            race.spawn(async move {
                let mark = format!("{round}-{caller}");
                let mut session = zofia_session();
                session.accounts[0].warnings = vec![mark.clone()];
                let new_tokens = vec![(account, tokens(&mark))];
                let written = sessions.replace(&key("one"), version, &session, new_tokens).await;
                (written.unwrap() == Written::Done).then_some(mark)
            });
        }
        let winners: Vec<_> = race.join_all().await.into_iter().flatten().collect();
        let [winner] = winners.as_slice() else { panic!("several winners: {winners:?}") };
        assert_eq!(&find(sessions, "one").await.value.accounts[0].warnings[0], winner);
        let found = ports.tokens.tokens_of(&key("one"), &account).await.unwrap();
        assert_eq!(found, Some(tokens(winner)));
    }
}

/// Each caller increments a counter and retries after a conflict.
pub(crate) async fn concurrent_replaces_with_retry_lose_no_update(subject: impl Subject) {
    const CALLERS: u64 = 8;
    const TIMES: u64 = 25;
    let sessions = subject.ports().sessions;
    sessions.create(key("one"), &zofia_session(), vec![]).await.unwrap();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let sessions = sessions.clone();
        callers.spawn(async move {
            for _ in 0..TIMES {
                while increment(&sessions).await == Written::Conflict {}
            }
        });
    }
    callers.join_all().await;
    let found = find(&sessions, "one").await.value;
    assert_eq!(found.seen_at, later(CALLERS * TIMES));
}

async fn increment(sessions: &Arc<dyn Sessions>) -> Written {
    let Stored { mut value, version } = find(sessions, "one").await;
    value.seen_at = value.seen_at.plus(std::time::Duration::from_secs(1));
    sessions.replace(&key("one"), version, &value, vec![]).await.unwrap()
}
