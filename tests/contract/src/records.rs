//! The promises of [`portico_domain::ports::SessionRecords`] and
//! [`portico_domain::ports::AttemptRecords`] that the seal above them hides.

use crate::{
    Bytes, Ports,
    samples::{
        NOW, attempt_key, key, later, pending_login, person, session_listing, tokens, zofias,
        zofias_account,
    },
};
use portico_domain::{
    login::PendingLogin,
    ports::{SessionRecord, Written},
};

/// A suite for the subject of this type.
#[macro_export]
macro_rules! records {
    ($subject:ty) => {
        $crate::suite! { $subject, records:
            a_record_is_not_handed_out_from_its_very_second,
            what_expired_is_forgotten_and_what_lives_stays,
            a_purge_takes_no_more_than_it_may,
            a_session_that_was_used_is_not_forgotten_at_its_first_end,
            a_purge_leaves_nothing_of_a_large_session,
            sessions_that_expire_after_a_time_are_told_the_last_first,
        }
    };
}

/// After the 8 hours of the policy.
const END: u64 = 8 * 3_600;

fn attempt_until(seconds: u64) -> PendingLogin {
    PendingLogin { expires_at: later(seconds), ..pending_login("browser") }
}

async fn create(ports: &Ports, id: &str, begun: u64) {
    let mut session = zofias();
    (session.created_at, session.seen_at) = (later(begun), later(begun));
    let brought = vec![(zofias_account(), tokens(id))];
    ports.sessions.create(key(id), &session, brought).await.unwrap();
}

/// Whatever the seal above would say to it.
pub async fn a_record_is_not_handed_out_from_its_very_second(subject: impl Bytes) {
    let (sessions, attempts) = (subject.session_records(), subject.attempt_records());
    let person = person("contoso", "zofia");
    let record = SessionRecord { person, expires_at: later(10), sealed: b"sealed".to_vec() };
    sessions.insert(key("one"), record, vec![]).await.unwrap();
    for (now, there) in [(9, true), (10, false), (11, false)] {
        let found = sessions.find(&key("one"), later(now)).await.unwrap();
        assert_eq!(found.is_some(), there, "a session {now} seconds later");

        attempts.insert(attempt_key("one"), later(10), b"sealed".to_vec()).await.unwrap();
        let taken = attempts.take(&attempt_key("one"), later(now)).await.unwrap();
        assert_eq!(taken.is_some(), there, "an attempt {now} seconds later");
    }
}

/// By the very second, sessions and attempts both; tokens go too.
pub async fn what_expired_is_forgotten_and_what_lives_stays(subject: impl Bytes) {
    let (ports, records) = (subject.ports(), subject.session_records());
    for (id, begun) in [("over", 0), ("just over", 10), ("alive", 11)] {
        create(&ports, id, begun).await;
    }
    for (state, end) in [("over", END + 10), ("alive", END + 11)] {
        ports.attempts.begin(attempt_key(state), &attempt_until(end)).await.unwrap();
    }
    let now = later(END + 10);
    assert_eq!(records.purge_expired(now, 100).await.unwrap(), 3);
    assert_eq!(records.purge_expired(now, 100).await.unwrap(), 0);

    // Asked for a time when all of them lived: what is gone now was forgotten.
    for (id, kept) in [("over", false), ("just over", false), ("alive", true)] {
        assert_eq!(ports.sessions.find(&key(id), later(20)).await.unwrap().is_some(), kept, "{id}");
        let tokens = ports.tokens.find_tokens(&key(id), &zofias_account()).await.unwrap();
        assert_eq!(tokens.is_some(), kept, "{id}");
    }
    for (state, kept) in [("over", false), ("alive", true)] {
        let attempt = ports.attempts.consume(&attempt_key(state), NOW).await.unwrap();
        assert_eq!(attempt.is_some(), kept, "{state}");
    }
    assert_eq!(ports.sessions.remove_all_of(&person("contoso", "zofia")).await.unwrap(), 1);
}

/// The rest is left for the next time.
pub async fn a_purge_takes_no_more_than_it_may(subject: impl Bytes) {
    let (ports, records) = (subject.ports(), subject.session_records());
    for number in 0..7 {
        create(&ports, &format!("session {number}"), 0).await;
        let state = attempt_key(&format!("attempt {number}"));
        ports.attempts.begin(state, &attempt_until(5)).await.unwrap();
    }
    let mut left = vec![];
    for _ in 0..4 {
        left.push(records.purge_expired(later(END), 5).await.unwrap());
    }
    assert_eq!(left, [5, 5, 4, 0]);
    assert_eq!(records.purge_expired(later(END), 0).await.unwrap(), 0);
}

/// Nor is one that moved, and what moved leaves no second end behind.
pub async fn a_session_that_was_used_is_not_forgotten_at_its_first_end(subject: impl Bytes) {
    let (ports, records) = (subject.ports(), subject.session_records());
    let mut used = zofias();
    used.seen_at = later(100);
    for id in ["replaced", "rotated"] {
        create(&ports, id, 0).await;
        let version = ports.sessions.find(&key(id), NOW).await.unwrap().unwrap().version;
        let to = if id == "replaced" { key(id) } else { key("new") };
        let written = if id == "replaced" {
            ports.sessions.replace(&key(id), version, &used, vec![]).await
        } else {
            ports.sessions.rotate(&key(id), version, to, &used, vec![]).await
        };
        assert_eq!(written.unwrap(), Written::Done);
    }
    assert_eq!(records.purge_expired(later(END), 100).await.unwrap(), 0);
    for id in ["replaced", "new"] {
        assert!(ports.sessions.find(&key(id), later(END)).await.unwrap().is_some(), "{id}");
    }
    assert_eq!(records.purge_expired(later(END + 100), 100).await.unwrap(), 2);
}

/// Nor of one that became small before it ended.
pub async fn a_purge_leaves_nothing_of_a_large_session(subject: impl Bytes) {
    let (ports, records) = (subject.ports(), subject.session_records());
    ports.sessions.create(key("large"), &session_listing(1_000), vec![]).await.unwrap();
    assert_eq!(records.purge_expired(later(END), 100).await.unwrap(), 1);
    assert!(ports.sessions.find(&key("large"), NOW).await.unwrap().is_none());
    assert_eq!(ports.sessions.remove_all_of(&person("contoso", "zofia")).await.unwrap(), 0);
}

/// By the very second; attempts are not among them.
pub async fn sessions_that_expire_after_a_time_are_told_the_last_first(subject: impl Bytes) {
    let (ports, records) = (subject.ports(), subject.session_records());
    for (id, begun) in [("early", 0), ("late", 20), ("later", 30)] {
        create(&ports, id, begun).await;
    }
    ports.attempts.begin(attempt_key("state"), &attempt_until(END + 40)).await.unwrap();
    for (latest, limit, expected) in [
        (END, 9, vec![key("later"), key("late")]),
        (END - 1, 9, vec![key("later"), key("late"), key("early")]),
        (END, 1, vec![key("later")]),
        (END + 30, 9, vec![]),
    ] {
        let told = records.expiring_after(later(latest), limit).await.unwrap();
        assert_eq!(told, expected, "{latest} {limit}");
    }
}
