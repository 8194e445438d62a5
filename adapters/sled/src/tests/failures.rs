//! Records that cannot be read or written, and operations after the store has failed.

use super::*;

#[tokio::test]
async fn record_with_a_missing_piece_is_unreadable_and_removable() {
    let (_folder, store) = store();
    insert(&store, vec![root(ONE, 20_000, &[])]).await;
    let lose = |rows: &dyn Rows, changes: &mut Changes| {
        let piece = rows.keys(b"c".to_vec()..prefix_end(b"c")).next().unwrap()?;
        changes.remove(piece);
        Ok(())
    };
    store.write(Box::new(lose), Wait::Durable).await.unwrap();
    let error = store.get(&key(ONE), NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreadable(_)), "{error:?}");
    Records::check(&store).await.unwrap();
    assert!(remove(&store, ONE).await.unwrap());
    assert_eq!(kinds(&store), "");
}

#[tokio::test]
async fn commit_refuses_a_too_large_record_and_changes_nothing() {
    let (_folder, store) = store();
    insert(&store, vec![root(ONE, 10, &[])]).await;
    let huge = Put { bytes: vec![0; MAX_VALUE * 65_537], ..root(ONE, 0, &[]) };
    let error = write(&store, vec![huge]).await.unwrap_err();
    assert!(error.to_string().contains("too large"), "{error}");
    assert_eq!(found(&store, ONE).await, Some(bytes(10)));
    Records::check(&store).await.unwrap();
}

/// Every operation fails, and `failed` resolves.
async fn assert_failed(store: &SledRecords, reason: &str) {
    assert!(store.failed().await.contains(reason));
    let errors = [
        Records::check(store).await.unwrap_err(),
        store.get(&key(ONE), NOW).await.unwrap_err(),
        store.version(&key(ONE), NOW).await.unwrap_err(),
        store.owned_by(&OWNER).await.unwrap_err(),
        write(store, vec![root(TWO, 10, &[])]).await.unwrap_err(),
        store.spend(&ATTEMPT, Epoch::from_number(1)).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(&error, StoreError::Unavailable(why) if why.contains(reason)), "{error}");
    }
}

#[tokio::test]
async fn every_operation_fails_after_a_write_error() {
    let (_folder, store) = store();
    insert(&store, vec![root(ONE, 10, &[])]).await;
    let fail = |_: &dyn Rows, _: &mut Changes| {
        Err(RowError::Failed(io::Error::other("the disk is full").into()))
    };
    let failed = store.write(Box::new(fail), Wait::Durable).await;
    assert!(matches!(failed, Err(StoreError::Unavailable(_))));
    assert_failed(&store, "the disk is full").await;
}

fn panic_in_the_writer(_: &dyn Rows, _: &mut Changes) -> Result<(), RowError> {
    panic!("in the writer")
}

#[tokio::test]
async fn every_operation_fails_after_a_panic_of_the_writer() {
    let (_folder, store) = store();
    let panicked = store.write(Box::new(panic_in_the_writer), Wait::Durable).await;
    assert!(matches!(panicked, Err(StoreError::Unavailable(_))));
    assert_failed(&store, "panicked").await;
}

#[tokio::test]
async fn operations_queued_when_the_store_fails_return_errors() {
    let (_folder, store) = store();
    let panic = store.write(Box::new(panic_in_the_writer), Wait::Durable);
    let insert = write(&store, vec![root(ONE, 10, &[])]);
    let (panicked, inserted) = tokio::join!(panic, insert);
    assert!(panicked.is_err());
    assert!(inserted.is_err());
}

#[tokio::test]
async fn drop_writes_queued_operations() {
    let (folder, store) = store();
    {
        // Polled once, which queues it, and then dropped.
        let mut insert = std::pin::pin!(write(&store, vec![root(ONE, 10, &[])]));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let _ = insert.as_mut().poll(&mut context);
    }
    drop(store);
    let store = SledRecords::open(folder.path(), Options::default()).unwrap();
    assert_eq!(found(&store, ONE).await, Some(bytes(10)));
}
