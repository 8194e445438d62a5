//! The promises of [`portico_records::Records`] and [`portico_records::AttemptRecords`] that are not
//! visible through the seal.

mod batches;

use self::batches::*;
use crate::{
    Bytes, Ports,
    samples::{
        NOW, attempt_key, key, later, person, session_listing, tokens, zofia_account_id,
        zofia_session,
    },
};
use portico_domain::testing::{SessionsExt as _, TokensExt as _};
use portico_domain::{epoch::Epoch, ports::Written};
use portico_records::{Kind, Put};

suite! { $ records: Bytes
    get_and_version_return_none_at_expires_at,
    purge_expired_removes_expired_sessions_with_tokens_and_keeps_live_ones,
    purge_expired_removes_spent_attempts_after_two_epochs,
    spend_returns_false_after_a_purge_with_the_clock_ahead,
    purge_expired_removes_at_most_limit,
    purge_expired_keeps_used_and_moved_sessions_after_their_first_expiry,
    purge_expired_removes_all_pieces_of_a_large_session,
    expiring_after_returns_latest_expiry_first,
    get_finds_what_put_wrote_and_version_is_that_of_get,
    commit_without_a_required_version_or_absence_changes_nothing,
    commit_treats_an_expired_record_as_absent,
    versions_of_a_key_are_unique_across_removal,
    concurrent_commits_that_require_an_absence_have_one_winner,
    dependent_is_removed_with_the_last_root_that_refers_to_it,
    dependent_stays_if_one_batch_moves_its_root,
    commit_conflicts_if_a_referenced_dependent_is_absent,
    purge_expired_removes_dependents_of_expired_roots,
    owned_by_returns_roots_in_order_of_creation_with_total_bytes,
    owned_by_returns_a_root_under_each_of_its_owners,
}

/// The end of the idle time of the policy, 8 hours.
const END: u64 = 8 * 3_600;

/// Spends the attempts with these states in the current epoch.
async fn spend(ports: &Ports, states: &[&str]) -> Epoch {
    let epoch = ports.attempts.epoch(NOW).await.unwrap();
    for state in states {
        assert!(ports.attempts.spend(&attempt_key(state), epoch).await.unwrap(), "{state}");
    }
    epoch
}

async fn create(ports: &Ports, id: &str, begun: u64) {
    let mut session = zofia_session();
    (session.created_at, session.seen_at) = (later(begun), later(begun));
    let new_tokens = vec![(zofia_account_id(), tokens(id))];
    ports.sessions.create(key(id), &session, new_tokens).await.unwrap();
}

/// Expiry is checked by the record store itself, not only by the seal.
pub(crate) async fn get_and_version_return_none_at_expires_at(subject: impl Bytes) {
    let records = subject.records();
    let one = root("one", vec![]);
    let expiring = Put { expires_at: Some(later(10)), ..one.clone() };
    put(&*records, vec![expiring]).await;
    for (now, exists) in [(9, true), (10, false), (11, false)] {
        // `version` first: it does not remove the record.
        let version = records.version(&one.key, later(now)).await.unwrap();
        assert_eq!(version.is_some(), exists, "{now} seconds later");
        let found = records.get(&one.key, later(now)).await.unwrap();
        assert_eq!(found.is_some(), exists, "{now} seconds later");
    }
    let found = records.get(&one.key, later(9)).await.unwrap();
    assert_eq!(found, None, "the expired record reappeared after the clock was set back");
}

pub(crate) async fn purge_expired_removes_expired_sessions_with_tokens_and_keeps_live_ones(
    subject: impl Bytes,
) {
    let (ports, records) = (subject.ports(), subject.records());
    for (id, begun) in [("expired", 0), ("just expired", 10), ("live", 11)] {
        create(&ports, id, begun).await;
    }
    let now = later(END + 10);
    assert_eq!(records.purge_expired(now, 100).await.unwrap(), 2);
    assert_eq!(records.purge_expired(now, 100).await.unwrap(), 0);

    // At a time before all expiries, only purged sessions are absent.
    for (id, exists) in [("expired", false), ("just expired", false), ("live", true)] {
        assert_eq!(
            ports.sessions.find(&key(id), later(20)).await.unwrap().is_some(),
            exists,
            "{id}"
        );
        let tokens = ports.tokens.tokens_of(&key(id), &zofia_account_id()).await.unwrap();
        assert_eq!(tokens.is_some(), exists, "{id}");
    }
    assert_eq!(ports.sessions.remove_all_of(&person("contoso", "zofia")).await.unwrap(), 1);
}

pub(crate) async fn purge_expired_removes_spent_attempts_after_two_epochs(subject: impl Bytes) {
    let (ports, records) = (subject.ports(), subject.records());
    spend(&ports, &["one", "two"]).await;
    for (now, removed) in [(END, 0), (END + 1, 0), (2 * END, 2), (2 * END, 0)] {
        if now != END {
            ports.attempts.epoch(later(now)).await.unwrap();
        }
        assert_eq!(records.purge_expired(later(now), 100).await.unwrap(), removed, "{now}");
    }
}

/// The clock is set two days ahead and back.
pub(crate) async fn spend_returns_false_after_a_purge_with_the_clock_ahead(subject: impl Bytes) {
    let (ports, records) = (subject.ports(), subject.records());
    let epoch = spend(&ports, &["state"]).await;
    for hours in [48, 49, 50] {
        let now = later(hours * 3_600);
        ports.attempts.epoch(now).await.unwrap();
        records.purge_expired(now, 100).await.unwrap();
    }
    for now in [NOW, later(1)] {
        ports.attempts.epoch(now).await.unwrap();
        assert!(!ports.attempts.spend(&attempt_key("state"), epoch).await.unwrap());
    }
    spend(&ports, &["another"]).await;
}

pub(crate) async fn purge_expired_removes_at_most_limit(subject: impl Bytes) {
    let (ports, records) = (subject.ports(), subject.records());
    for number in 0..7 {
        create(&ports, &format!("session {number}"), 0).await;
        spend(&ports, &[&format!("attempt {number}")]).await;
    }
    for hours in [1, 2] {
        ports.attempts.epoch(later(hours * 3_600)).await.unwrap();
    }
    let mut removed = vec![];
    for _ in 0..4 {
        removed.push(records.purge_expired(later(END), 5).await.unwrap());
    }
    assert_eq!(removed, [5, 5, 4, 0]);
    assert_eq!(records.purge_expired(later(END), 0).await.unwrap(), 0);
}

pub(crate) async fn purge_expired_keeps_used_and_moved_sessions_after_their_first_expiry(
    subject: impl Bytes,
) {
    let (ports, records) = (subject.ports(), subject.records());
    let mut used = zofia_session();
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
    // Only the forwarding record of the rotated session.
    assert_eq!(records.purge_expired(later(END), 100).await.unwrap(), 1);
    for id in ["replaced", "new"] {
        assert!(ports.sessions.find(&key(id), later(END)).await.unwrap().is_some(), "{id}");
    }
    assert_eq!(records.purge_expired(later(END + 100), 100).await.unwrap(), 2);
}

pub(crate) async fn purge_expired_removes_all_pieces_of_a_large_session(subject: impl Bytes) {
    let (ports, records) = (subject.ports(), subject.records());
    ports.sessions.create(key("large"), &session_listing(1_000), vec![]).await.unwrap();
    assert_eq!(records.purge_expired(later(END), 100).await.unwrap(), 1);
    assert!(ports.sessions.find(&key("large"), NOW).await.unwrap().is_none());
    assert_eq!(ports.sessions.remove_all_of(&person("contoso", "zofia")).await.unwrap(), 0);
}

pub(crate) async fn expiring_after_returns_latest_expiry_first(subject: impl Bytes) {
    let (ports, records) = (subject.ports(), subject.records());
    for (id, begun) in [("early", 0), ("late", 20), ("later", 30)] {
        create(&ports, id, begun).await;
    }
    for (latest, limit, expected) in [
        (END, 9, vec![key("later"), key("late")]),
        (END - 1, 9, vec![key("later"), key("late"), key("early")]),
        (END, 1, vec![key("later")]),
        (END + 30, 9, vec![]),
    ] {
        let keys = records.expiring_after(Kind::Session, later(latest), limit).await.unwrap();
        let expected: Vec<_> = expected.iter().map(|key| record_key(Kind::Session, key)).collect();
        assert_eq!(keys, expected, "{latest} {limit}");
    }
}
