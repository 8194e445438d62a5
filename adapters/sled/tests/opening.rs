//! Opening a store, and what makes it fail.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use portico_domain::{ports::StoreError, time::Timestamp};
use portico_records::{Batch, Committed, Key, Kind, Owner, Put, Records};
use portico_sled::{OpenError, Options, SledRecords, set_aside};
use tempfile::TempDir;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

fn folder() -> (TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("store");
    (parent, dir)
}

fn open(dir: &Path) -> Result<SledRecords, OpenError> {
    SledRecords::open(dir, Options::default())
}

fn key(number: u8) -> Key {
    Key::new(Kind::Session, &[number; 32])
}

fn root(number: u8) -> Put {
    Put {
        key: key(number),
        bytes: vec![number; 1_000],
        expires_at: Some(Timestamp::from_unix_seconds(9_000)),
        owners: vec![Owner::from_bytes([1; 32])],
        refers: vec![],
    }
}

async fn insert(store: &SledRecords, put: Put) -> Result<Committed, StoreError> {
    store.commit(Batch { put: vec![put], ..Batch::default() }).await
}

/// Returns whether the record existed.
async fn remove(store: &SledRecords, number: u8) -> Result<bool, StoreError> {
    let remove = vec![key(number)];
    let removed = store.commit(Batch { remove, ..Batch::default() }).await?;
    Ok(removed == Committed::Done { removed: 1 })
}

/// A closed store with fifty sessions.
async fn filled(dir: &Path) {
    let store = open(dir).unwrap();
    for number in 0..50 {
        let _ = insert(&store, root(number)).await.unwrap();
    }
}

async fn count(store: &SledRecords) -> usize {
    let mut found = 0;
    for number in 0..50 {
        found += usize::from(store.get(&key(number), NOW).await.unwrap().is_some());
    }
    found
}

#[test]
fn open_creates_folders_with_mode_700() {
    let (_parent, dir) = folder();
    drop(open(&dir.join("deeper")).unwrap());
    for made in [dir.clone(), dir.join("deeper")] {
        assert_eq!(fs::metadata(made).unwrap().mode() & 0o777, 0o700);
    }
}

#[test]
fn open_fails_with_in_use_while_the_store_is_open() {
    let (_parent, dir) = folder();
    let first = open(&dir).unwrap();
    let error = open(&dir).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }));
    let expected = format!("the store in {} is in use by another Portico", dir.display());
    assert_eq!(error.to_string(), expected);
    drop(first);
    open(&dir).unwrap();
}

/// Sled's threads end shortly after the store is dropped.
#[tokio::test]
async fn open_succeeds_immediately_after_close() {
    let (_parent, dir) = folder();
    filled(&dir).await;
    for number in 0..50 {
        let store = open(&dir).unwrap();
        assert!(remove(&store, number).await.unwrap());
    }
}

#[test]
fn open_fails_with_folder_and_not_damaged_if_dir_is_a_file() {
    let (_parent, dir) = folder();
    fs::write(&dir, "a file is in the way").unwrap();
    let error = open(&dir).unwrap_err();
    assert!(matches!(error, OpenError::Folder { .. }), "{error:?}");
    assert!(error.to_string().contains(&*dir.to_string_lossy()));
}

#[tokio::test]
async fn open_removes_an_incomplete_snapshot_and_keeps_all_records() {
    let (_parent, dir) = folder();
    filled(&dir).await;
    // Sorts after every complete snapshot, as sled's own names do.
    let torn = dir.join("snap.00FFFFFFFFFFFFFF.generating");
    fs::write(&torn, "torn").unwrap();
    let store = open(&dir).unwrap();
    assert_eq!(count(&store).await, 50);
    assert!(!torn.exists());
}

#[tokio::test]
async fn damaged_store_fails_to_open_and_set_aside_keeps_all_its_files() {
    let (parent, dir) = folder();
    filled(&dir).await;
    drop(open(&dir).unwrap());
    let snapshot = snapshot(&dir);
    fs::write(&snapshot, "nonsense that is no snapshot").unwrap();

    let error = open(&dir).unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains(&*dir.to_string_lossy()), "{error}");

    let before = names(&dir);
    let aside = set_aside(&dir, NOW).unwrap();
    assert_eq!(aside, parent.path().canonicalize().unwrap().join("store.damaged-1000"));
    assert_eq!(names(&aside), before);
    assert!(!dir.exists());

    let store = open(&dir).unwrap();
    assert_eq!(count(&store).await, 0);
}

#[tokio::test]
async fn set_aside_twice_in_one_second_gives_different_names() {
    let (parent, dir) = folder();
    for _ in 0..2 {
        fs::create_dir(&dir).unwrap();
        set_aside(&dir, NOW).unwrap();
    }
    assert_eq!(names(parent.path()), ["store.damaged-1000", "store.damaged-1001"]);
}

#[test]
fn set_aside_fails_with_in_use_while_the_store_is_open() {
    let (_parent, dir) = folder();
    let _open = open(&dir).unwrap();
    assert!(matches!(set_aside(&dir, NOW), Err(OpenError::InUse { .. })));
    assert!(dir.exists());
}

#[tokio::test]
async fn overwritten_data_file_opens_with_all_records_or_fails_with_damaged() {
    let (parent, dir) = folder();
    filled(&dir).await;
    let whole = fs::read(dir.join("db")).unwrap();
    for (case, start) in [0, 8, 20, 50, 1_000, 30_000, whole.len() / 2].into_iter().enumerate() {
        let copy = parent.path().join(format!("copy-{case}"));
        fs::create_dir(&copy).unwrap();
        for file in ["conf", "portico.mark"] {
            fs::copy(dir.join(file), copy.join(file)).unwrap();
        }
        let mut broken = whole.clone();
        let end = (start + 64).min(broken.len());
        broken[start..end].fill(0xA5);
        fs::write(copy.join("db"), broken).unwrap();
        match open(&copy) {
            Ok(store) => assert_eq!(count(&store).await, 50),
            Err(OpenError::Damaged { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn open_fails_with_folder_if_dir_is_not_writable() {
    let (_parent, dir) = folder();
    fs::create_dir(&dir).unwrap();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o500)).unwrap();
    match open(&dir) {
        Err(error) => assert!(matches!(error, OpenError::Folder { .. }), "{error:?}"),
        // The tests run as root, who may write anywhere.
        Ok(_) => assert_eq!(fs::metadata(&dir).unwrap().uid(), 0),
    }
}

/// A restart would not find the writes.
#[tokio::test]
async fn operations_fail_while_the_folder_is_renamed_and_succeed_once_it_is_back() {
    let (parent, dir) = folder();
    filled(&dir).await;
    let store = open(&dir).unwrap();
    assert!(remove(&store, 0).await.unwrap());
    let elsewhere = parent.path().join("elsewhere");
    fs::rename(&dir, &elsewhere).unwrap();
    let error = remove(&store, 1).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(error.to_string().contains(&*dir.to_string_lossy()), "{error}");
    assert!(store.check().await.is_err());
    assert!(store.get(&key(2), NOW).await.is_err());

    fs::create_dir(&dir).unwrap();
    let error = remove(&store, 2).await.unwrap_err();
    assert!(error.to_string().contains("another file or folder is at"), "{error}");
    fs::remove_dir(&dir).unwrap();
    fs::rename(&elsewhere, &dir).unwrap();
    store.check().await.unwrap();
    assert!(remove(&store, 2).await.unwrap());
}

fn snapshot(dir: &Path) -> PathBuf {
    let name = names(dir).into_iter().find(|name| name.starts_with("snap.")).unwrap();
    dir.join(name)
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
