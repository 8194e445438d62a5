//! Batches, their conditions, and dependents of roots.

use portico_domain::{ports::Version, session::SessionKey};
use portico_records::{Batch, Committed, Key, Kind, Owner, Put, Records};
use tokio::task::JoinSet;

use crate::{
    Bytes,
    samples::{NOW, key, later},
};

pub(super) fn record_key(kind: Kind, key: &SessionKey) -> Key {
    Key::new(kind, key.as_bytes())
}

const OWNER: Owner = Owner::from_bytes([7; 32]);

/// A root that refers to these dependents.
pub(super) fn root(id: &str, refers: Vec<Key>) -> Put {
    Put {
        key: record_key(Kind::Session, &key(id)),
        bytes: id.as_bytes().to_vec(),
        expires_at: Some(later(1_000)),
        owners: vec![OWNER],
        refers,
    }
}

fn dependent(kind: Kind, id: u8, size: usize) -> Put {
    let key = Key::new(kind, &[id; 16]);
    Put { key, bytes: vec![id; size], expires_at: None, owners: vec![], refers: vec![] }
}

pub(super) async fn put(records: &dyn Records, put: Vec<Put>) {
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

/// Records of every kind and size.
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

pub(crate) async fn commit_without_a_required_version_or_absence_changes_nothing(
    subject: impl Bytes,
) {
    let records = subject.records();
    let (one, two) = (root("one", vec![]), root("two", vec![]));
    put(&*records, vec![one.clone()]).await;
    let seen = version(&*records, &one.key).await.unwrap();
    let unmet = [
        (one.key.clone(), None),
        (one.key.clone(), Some(Version(seen.0 + 1))),
        (two.key.clone(), Some(seen)),
    ];
    for require in unmet {
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

/// The expired record need not be removed yet.
pub(crate) async fn commit_treats_an_expired_record_as_absent(subject: impl Bytes) {
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

/// A caller with the version of the removed record must get a conflict.
pub(crate) async fn versions_of_a_key_are_unique_across_removal(subject: impl Bytes) {
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

/// The losing batches write none of their records.
pub(crate) async fn concurrent_commits_that_require_an_absence_have_one_winner(
    subject: impl Bytes,
) {
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

/// The root is removed or overwritten, the roots of its owner are removed, or it expires.
pub(crate) async fn dependent_is_removed_with_the_last_root_that_refers_to_it(subject: impl Bytes) {
    let records = subject.records();
    let listing = dependent(Kind::Listing, 1, 20_000);
    let listing_exists = async || version(&*records, &listing.key).await.is_some();
    for cause in ["removal", "overwriting", "removal by owner", "expiry"] {
        let own = dependent(Kind::Tokens, 2, 20_000);
        let other = Put { owners: vec![], ..root("other", vec![listing.key.clone()]) };
        let one = root("one", vec![listing.key.clone(), own.key.clone()]);
        put(&*records, vec![listing.clone(), own.clone(), one.clone(), other.clone()]).await;
        let remove = vec![other.key.clone()];
        assert_eq!(commit(&*records, Batch { remove, ..Batch::default() }).await, done(1));
        assert!(listing_exists().await && version(&*records, &own.key).await.is_some());
        match cause {
            "removal" => {
                let remove = vec![one.key.clone()];
                assert_eq!(commit(&*records, Batch { remove, ..Batch::default() }).await, done(1));
            }
            "overwriting" => put(&*records, vec![root("one", vec![])]).await,
            "removal by owner" => {
                let remove_owned_by = vec![OWNER];
                let batch = Batch { remove_owned_by, ..Batch::default() };
                assert_eq!(commit(&*records, batch).await, done(1));
            }
            _ => assert_eq!(records.get(&one.key, later(1_000)).await.unwrap(), None),
        }
        assert!(!listing_exists().await, "{cause}");
        assert_eq!(version(&*records, &own.key).await, None, "{cause}");
    }
}

/// Moving a session commits such a batch.
pub(crate) async fn dependent_stays_if_one_batch_moves_its_root(subject: impl Bytes) {
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

/// Another batch may remove it while this one is prepared.
pub(crate) async fn commit_conflicts_if_a_referenced_dependent_is_absent(subject: impl Bytes) {
    let records = subject.records();
    let listing = dependent(Kind::Listing, 1, 10);
    let one = root("one", vec![listing.key.clone()]);
    let without_dependent = Batch { put: vec![one.clone()], ..Batch::default() };
    assert_eq!(commit(&*records, without_dependent.clone()).await, Committed::Conflict);
    assert_eq!(version(&*records, &one.key).await, None);
    put(&*records, vec![listing.clone(), root("other", vec![listing.key.clone()])]).await;
    assert_eq!(commit(&*records, without_dependent).await, done(0));
}

/// Dependents of live roots stay.
pub(crate) async fn purge_expired_removes_dependents_of_expired_roots(subject: impl Bytes) {
    let records = subject.records();
    let [expired, live] = [1, 2].map(|id| dependent(Kind::Listing, id, 10_000));
    let both = vec![expired.key.clone(), live.key.clone()];
    let expiring_root = Put { expires_at: Some(later(10)), ..root("expired", both) };
    let live_root = root("live", vec![live.key.clone()]);
    put(&*records, vec![expired.clone(), live.clone(), expiring_root, live_root]).await;
    assert_eq!(records.purge_expired(later(10), 100).await.unwrap(), 1);
    assert_eq!(version(&*records, &expired.key).await, None);
    assert!(version(&*records, &live.key).await.is_some());
}

/// An overwritten root keeps its position; one that was removed and created again is the last.
pub(crate) async fn owned_by_returns_roots_in_order_of_creation_with_total_bytes(
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

/// An owner that a root keeps has its entry and position; one that it loses has none.
pub(crate) async fn owned_by_returns_a_root_under_each_of_its_owners(subject: impl Bytes) {
    let records = subject.records();
    let [second, third] = [8, 9].map(|byte| Owner::from_bytes([byte; 32]));
    let owned = |id, owners: &[Owner]| Put { owners: owners.to_vec(), ..root(id, vec![]) };
    let names = async |owner: &Owner| {
        let found = records.owned_by(owner).await.unwrap();
        found.into_iter().map(|owned| owned.key).collect::<Vec<_>>()
    };
    let [one, two] = ["one", "two"].map(|id| record_key(Kind::Session, &key(id)));
    put(&*records, vec![owned("one", &[OWNER, second])]).await;
    put(&*records, vec![owned("two", &[OWNER, second])]).await;
    put(&*records, vec![owned("one", &[OWNER, third])]).await;
    assert_eq!(names(&OWNER).await, [one.clone(), two.clone()]);
    assert_eq!(names(&second).await, std::slice::from_ref(&two));
    assert_eq!(names(&third).await, std::slice::from_ref(&one));

    let batch = Batch { remove_owned_by: vec![third], ..Batch::default() };
    assert_eq!(commit(&*records, batch).await, done(1));
    assert_eq!(names(&OWNER).await, std::slice::from_ref(&two));
    let batch = Batch { remove_owned_by: vec![OWNER, second], ..Batch::default() };
    assert_eq!(commit(&*records, batch).await, done(1), "a root of both is removed once");
    assert_eq!(names(&second).await, []);
}
