//! Behaviour that the contract does not cover: leftover rows, and a store that fails.

mod disk;
mod earlier_layout;
mod failures;

use std::io;

use portico_domain::{
    epoch::Epoch,
    login::{ATTEMPT_LIFETIME, AttemptKey},
    ports::{StoreError, Version},
    time::Timestamp,
};
use portico_records::{
    AttemptRecords, Batch, Changes, Committed, Key, Kind, OrderedStore, Owner, Put, Records,
    RowError, Rows, Wait, prefix_end,
};
use rstest::rstest;
use tempfile::TempDir;

use crate::{ledger, opening::Options, rows::MAX_VALUE, store::SledRecords};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);
const END: Timestamp = Timestamp::from_unix_seconds(9_000);
const OWNER: Owner = Owner::from_bytes([3; 32]);
const ATTEMPT: AttemptKey = AttemptKey::from_bytes([4; 32]);
const ONE: u8 = 1;
const TWO: u8 = 2;

fn store() -> (TempDir, SledRecords) {
    let folder = tempfile::tempdir().unwrap();
    let store = SledRecords::open(folder.path(), Options::default()).unwrap();
    (folder, store)
}

fn bytes(size: usize) -> Vec<u8> {
    // Differing bytes reveal pieces in a wrong order.
    (0..size).map(|index| (index / 7) as u8).collect()
}

fn key(id: u8) -> Key {
    Key::new(Kind::Session, &[id; 32])
}

/// The head of a session that refers to these.
fn root(id: u8, size: usize, refers: &[&Put]) -> Put {
    Put {
        key: key(id),
        bytes: bytes(size),
        expires_at: Some(END),
        owners: vec![OWNER],
        refers: refers.iter().map(|put| put.key.clone()).collect(),
    }
}

fn dependent(kind: Kind, id: u8, size: usize) -> Put {
    let key = Key::new(kind, &[id; 16]);
    Put { key, bytes: vec![9; size], expires_at: None, owners: vec![], refers: vec![] }
}

async fn write(store: &SledRecords, put: Vec<Put>) -> Result<Committed, StoreError> {
    store.commit(Batch { put, ..Batch::default() }).await
}

async fn insert(store: &SledRecords, put: Vec<Put>) {
    assert_eq!(write(store, put).await.unwrap(), Committed::Done { removed: 0 });
}

/// Returns whether the record existed.
async fn remove(store: &SledRecords, id: u8) -> Result<bool, StoreError> {
    let remove = vec![key(id)];
    let removed = store.commit(Batch { remove, ..Batch::default() }).await?;
    Ok(removed == Committed::Done { removed: 1 })
}

/// The first bytes of all keys.
fn kinds(store: &SledRecords) -> String {
    let keys = store.rows.keys(vec![]..vec![u8::MAX]).map(|key| char::from(key.unwrap()[0]));
    keys.filter(|kind| *kind != char::from(ledger::ROW)).collect()
}

async fn found(store: &SledRecords, id: u8) -> Option<Vec<u8>> {
    store.get(&key(id), NOW).await.unwrap().map(|stored| stored.value)
}

#[tokio::test]
async fn overwriting_a_large_record_removes_its_excess_pieces() {
    let (_folder, store) = store();
    for (size, left) in [(600_000, 100), (6_100, 1), (100, 0)] {
        insert(&store, vec![root(ONE, size, &[])]).await;
        assert_eq!(found(&store, ONE).await, Some(bytes(size)));
        assert_eq!(kinds(&store), "c".repeat(left) + "eps");
    }
}

#[tokio::test]
async fn get_returns_records_of_every_length_around_the_piece_bounds() {
    let (_folder, store) = store();
    for bound in [0, 1, MAX_VALUE, 2 * MAX_VALUE, 3 * MAX_VALUE] {
        // The head of the row takes some 60 bytes.
        for size in bound.saturating_sub(70)..=bound + 1 {
            insert(&store, vec![root(ONE, size, &[])]).await;
            assert_eq!(found(&store, ONE).await, Some(bytes(size)), "{size}");
        }
    }
    assert!(remove(&store, ONE).await.unwrap());
    assert_eq!(kinds(&store), "");
}

#[tokio::test]
async fn moving_replacing_and_removing_large_records_leaves_no_rows() {
    let (_folder, store) = store();
    let kept = dependent(Kind::Tokens, 1, 20_000);
    let replaced = dependent(Kind::Tokens, 2, 20_000);
    let listing = dependent(Kind::Listing, 3, 20_000);
    let all = [&kept, &replaced, &listing];
    let mut first: Vec<_> = all.iter().map(|put| (*put).clone()).collect();
    first.push(root(ONE, 20_000, &all));
    insert(&store, first).await;
    assert_eq!(kinds(&store), format!("b{}ekklps", "c".repeat(12)));

    let renewed = dependent(Kind::Tokens, 2, 10);
    let moved = Batch {
        remove: vec![key(ONE)],
        put: vec![renewed, root(TWO, 20_000, &[&kept, &replaced])],
        ..Batch::default()
    };
    assert_eq!(store.commit(moved).await.unwrap(), Committed::Done { removed: 1 });
    let found = store.get(&kept.key, NOW).await.unwrap().unwrap();
    assert_eq!(found.value, kept.bytes);
    // Three further pieces of the session and three of the kept tokens.
    assert_eq!(kinds(&store), "ccccccekkps");
    insert(&store, vec![dependent(Kind::Tokens, 1, 10), root(TWO, 10, &[&kept, &replaced])]).await;
    assert_eq!(kinds(&store), "ekkps");
    let everything = Batch { remove_owned_by: vec![OWNER], ..Batch::default() };
    assert_eq!(store.commit(everything).await.unwrap(), Committed::Done { removed: 1 });
    assert_eq!(kinds(&store), "");
}

#[tokio::test]
async fn shared_listing_is_one_record_and_is_removed_with_its_last_session() {
    let (_folder, store) = store();
    let listing = dependent(Kind::Listing, 3, 20_000);
    insert(&store, vec![listing.clone(), root(0, 10, &[&listing])]).await;
    for id in 1..20 {
        insert(&store, vec![root(id, 10, &[&listing])]).await;
    }
    assert_eq!(kinds(&store).matches(['c', 'l']).count(), 4);
    assert_eq!(kinds(&store).matches('b').count(), 20);
    for id in 0..19 {
        assert!(remove(&store, id).await.unwrap());
    }
    assert_eq!(kinds(&store), "bcccelps");
    assert_eq!(store.purge_expired(END, 10).await.unwrap(), 1);
    assert_eq!(kinds(&store), "");
}

#[tokio::test]
async fn spent_attempts_are_purged_after_two_epochs() {
    let (_folder, store) = store();
    let epoch = store.epoch(NOW).await.unwrap();
    assert_eq!(kinds(&store), "n");
    for first in [true, false] {
        assert_eq!(store.spend(&ATTEMPT, epoch).await.unwrap(), first);
        assert_eq!(kinds(&store), "nx");
    }
    let mut now = NOW;
    for left in ["nx", "n"] {
        now = now.plus(ATTEMPT_LIFETIME);
        store.epoch(now).await.unwrap();
        store.purge_expired(now, 10).await.unwrap();
        assert_eq!(kinds(&store), left);
    }
    assert!(!store.spend(&ATTEMPT, epoch).await.unwrap());
}
