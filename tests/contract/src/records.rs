//! The promises of [`portico_records::Records`] and [`portico_records::AttemptRecords`] that the seal
//! above them hides.

use crate::{
    Bytes, Ports,
    samples::{
        NOW, attempt_key, key, later, person, session_listing, tokens, zofias, zofias_account,
    },
};
use portico_domain::testing::{SessionsExt as _, TokensExt as _};
use portico_domain::{
    epoch::Epoch,
    ports::{Version, Written},
    session::SessionKey,
};
use portico_records::{Batch, Committed, Key, Kind, Owner, Put, Records};
use tokio::task::JoinSet;

suite! { $ records: Bytes
    a_record_is_not_handed_out_from_its_very_second,
    what_expired_is_forgotten_and_what_lives_stays,
    spent_attempts_are_forgotten_when_their_epoch_is_two_back,
    a_purge_under_a_clock_that_was_ahead_lets_no_attempt_be_spent_again,
    a_purge_takes_no_more_than_it_may,
    a_session_that_was_used_is_not_forgotten_at_its_first_end,
    a_purge_leaves_nothing_of_a_large_session,
    sessions_that_expire_after_a_time_are_told_the_last_first,
    get_finds_what_put_wrote_and_version_is_that_of_get,
    commit_without_a_required_version_or_absence_changes_nothing,
    a_record_that_expired_is_absent_to_a_batch_that_requires_it,
    a_version_is_given_once_under_a_key_also_after_a_removal,
    of_concurrent_batches_that_require_an_absence_one_is_done,
    a_dependent_is_there_until_the_last_root_that_refers_to_it_is_gone,
    a_dependent_is_kept_by_a_root_that_takes_the_place_of_another,
    a_dependent_that_is_not_there_makes_a_batch_that_refers_to_it_a_conflict,
    dependents_of_roots_that_expire_are_purged_with_them,
    roots_are_owned_in_the_order_in_which_they_began_with_all_their_bytes,
}

/// After the 8 hours of the policy.
const END: u64 = 8 * 3_600;

/// Spends the attempts with these states in the epoch of now.
async fn spend(ports: &Ports, states: &[&str]) -> Epoch {
    let epoch = ports.attempts.epoch(NOW).await.unwrap();
    for state in states {
        assert!(ports.attempts.spend(&attempt_key(state), epoch).await.unwrap(), "{state}");
    }
    epoch
}

async fn create(ports: &Ports, id: &str, begun: u64) {
    let mut session = zofias();
    (session.created_at, session.seen_at) = (later(begun), later(begun));
    let brought = vec![(zofias_account(), tokens(id))];
    ports.sessions.create(key(id), &session, brought).await.unwrap();
}

/// Whatever the seal above would say to it.
pub(crate) async fn a_record_is_not_handed_out_from_its_very_second(subject: impl Bytes) {
    let records = subject.records();
    let one = root("one", vec![]);
    let ends = Put { expires_at: Some(later(10)), ..one.clone() };
    put(&*records, vec![ends]).await;
    for (now, there) in [(9, true), (10, false), (11, false)] {
        // The version first: it removes nothing.
        let version = records.version(&one.key, later(now)).await.unwrap();
        assert_eq!(version.is_some(), there, "{now} seconds later");
        let found = records.get(&one.key, later(now)).await.unwrap();
        assert_eq!(found.is_some(), there, "{now} seconds later");
    }
    let found = records.get(&one.key, later(9)).await.unwrap();
    assert_eq!(found, None, "it was found over, and the clock was set back");
}

/// By the very second; tokens go too.
pub(crate) async fn what_expired_is_forgotten_and_what_lives_stays(subject: impl Bytes) {
    let (ports, records) = (subject.ports(), subject.records());
    for (id, begun) in [("over", 0), ("just over", 10), ("alive", 11)] {
        create(&ports, id, begun).await;
    }
    let now = later(END + 10);
    assert_eq!(records.purge_expired(now, 100).await.unwrap(), 2);
    assert_eq!(records.purge_expired(now, 100).await.unwrap(), 0);

    // Asked for a time when all of them lived: what is gone now was forgotten.
    for (id, kept) in [("over", false), ("just over", false), ("alive", true)] {
        assert_eq!(ports.sessions.find(&key(id), later(20)).await.unwrap().is_some(), kept, "{id}");
        let tokens = ports.tokens.tokens_of(&key(id), &zofias_account()).await.unwrap();
        assert_eq!(tokens.is_some(), kept, "{id}");
    }
    assert_eq!(ports.sessions.remove_all_of(&person("contoso", "zofia")).await.unwrap(), 1);
}

/// Not by the clock: by what the store takes.
pub(crate) async fn spent_attempts_are_forgotten_when_their_epoch_is_two_back(subject: impl Bytes) {
    let (ports, records) = (subject.ports(), subject.records());
    spend(&ports, &["one", "two"]).await;
    for (now, forgotten) in [(END, 0), (END + 1, 0), (2 * END, 2), (2 * END, 0)] {
        if now != END {
            ports.attempts.epoch(later(now)).await.unwrap();
        }
        assert_eq!(records.purge_expired(later(now), 100).await.unwrap(), forgotten, "{now}");
    }
}

/// Two days ahead, for as long as somebody likes, and back.
pub(crate) async fn a_purge_under_a_clock_that_was_ahead_lets_no_attempt_be_spent_again(
    subject: impl Bytes,
) {
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

/// The rest is left for the next time.
pub(crate) async fn a_purge_takes_no_more_than_it_may(subject: impl Bytes) {
    let (ports, records) = (subject.ports(), subject.records());
    for number in 0..7 {
        create(&ports, &format!("session {number}"), 0).await;
        spend(&ports, &[&format!("attempt {number}")]).await;
    }
    for hours in [1, 2] {
        ports.attempts.epoch(later(hours * 3_600)).await.unwrap();
    }
    let mut left = vec![];
    for _ in 0..4 {
        left.push(records.purge_expired(later(END), 5).await.unwrap());
    }
    assert_eq!(left, [5, 5, 4, 0]);
    assert_eq!(records.purge_expired(later(END), 0).await.unwrap(), 0);
}

/// Nor is one that moved, and what moved leaves no second end behind.
pub(crate) async fn a_session_that_was_used_is_not_forgotten_at_its_first_end(subject: impl Bytes) {
    let (ports, records) = (subject.ports(), subject.records());
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
    // The note that one of them moved, and nothing else.
    assert_eq!(records.purge_expired(later(END), 100).await.unwrap(), 1);
    for id in ["replaced", "new"] {
        assert!(ports.sessions.find(&key(id), later(END)).await.unwrap().is_some(), "{id}");
    }
    assert_eq!(records.purge_expired(later(END + 100), 100).await.unwrap(), 2);
}

/// Nor of one that became small before it ended.
pub(crate) async fn a_purge_leaves_nothing_of_a_large_session(subject: impl Bytes) {
    let (ports, records) = (subject.ports(), subject.records());
    ports.sessions.create(key("large"), &session_listing(1_000), vec![]).await.unwrap();
    assert_eq!(records.purge_expired(later(END), 100).await.unwrap(), 1);
    assert!(ports.sessions.find(&key("large"), NOW).await.unwrap().is_none());
    assert_eq!(ports.sessions.remove_all_of(&person("contoso", "zofia")).await.unwrap(), 0);
}

/// By the very second.
pub(crate) async fn sessions_that_expire_after_a_time_are_told_the_last_first(subject: impl Bytes) {
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
        let told = records.expiring_after(Kind::Session, later(latest), limit).await.unwrap();
        let expected: Vec<_> = expected.iter().map(|key| record_key(Kind::Session, key)).collect();
        assert_eq!(told, expected, "{latest} {limit}");
    }
}

fn record_key(kind: Kind, key: &SessionKey) -> Key {
    Key::new(kind, key.as_bytes())
}

const OWNER: Owner = Owner::from_bytes([7; 32]);

/// A session's head that refers to these.
fn root(id: &str, refers: Vec<Key>) -> Put {
    Put {
        key: record_key(Kind::Session, &key(id)),
        bytes: id.as_bytes().to_vec(),
        expires_at: Some(later(1_000)),
        owner: Some(OWNER),
        refers,
    }
}

fn dependent(kind: Kind, id: u8, size: usize) -> Put {
    let key = Key::new(kind, &[id; 16]);
    Put { key, bytes: vec![id; size], expires_at: None, owner: None, refers: vec![] }
}

async fn put(records: &dyn Records, put: Vec<Put>) {
    assert_eq!(commit(records, Batch { put, ..Batch::default() }).await, done(0));
}

async fn commit(records: &dyn Records, batch: Batch) -> Committed {
    records.commit(Batch { now: NOW, ..batch }).await.unwrap()
}

fn done(removed: usize) -> Committed {
    Committed::Done { removed }
}

async fn version(records: &dyn Records, key: &Key) -> Option<Version> {
    records.version(key, NOW).await.unwrap()
}

/// Of every kind, and large ones.
pub(crate) async fn get_finds_what_put_wrote_and_version_is_that_of_get(subject: impl Bytes) {
    let records = subject.records();
    for size in [0, 1, 5_900, 6_000, 6_100, 50_000] {
        let tokens = dependent(Kind::Tokens, 1, size);
        let listing = dependent(Kind::Listing, 2, size);
        let one = root("one", vec![tokens.key.clone(), listing.key.clone()]);
        put(&*records, vec![tokens.clone(), listing.clone(), one.clone()]).await;
        for written in [tokens, listing, one] {
            let found = records.get(&written.key, NOW).await.unwrap().unwrap();
            assert_eq!(found.value, written.bytes, "{size}");
            assert_eq!(version(&*records, &written.key).await, Some(found.version));
        }
    }
    assert_eq!(records.get(&record_key(Kind::Session, &key("two")), NOW).await.unwrap(), None);
}

/// Neither what it puts nor what it removes.
pub(crate) async fn commit_without_a_required_version_or_absence_changes_nothing(
    subject: impl Bytes,
) {
    let records = subject.records();
    let (one, two) = (root("one", vec![]), root("two", vec![]));
    put(&*records, vec![one.clone()]).await;
    let seen = version(&*records, &one.key).await.unwrap();
    let wrong = [
        (one.key.clone(), None),
        (one.key.clone(), Some(Version(seen.0 + 1))),
        (two.key.clone(), Some(seen)),
    ];
    for require in wrong {
        let batch = Batch {
            require: vec![(one.key.clone(), Some(seen)), require],
            remove: vec![one.key.clone()],
            put: vec![two.clone()],
            ..Batch::default()
        };
        assert_eq!(commit(&*records, batch).await, Committed::Conflict);
        assert_eq!(version(&*records, &one.key).await, Some(seen));
        assert_eq!(version(&*records, &two.key).await, None);
    }
    let batch = Batch {
        require: vec![(one.key.clone(), Some(seen)), (two.key.clone(), None)],
        remove: vec![one.key.clone()],
        put: vec![two.clone()],
        ..Batch::default()
    };
    assert_eq!(commit(&*records, batch).await, done(1));
    assert_eq!(version(&*records, &one.key).await, None);
    assert!(version(&*records, &two.key).await.is_some());
}

/// Though nobody has removed it.
pub(crate) async fn a_record_that_expired_is_absent_to_a_batch_that_requires_it(
    subject: impl Bytes,
) {
    let records = subject.records();
    let one = root("one", vec![]);
    put(&*records, vec![one.clone()]).await;
    let seen = version(&*records, &one.key).await;
    for (require, now, expected) in [
        (seen, later(1_000), Committed::Conflict),
        (None, later(999), Committed::Conflict),
        (None, later(1_000), done(0)),
    ] {
        let require = vec![(one.key.clone(), require)];
        let batch = Batch { now, require, ..Batch::default() };
        assert_eq!(records.commit(batch).await.unwrap(), expected, "{now:?}");
    }
}

/// Whoever read the first would take the second for it.
pub(crate) async fn a_version_is_given_once_under_a_key_also_after_a_removal(subject: impl Bytes) {
    let records = subject.records();
    let one = root("one", vec![]);
    let mut seen = Vec::new();
    for round in 0..50 {
        put(&*records, vec![one.clone()]).await;
        seen.push(version(&*records, &one.key).await.unwrap().0);
        if round % 2 == 0 {
            let remove = vec![one.key.clone()];
            assert_eq!(commit(&*records, Batch { remove, ..Batch::default() }).await, done(1));
        }
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 50);
}

/// Each with a record of its own beside it, of which the losers' are not there.
pub(crate) async fn of_concurrent_batches_that_require_an_absence_one_is_done(subject: impl Bytes) {
    for round in 0..10 {
        let mut race = JoinSet::new();
        for caller in 0..16 {
            let records = subject.records();
            race.spawn(async move {
                let contended = root(&format!("round {round}"), vec![]);
                let own = root(&format!("round {round} caller {caller}"), vec![]);
                let require = vec![(contended.key.clone(), None)];
                let put = vec![contended, own.clone()];
                let batch = Batch { require, put, ..Batch::default() };
                let won = commit(&*records, batch).await == done(0);
                assert_eq!(version(&*records, &own.key).await.is_some(), won);
                won
            });
        }
        let winners = race.join_all().await.into_iter().filter(|won| *won).count();
        assert_eq!(winners, 1, "in round {round}");
    }
}

/// However it goes: removed, written anew without it, ended with its owner's, found over.
pub(crate) async fn a_dependent_is_there_until_the_last_root_that_refers_to_it_is_gone(
    subject: impl Bytes,
) {
    let records = subject.records();
    let listing = dependent(Kind::Listing, 1, 20_000);
    let is_there = async || version(&*records, &listing.key).await.is_some();
    for way in 0..4 {
        let own = dependent(Kind::Tokens, 2, 20_000);
        let other = Put { owner: None, ..root("other", vec![listing.key.clone()]) };
        let one = root("one", vec![listing.key.clone(), own.key.clone()]);
        put(&*records, vec![listing.clone(), own.clone(), one.clone(), other.clone()]).await;
        let remove = vec![other.key.clone()];
        assert_eq!(commit(&*records, Batch { remove, ..Batch::default() }).await, done(1));
        assert!(is_there().await && version(&*records, &own.key).await.is_some());
        match way {
            0 => {
                let remove = vec![one.key.clone()];
                assert_eq!(commit(&*records, Batch { remove, ..Batch::default() }).await, done(1));
            }
            1 => put(&*records, vec![root("one", vec![])]).await,
            2 => {
                let remove_owned_by = vec![OWNER];
                let batch = Batch { remove_owned_by, ..Batch::default() };
                assert_eq!(commit(&*records, batch).await, done(1));
            }
            _ => assert_eq!(records.get(&one.key, later(1_000)).await.unwrap(), None),
        }
        assert!(!is_there().await, "{way}");
        assert_eq!(version(&*records, &own.key).await, None, "{way}");
    }
}

/// In one batch: a session that moves.
pub(crate) async fn a_dependent_is_kept_by_a_root_that_takes_the_place_of_another(
    subject: impl Bytes,
) {
    let records = subject.records();
    let dependents = [dependent(Kind::Listing, 1, 10), dependent(Kind::Tokens, 2, 10)];
    let refers: Vec<_> = dependents.iter().map(|put| put.key.clone()).collect();
    let mut all = dependents.to_vec();
    all.push(root("old", refers.clone()));
    put(&*records, all).await;
    let before = version(&*records, &refers[1]).await;
    let new = root("new", refers.clone());
    let remove = vec![record_key(Kind::Session, &key("old"))];
    let batch = Batch { remove, put: vec![new.clone()], ..Batch::default() };
    assert_eq!(commit(&*records, batch).await, done(1));
    assert_eq!(version(&*records, &refers[1]).await, before);
    assert!(version(&*records, &refers[0]).await.is_some());
    let remove = vec![new.key];
    assert_eq!(commit(&*records, Batch { remove, ..Batch::default() }).await, done(1));
    for key in &refers {
        assert_eq!(version(&*records, key).await, None);
    }
}

/// It went while the batch was made.
pub(crate) async fn a_dependent_that_is_not_there_makes_a_batch_that_refers_to_it_a_conflict(
    subject: impl Bytes,
) {
    let records = subject.records();
    let listing = dependent(Kind::Listing, 1, 10);
    let one = root("one", vec![listing.key.clone()]);
    let alone = Batch { put: vec![one.clone()], ..Batch::default() };
    assert_eq!(commit(&*records, alone.clone()).await, Committed::Conflict);
    assert_eq!(version(&*records, &one.key).await, None);
    put(&*records, vec![listing.clone(), root("other", vec![listing.key.clone()])]).await;
    assert_eq!(commit(&*records, alone).await, done(0));
}

/// Those of roots that live stay.
pub(crate) async fn dependents_of_roots_that_expire_are_purged_with_them(subject: impl Bytes) {
    let records = subject.records();
    let [over, alive] = [1, 2].map(|id| dependent(Kind::Listing, id, 10_000));
    let both = vec![over.key.clone(), alive.key.clone()];
    let ends = Put { expires_at: Some(later(10)), ..root("over", both) };
    let lives = root("alive", vec![alive.key.clone()]);
    put(&*records, vec![over.clone(), alive.clone(), ends, lives]).await;
    assert_eq!(records.purge_expired(later(10), 100).await.unwrap(), 1);
    assert_eq!(version(&*records, &over.key).await, None);
    assert!(version(&*records, &alive.key).await.is_some());
}

/// A root that is written anew keeps its place; one that was removed in between is the youngest.
pub(crate) async fn roots_are_owned_in_the_order_in_which_they_began_with_all_their_bytes(
    subject: impl Bytes,
) {
    let records = subject.records();
    let listing = dependent(Kind::Listing, 1, 50_000);
    put(&*records, vec![listing.clone(), root("b", vec![listing.key.clone()])]).await;
    for id in ["a", "c"] {
        put(&*records, vec![root(id, vec![])]).await;
    }
    put(&*records, vec![root("b", vec![listing.key.clone()])]).await;
    let remove = vec![record_key(Kind::Session, &key("a"))];
    let batch = Batch { remove, put: vec![root("a", vec![])], ..Batch::default() };
    assert_eq!(commit(&*records, batch).await, done(1));
    let owned = records.owned_by(&OWNER).await.unwrap();
    let keys: Vec<_> = owned.iter().map(|owned| owned.key.clone()).collect();
    assert_eq!(keys, ["b", "c", "a"].map(|id| record_key(Kind::Session, &key(id))));
    assert!(owned[0].bytes > 50_000 && owned[1].bytes < 1_000, "{owned:?}");
    assert_eq!(records.owned_by(&Owner::from_bytes([8; 32])).await.unwrap(), []);
}
