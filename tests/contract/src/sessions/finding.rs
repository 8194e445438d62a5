//! Reads of sessions, tokens and versions.

use crate::{
    Subject,
    samples::{NOW, full_session, key, later, tokens, zofia_account_id, zofia_session},
};
use portico_domain::testing::{SessionsExt as _, TokensExt as _};
use portico_domain::{account::AccountId, ports::Written, session::TokenSet};

/// The sessions have all fields, optional ones both present and absent.
pub(crate) async fn find_returns_the_landed_session_unchanged(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    for (id, session) in [("full", full_session()), ("plain", zofia_session())] {
        sessions.create(key(id), &session, vec![]).await.unwrap();
        let found = sessions.find(&key(id), later(10)).await.unwrap();
        assert_eq!(found.unwrap().value, session);
    }
}

pub(crate) async fn find_tokens_returns_tokens_of_that_account_and_session_only(
    subject: impl Subject,
) {
    let ports = subject.ports();
    let minimal = TokenSet { refresh: None, scopes: vec![], ..tokens("minimal") };
    let account = AccountId::from_text;
    let new_tokens = vec![(account("full"), tokens("full")), (account("minimal"), minimal.clone())];
    ports.sessions.create(key("one"), &zofia_session(), new_tokens).await.unwrap();
    ports.sessions.create(key("two"), &zofia_session(), vec![]).await.unwrap();

    let found = |id, name| {
        let tokens = ports.tokens.clone();
        async move { tokens.tokens_of(&key(id), &account(name)).await.unwrap() }
    };
    assert_eq!(found("one", "full").await, Some(tokens("full")));
    assert_eq!(found("one", "minimal").await, Some(minimal));
    for (id, name) in [("one", "ful"), ("one", "fuller"), ("one", ""), ("two", "full")] {
        assert_eq!(found(id, name).await, None, "{id} {name}");
    }
}

pub(crate) async fn find_returns_none_for_an_unknown_key(subject: impl Subject) {
    let ports = subject.ports();
    assert!(ports.sessions.find(&key("unknown"), NOW).await.unwrap().is_none());
    let tokens = ports.tokens.tokens_of(&key("unknown"), &zofia_account_id()).await.unwrap();
    assert!(tokens.is_none());
}

/// The idle time of the policy is eight hours.
pub(crate) async fn find_returns_none_at_the_end_of_idle_time(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    sessions.create(key("one"), &zofia_session(), vec![]).await.unwrap();
    assert!(sessions.find(&key("one"), later(8 * 3_600 - 1)).await.unwrap().is_some());
    assert!(sessions.find(&key("one"), later(8 * 3_600)).await.unwrap().is_none());
}

/// The maximum age of the policy is 24 hours.
pub(crate) async fn find_returns_none_at_maximum_age_of_a_used_session(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    let mut session = zofia_session();
    session.seen_at = later(23 * 3_600);
    sessions.create(key("one"), &session, vec![]).await.unwrap();
    assert!(sessions.find(&key("one"), later(24 * 3_600 - 1)).await.unwrap().is_some());
    assert!(sessions.find(&key("one"), later(24 * 3_600)).await.unwrap().is_none());
}

/// `None` if `find` returns `None`: the session is unknown, expired or removed.
pub(crate) async fn version_equals_that_of_find_after_each_write(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    let version = async |now| sessions.version(&key("one"), now).await.unwrap();
    let found = async || sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
    assert_eq!(version(NOW).await, None);
    sessions.create(key("one"), &full_session(), vec![]).await.unwrap();
    let first = found().await;
    assert_eq!(version(NOW).await, Some(first));
    let written = sessions.replace(&key("one"), first, &zofia_session(), vec![]).await;
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
