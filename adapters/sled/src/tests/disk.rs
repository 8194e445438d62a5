//! Disks that are short or full.

use super::*;

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
    let tokens = dependent(Kind::Tokens, 1, 10);
    insert(&store, vec![tokens.clone(), root(ONE, 20_000, &[&tokens])]).await;
    let epoch = store.epoch(NOW).await.unwrap();
    assert!(store.spend(&ATTEMPT, epoch).await.unwrap());
    drop(store);

    let store = on_a_disk_that_is_short(&folder);
    assert_no_room(write(&store, vec![root(TWO, 10, &[])]).await);
    assert_no_room(write(&store, vec![root(ONE, 10, &[&tokens])]).await);
    let moved =
        Batch { remove: vec![key(ONE)], put: vec![root(TWO, 10, &[&tokens])], ..Batch::default() };
    assert_no_room(store.commit(moved).await);
    let other = AttemptKey::from_bytes([9; 32]);
    assert_no_room(store.spend(&other, epoch).await);
    // The epoch goes on where the next cannot be written.
    assert_eq!(store.epoch(NOW.plus(ATTEMPT_LIFETIME)).await.unwrap(), epoch);
    assert!(!store.spend(&ATTEMPT, epoch).await.unwrap());

    assert_eq!(found(&store, ONE).await, Some(bytes(20_000)));
    assert_eq!(found(&store, TWO).await, None);
    let kept: Option<Version> = store.version(&tokens.key, NOW).await.unwrap();
    assert!(kept.is_some());
    Records::check(&store).await.unwrap();
    // What makes room is done.
    assert!(remove(&store, ONE).await.unwrap());
    assert_eq!(kinds(&store), "nx");
}

#[tokio::test]
async fn a_disk_that_is_full_is_not_written_at_all() {
    let (folder, store) = store();
    insert(&store, vec![root(ONE, 10, &[])]).await;
    drop(store);
    let options = Options { reserve: u64::MAX, ..Options::default() };
    let store = SledRecords::open(folder.path(), options).unwrap();
    assert_no_room(remove(&store, ONE).await);
    assert_eq!(found(&store, ONE).await, Some(bytes(10)));
    // Nothing to remove is nothing to write.
    assert!(!remove(&store, TWO).await.unwrap());
    Records::check(&store).await.unwrap();
}
