//! What the contract cannot see: rows that are left behind, and a store that fails.

use std::io;

use portico_domain::{
    account::AccountId,
    epoch::Epoch,
    identity::PersonKey,
    login::{ATTEMPT_LIFETIME, AttemptKey},
    ports::{
        AttemptRecords, Renewal, SessionRecord, SessionRecords, StoreError, TokenRecords, Version,
        Written,
    },
    session::SessionKey,
    time::Timestamp,
};
use tempfile::TempDir;

use crate::{
    Options, SledRecords, layout,
    rows::{About, RowError},
};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);
const END: Timestamp = Timestamp::from_unix_seconds(9_000);
const ONE: SessionKey = SessionKey::from_bytes([1; 32]);
const TWO: SessionKey = SessionKey::from_bytes([2; 32]);
const PERSON: PersonKey = PersonKey::from_bytes([3; 32]);
const ATTEMPT: AttemptKey = AttemptKey::from_bytes([4; 32]);

fn store() -> (TempDir, SledRecords) {
    let folder = tempfile::tempdir().unwrap();
    let store = SledRecords::open(folder.path(), Options::default()).unwrap();
    (folder, store)
}

fn record(size: usize) -> SessionRecord {
    // Bytes that differ, so that pieces in a wrong order are noticed.
    let sealed = (0..size).map(|index| (index / 7) as u8).collect();
    SessionRecord { person: PERSON, expires_at: END, sealed }
}

fn tokens(account: &str, size: usize) -> TokenRecords {
    vec![(AccountId::from_text(account), vec![9; size])]
}

/// The first byte of every key there is.
fn kinds(store: &SledRecords) -> String {
    let keys = store.rows.keys_with(b"").map(|key| char::from(key.unwrap()[0]));
    keys.filter(|kind| *kind != char::from(crate::layout::LEDGER)).collect()
}

async fn found(store: &SledRecords, key: &SessionKey) -> Option<Vec<u8>> {
    store.find(key, NOW).await.unwrap().map(|stored| stored.value)
}

#[tokio::test]
async fn a_session_of_600_kb_leaves_no_piece_behind_when_a_smaller_one_replaces_it() {
    let (_folder, store) = store();
    SessionRecords::insert(&store, ONE, record(600_000), tokens("a", 100)).await.unwrap();
    assert_eq!(found(&store, &ONE).await, Some(record(600_000).sealed));
    assert_eq!(kinds(&store).matches('c').count(), 100);

    let written = store.replace(&ONE, Version(1), record(6_100), vec![]).await.unwrap();
    assert_eq!(written, Written::Done);
    assert_eq!(found(&store, &ONE).await, Some(record(6_100).sealed));
    assert_eq!(kinds(&store), "cepst");

    let written = store.replace(&ONE, Version(2), record(100), vec![]).await.unwrap();
    assert_eq!(written, Written::Done);
    assert_eq!(kinds(&store), "epst");
}

#[tokio::test]
async fn records_of_every_length_about_the_bounds_of_a_piece_come_back() {
    let (_folder, store) = store();
    let (head, piece) = (crate::layout::Head::MAX_LEN, crate::layout::PIECE);
    let bounds = [0, 1, piece - head, piece, 2 * piece - head, 3 * piece - head];
    for size in bounds.into_iter().flat_map(|bound| [bound.saturating_sub(1), bound, bound + 1]) {
        SessionRecords::insert(&store, ONE, record(size), vec![]).await.unwrap();
        assert_eq!(found(&store, &ONE).await, Some(record(size).sealed), "{size}");
    }
    assert!(store.remove(&ONE).await.unwrap());
    assert_eq!(kinds(&store), "");
}

#[tokio::test]
async fn nothing_is_left_of_large_records_that_are_moved_replaced_and_removed() {
    let (_folder, store) = store();
    let mut first = tokens("kept", 20_000);
    first.extend(tokens("replaced", 20_000));
    SessionRecords::insert(&store, ONE, record(20_000), first).await.unwrap();
    let renewal = Renewal { expected: Version(1), to: TWO, record: record(20_000) };
    let moved = store.rotate(&ONE, renewal, tokens("replaced", 10)).await.unwrap();
    assert_eq!(moved, Written::Done);
    let kept = store.find_tokens(&TWO, &AccountId::from_text("kept")).await.unwrap();
    assert_eq!(kept, Some(vec![9; 20_000]));
    // Three further pieces of the session, three of the tokens that were kept.
    assert_eq!(kinds(&store), "ccccccepstt");
    let written = store.replace(&TWO, Version(2), record(10), tokens("kept", 10)).await.unwrap();
    assert_eq!(written, Written::Done);
    assert_eq!(kinds(&store), "epstt");
    assert_eq!(store.remove_all_of(&PERSON).await.unwrap(), 1);
    assert_eq!(kinds(&store), "");
}

#[tokio::test]
async fn only_spent_attempts_are_kept_until_their_epoch_is_two_back() {
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

#[tokio::test]
async fn attempts_of_an_earlier_layout_are_forgotten_when_they_expire() {
    let (_folder, store) = store();
    let row = [b"a", ATTEMPT.as_bytes().as_slice()].concat();
    let write = store.writer.run(move |_, changes| {
        changes.mark(layout::expiry(END, &row));
        changes.write(row, About { generation: 1, expires_at: END, person: None }, &[1; 20_000])
    });
    write.await.unwrap();
    assert!(kinds(&store).ends_with('e'));
    assert_eq!(store.purge_expired(END, 10).await.unwrap(), 1);
    assert_eq!(kinds(&store), "");
}

#[tokio::test]
async fn a_record_with_a_piece_missing_cannot_be_read_but_removed() {
    let (_folder, store) = store();
    SessionRecords::insert(&store, ONE, record(20_000), vec![]).await.unwrap();
    let lose = store.writer.run(|rows, changes| {
        let piece = rows.keys_with(b"c").next().unwrap()?;
        changes.remove(piece);
        Ok(())
    });
    lose.await.unwrap();
    let error = store.find(&ONE, NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreadable(_)), "{error:?}");
    store.check().await.unwrap();
    assert!(store.remove(&ONE).await.unwrap());
    assert_eq!(kinds(&store), "");
}

#[tokio::test]
async fn a_record_that_is_too_large_is_refused_and_changes_nothing() {
    let (_folder, store) = store();
    SessionRecords::insert(&store, ONE, record(10), vec![]).await.unwrap();
    let huge = SessionRecord { sealed: vec![0; 6_000 * 65_537], ..record(0) };
    let error = store.replace(&ONE, Version(1), huge, vec![]).await.unwrap_err();
    assert!(error.to_string().contains("too large"), "{error}");
    assert_eq!(found(&store, &ONE).await, Some(record(10).sealed));
    store.check().await.unwrap();
}

/// Everything fails from then on, and whoever watches the store is told.
async fn assert_failed(store: &SledRecords, reason: &str) {
    assert!(store.failed().await.contains(reason));
    let errors = [
        store.check().await.unwrap_err(),
        store.find(&ONE, NOW).await.unwrap_err(),
        store.find_tokens(&ONE, &AccountId::from_text("a")).await.unwrap_err(),
        SessionRecords::insert(store, TWO, record(10), vec![]).await.unwrap_err(),
        store.spend(&ATTEMPT, Epoch::from_number(1)).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(&error, StoreError::Unavailable(why) if why.contains(reason)), "{error}");
    }
}

#[tokio::test]
async fn an_error_while_writing_ends_the_store_for_everybody() {
    let (_folder, store) = store();
    SessionRecords::insert(&store, ONE, record(10), vec![]).await.unwrap();
    let fail = store.writer.run(|_, _| -> Result<(), RowError> {
        Err(RowError::Sled(sled::Error::Io(io::Error::other("the disk is full"))))
    });
    assert!(matches!(fail.await, Err(StoreError::Unavailable(_))));
    assert_failed(&store, "the disk is full").await;
}

#[tokio::test]
async fn a_panic_while_writing_ends_the_store_for_everybody() {
    let (_folder, store) = store();
    let panic = store.writer.run(|_, _| -> Result<(), RowError> { panic!("in the writer") });
    assert!(matches!(panic.await, Err(StoreError::Unavailable(_))));
    assert_failed(&store, "panicked").await;
}

#[tokio::test]
async fn what_waits_when_a_store_fails_is_not_acknowledged() {
    let (_folder, store) = store();
    let panic = store.writer.run(|_, _| -> Result<(), RowError> { panic!("in the writer") });
    let insert = SessionRecords::insert(&store, ONE, record(10), vec![]);
    let (panicked, inserted) = tokio::join!(panic, insert);
    assert!(panicked.is_err());
    assert!(inserted.is_err());
}

#[tokio::test]
async fn a_store_that_is_dropped_has_written_what_was_waiting() {
    let (folder, store) = store();
    {
        let insert = SessionRecords::insert(&store, ONE, record(10), vec![]);
        // Polled once, so that it is in the queue, and then forgotten.
        let mut insert = std::pin::pin!(insert);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let _ = insert.as_mut().poll(&mut context);
    }
    drop(store);
    let store = SledRecords::open(folder.path(), Options::default()).unwrap();
    assert_eq!(found(&store, &ONE).await, Some(record(10).sealed));
}

/// As if the disk had only half of what it keeps free.
fn on_a_disk_that_is_short(folder: &TempDir) -> SledRecords {
    let disk = rustix::fs::statvfs(folder.path()).unwrap();
    let free = disk.f_bavail * disk.f_frsize;
    SledRecords::open(folder.path(), Options { reserve: free * 2, ..Options::default() }).unwrap()
}

fn assert_no_room<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    let reason = result.unwrap_err().to_string();
    assert!(reason.contains("its disk has ") && reason.contains(" MiB left"), "{reason}");
}

#[tokio::test]
async fn a_disk_that_is_short_takes_nothing_more_and_gives_what_it_has() {
    let (folder, store) = store();
    SessionRecords::insert(&store, ONE, record(20_000), tokens("a", 10)).await.unwrap();
    let epoch = store.epoch(NOW).await.unwrap();
    assert!(store.spend(&ATTEMPT, epoch).await.unwrap());
    drop(store);

    let store = on_a_disk_that_is_short(&folder);
    assert_no_room(SessionRecords::insert(&store, TWO, record(10), tokens("a", 10)).await);
    assert_no_room(store.replace(&ONE, Version(1), record(10), vec![]).await);
    let renewal = Renewal { expected: Version(1), to: TWO, record: record(10) };
    assert_no_room(store.rotate(&ONE, renewal, vec![]).await);
    let other = AttemptKey::from_bytes([9; 32]);
    assert_no_room(store.spend(&other, epoch).await);
    // The epoch goes on where the next cannot be written.
    assert_eq!(store.epoch(NOW.plus(ATTEMPT_LIFETIME)).await.unwrap(), epoch);
    assert!(!store.spend(&ATTEMPT, epoch).await.unwrap());

    assert_eq!(found(&store, &ONE).await, Some(record(20_000).sealed));
    assert_eq!(found(&store, &TWO).await, None);
    let kept = store.find_tokens(&ONE, &AccountId::from_text("a")).await.unwrap();
    assert_eq!(kept, Some(vec![9; 10]));
    store.check().await.unwrap();
    // What makes room is done.
    assert!(store.remove(&ONE).await.unwrap());
    assert_eq!(kinds(&store), "nx");
}

#[tokio::test]
async fn a_disk_that_is_full_is_not_written_at_all() {
    let (folder, store) = store();
    SessionRecords::insert(&store, ONE, record(10), vec![]).await.unwrap();
    drop(store);
    let options = Options { reserve: u64::MAX, ..Options::default() };
    let store = SledRecords::open(folder.path(), options).unwrap();
    assert_no_room(store.remove(&ONE).await);
    assert_eq!(found(&store, &ONE).await, Some(record(10).sealed));
    // Nothing to remove is nothing to write.
    assert!(!store.remove(&TWO).await.unwrap());
    store.check().await.unwrap();
}
