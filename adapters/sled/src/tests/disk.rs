//! Disks with less space than the reserve.

use super::*;

/// Opens the store with a reserve of twice the free space.
fn open_with_half_the_reserve(folder: &TempDir) -> SledRecords {
    let disk = rustix::fs::statvfs(folder.path()).unwrap();
    let free = disk.f_bavail * disk.f_frsize;
    SledRecords::open(folder.path(), Options { reserve: free * 2, ..Options::default() }).unwrap()
}

fn assert_refused<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    let reason = result.unwrap_err().to_string();
    assert!(reason.contains("its disk has ") && reason.contains(" MiB left"), "{reason}");
}

#[tokio::test]
async fn half_the_reserve_refuses_writes_and_allows_reads_and_removals() {
    let (folder, store) = store();
    let tokens = dependent(Kind::Tokens, 1, 10);
    insert(&store, vec![tokens.clone(), root(ONE, 20_000, &[&tokens])]).await;
    let epoch = store.epoch(NOW).await.unwrap();
    assert!(store.spend(&ATTEMPT, epoch).await.unwrap());
    drop(store);

    let store = open_with_half_the_reserve(&folder);
    assert_refused(write(&store, vec![root(TWO, 10, &[])]).await);
    assert_refused(write(&store, vec![root(ONE, 10, &[&tokens])]).await);
    let moved =
        Batch { remove: vec![key(ONE)], put: vec![root(TWO, 10, &[&tokens])], ..Batch::default() };
    assert_refused(store.commit(moved).await);
    let other = AttemptKey::from_bytes([9; 32]);
    assert_refused(store.spend(&other, epoch).await);
    // The epoch stays current if the next cannot be written.
    assert_eq!(store.epoch(NOW.plus(ATTEMPT_LIFETIME)).await.unwrap(), epoch);
    assert!(!store.spend(&ATTEMPT, epoch).await.unwrap());

    assert_eq!(found(&store, ONE).await, Some(bytes(20_000)));
    assert_eq!(found(&store, TWO).await, None);
    let kept: Option<Version> = store.version(&tokens.key, NOW).await.unwrap();
    assert!(kept.is_some());
    Records::check(&store).await.unwrap();
    // Removals are allowed.
    assert!(remove(&store, ONE).await.unwrap());
    assert_eq!(kinds(&store), "nx");
}

#[tokio::test]
async fn less_than_a_quarter_of_the_reserve_refuses_removals_too() {
    let (folder, store) = store();
    insert(&store, vec![root(ONE, 10, &[])]).await;
    drop(store);
    let options = Options { reserve: u64::MAX, ..Options::default() };
    let store = SledRecords::open(folder.path(), options).unwrap();
    assert_refused(remove(&store, ONE).await);
    assert_eq!(found(&store, ONE).await, Some(bytes(10)));
    // Removing an absent record writes nothing.
    assert!(!remove(&store, TWO).await.unwrap());
    Records::check(&store).await.unwrap();
}
