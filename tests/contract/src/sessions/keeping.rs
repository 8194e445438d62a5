//! Landing and finding.

use crate::{
    Subject,
    samples::{NOW, full_session, key, later, tokens, zofias, zofias_account},
};
use portico_domain::testing::{SessionsExt as _, TokensExt as _};
use portico_domain::{account::AccountId, ports::Written, session::TokenSet};

/// All fields, optional ones both present and absent.
pub(crate) async fn find_returns_the_landed_session_unchanged(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    for (id, session) in [("full", full_session()), ("plain", zofias())] {
        sessions.create(key(id), &session, vec![]).await.unwrap();
        let found = sessions.find(&key(id), later(10)).await.unwrap();
        assert_eq!(found.unwrap().value, session);
    }
}

pub(crate) async fn find_tokens_returns_tokens_of_that_account_and_session_only(
    subject: impl Subject,
) {
    let ports = subject.ports();
    let poor = TokenSet { refresh: None, scopes: vec![], ..tokens("poor") };
    let account = AccountId::from_text;
    let brought = vec![(account("rich"), tokens("rich")), (account("poor"), poor.clone())];
    ports.sessions.create(key("one"), &zofias(), brought).await.unwrap();
    ports.sessions.create(key("two"), &zofias(), vec![]).await.unwrap();

    let found = |id, name| {
        let tokens = ports.tokens.clone();
        async move { tokens.tokens_of(&key(id), &account(name)).await.unwrap() }
    };
    assert_eq!(found("one", "rich").await, Some(tokens("rich")));
    assert_eq!(found("one", "poor").await, Some(poor));
    for (id, name) in [("one", "ric"), ("one", "richer"), ("one", ""), ("two", "rich")] {
        assert_eq!(found(id, name).await, None, "{id} {name}");
    }
}

pub(crate) async fn find_returns_none_for_an_unknown_key(subject: impl Subject) {
    let ports = subject.ports();
    assert!(ports.sessions.find(&key("unknown"), NOW).await.unwrap().is_none());
    let tokens = ports.tokens.tokens_of(&key("unknown"), &zofias_account()).await.unwrap();
    assert!(tokens.is_none());
}

/// Eight hours after the last use.
pub(crate) async fn find_returns_none_at_the_end_of_idle_time(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    sessions.create(key("one"), &zofias(), vec![]).await.unwrap();
    assert!(sessions.find(&key("one"), later(8 * 3_600 - 1)).await.unwrap().is_some());
    assert!(sessions.find(&key("one"), later(8 * 3_600)).await.unwrap().is_none());
}

/// Twenty-four hours after its begin.
pub(crate) async fn find_returns_none_at_maximum_age_of_a_used_session(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    let mut session = zofias();
    session.seen_at = later(23 * 3_600);
    sessions.create(key("one"), &session, vec![]).await.unwrap();
    assert!(sessions.find(&key("one"), later(24 * 3_600 - 1)).await.unwrap().is_some());
    assert!(sessions.find(&key("one"), later(24 * 3_600)).await.unwrap().is_none());
}

/// And `None` if `find` returns none: unknown, ended, removed.
pub(crate) async fn version_equals_that_of_find_after_each_write(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    let version = async |now| sessions.version(&key("one"), now).await.unwrap();
    let found = async || sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
    assert_eq!(version(NOW).await, None);
    sessions.create(key("one"), &full_session(), vec![]).await.unwrap();
    let first = found().await;
    assert_eq!(version(NOW).await, Some(first));
    let written = sessions.replace(&key("one"), first, &zofias(), vec![]).await;
    assert_eq!(written.unwrap(), Written::Done);
    assert_ne!(found().await, first);
    assert_eq!(version(NOW).await, Some(found().await));
    assert_eq!(version(later(8 * 3_600)).await, None);
    sessions.remove(&key("one")).await.unwrap();
    assert_eq!(version(NOW).await, None);
}

/// The readiness check uses it.
pub(crate) async fn check_succeeds_for_a_working_store(subject: impl Subject) {
    subject.ports().sessions.check().await.unwrap();
}
