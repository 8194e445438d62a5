//! Clocks that are set ahead and back.

use crate::{
    Subject,
    samples::{NOW, key, later, tokens, zofia_account_id, zofia_session},
};
use portico_domain::testing::{SessionsExt as _, TokensExt as _};
use portico_domain::{session::Session, time::Timestamp};

const TWO_DAYS: u64 = 172_800;

pub(crate) async fn expired_session_that_was_read_is_absent_after_the_clock_is_set_back(
    subject: impl Subject,
) {
    let ports = subject.ports();
    let new_tokens = vec![(zofia_account_id(), tokens("hers"))];
    ports.sessions.create(key("one"), &zofia_session(), new_tokens).await.unwrap();
    ports.sessions.create(key("not read"), &zofia_session(), vec![]).await.unwrap();
    assert!(ports.sessions.find(&key("one"), later(TWO_DAYS)).await.unwrap().is_none());
    assert!(ports.sessions.find(&key("one"), later(1)).await.unwrap().is_none());
    assert!(ports.tokens.tokens_of(&key("one"), &zofia_account_id()).await.unwrap().is_none());
    assert!(!ports.sessions.remove(&key("one")).await.unwrap());
    assert!(ports.sessions.find(&key("not read"), later(1)).await.unwrap().is_some());
}

/// Begun or used more than a minute in the future. It does not become valid at that time.
pub(crate) async fn session_from_the_future_is_not_found_and_is_removed(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    let used = |seen_at: Timestamp| Session { seen_at, ..zofia_session() };
    let begun = |at: Timestamp| Session { created_at: at, ..used(at) };
    for (id, session, exists) in [
        ("begun", begun(later(TWO_DAYS)), false),
        ("begun a little ahead", begun(later(60)), true),
        ("used", used(later(3_600)), false),
        ("used a little ahead", used(later(60)), true),
    ] {
        sessions.create(key(id), &session, vec![]).await.unwrap();
        let found = sessions.find(&key(id), NOW).await.unwrap();
        assert_eq!(found.is_some(), exists, "{id}");
        let found = sessions.find(&key(id), session.seen_at).await.unwrap();
        assert_eq!(found.is_some(), exists, "{id} at the time of its last use");
    }
}
