//! Durability across a restart.

use crate::{
    Durable,
    login_attempts::begin,
    samples::{
        NOW, attempt_key, full_session, key, later, person, session_listing, tokens,
        zofia_account_id, zofia_session,
    },
};
use portico_domain::testing::{SessionsExt as _, TokensExt as _};
use portico_domain::{ports::Written, time::Timestamp};

suite! { $ durability: Durable
    sessions_and_tokens_survive_a_restart,
    attempt_is_spendable_once_across_a_restart,
    removed_sessions_stay_removed_after_a_restart,
    stale_version_stays_stale_after_a_restart,
}

const SOON: Timestamp = Timestamp::from_unix_seconds(1_000);

/// Large sessions survive too, and `remove_all_of` still finds the sessions of the person.
pub(crate) async fn sessions_and_tokens_survive_a_restart(subject: impl Durable) {
    let account = zofia_account_id();
    let new_tokens = vec![(account.clone(), tokens("hers"))];
    let ports = subject.ports();
    ports.sessions.create(key("full"), &full_session(), new_tokens).await.unwrap();
    ports.sessions.create(key("large"), &session_listing(5_000), vec![]).await.unwrap();
    drop(ports);

    let subject = subject.reopened();
    let ports = subject.ports();
    let full = ports.sessions.find(&key("full"), later(10)).await.unwrap().unwrap();
    assert_eq!(full.value, full_session());
    let large = ports.sessions.find(&key("large"), NOW).await.unwrap().unwrap();
    assert_eq!(large.value, session_listing(5_000));
    let found = ports.tokens.tokens_of(&key("full"), &account).await.unwrap();
    assert_eq!(found, Some(tokens("hers")));
    assert_eq!(ports.sessions.remove_all_of(&person("contoso", "zofia")).await.unwrap(), 2);
}

pub(crate) async fn attempt_is_spendable_once_across_a_restart(subject: impl Durable) {
    let ports = subject.ports();
    let (open, sealed) = begin(&ports, "open").await;
    let (spent, _) = begin(&ports, "spent").await;
    assert!(ports.attempts.spend(&attempt_key("spent"), spent.epoch).await.unwrap());
    drop(ports);

    let subject = subject.reopened();
    let attempts = subject.ports().attempts;
    let opened = attempts.open(&attempt_key("open"), &sealed, SOON);
    assert_eq!(opened.as_ref(), Some(&open));
    assert_eq!(attempts.epoch(SOON).await.unwrap(), open.epoch);
    assert!(attempts.spend(&attempt_key("open"), open.epoch).await.unwrap());
    drop(attempts);

    let subject = subject.reopened();
    for state in ["open", "spent"] {
        let again = subject.ports().attempts.spend(&attempt_key(state), open.epoch).await.unwrap();
        assert!(!again, "{state}");
    }
}

/// The sessions are removed by `remove`, `rotate` and `remove_all_of`.
pub(crate) async fn removed_sessions_stay_removed_after_a_restart(subject: impl Durable) {
    let ports = subject.ports();
    let account = zofia_account_id();
    for id in ["removed", "moved", "ended"] {
        let new_tokens = vec![(account.clone(), tokens(id))];
        ports.sessions.create(key(id), &zofia_session(), new_tokens).await.unwrap();
    }
    assert!(ports.sessions.remove(&key("removed")).await.unwrap());
    let version = ports.sessions.find(&key("moved"), NOW).await.unwrap().unwrap().version;
    let moved =
        ports.sessions.rotate(&key("moved"), version, key("new"), &zofia_session(), vec![]).await;
    assert_eq!(moved.unwrap(), Written::Done);
    assert_eq!(ports.sessions.remove_all_of(&person("contoso", "zofia")).await.unwrap(), 2);
    drop(ports);

    let subject = subject.reopened();
    let ports = subject.ports();
    for id in ["removed", "moved", "ended", "new"] {
        assert!(ports.sessions.find(&key(id), NOW).await.unwrap().is_none(), "{id}");
        let tokens = ports.tokens.tokens_of(&key(id), &account).await.unwrap();
        assert!(tokens.is_none(), "{id}");
    }
}

pub(crate) async fn stale_version_stays_stale_after_a_restart(subject: impl Durable) {
    let sessions = subject.ports().sessions;
    sessions.create(key("one"), &zofia_session(), vec![]).await.unwrap();
    let stale = sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
    let written = sessions.replace(&key("one"), stale, &full_session(), vec![]).await.unwrap();
    assert_eq!(written, Written::Done);
    let current = sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
    drop(sessions);

    let subject = subject.reopened();
    let sessions = subject.ports().sessions;
    for (version, expected) in [(stale, Written::Conflict), (current, Written::Done)] {
        let written =
            sessions.replace(&key("one"), version, &zofia_session(), vec![]).await.unwrap();
        assert_eq!(written, expected);
    }
}
