//! Sessions that an earlier version of Portico wrote.

use super::*;

/// Writes rows directly.
async fn rows(store: &SledRecords, rows: Vec<(Vec<u8>, Vec<u8>)>) {
    let write = move |_: &dyn Rows, changes: &mut Changes| {
        rows.into_iter().for_each(|(key, value)| changes.insert(key, value));
        Ok(())
    };
    store.write(Box::new(write), Wait::Durable).await.unwrap();
}

/// The rows of a session in the earlier layout: its head and the tokens of two accounts, one of which
/// has a further piece.
fn earlier_rows() -> Vec<(Vec<u8>, Vec<u8>)> {
    let head = |format: u8, more: u8, expires_at: Timestamp| {
        let mut head = vec![format, 0, 0, 0, 0, 0, 0, 0, 1, 0, more];
        head.extend(expires_at.unix_seconds().to_be_bytes());
        head
    };
    let join = |parts: &[&[u8]]| parts.concat();
    let (session, owner) = (key(ONE), OWNER.as_bytes());
    let id = session.id();
    let tokens = |account: &[u8]| join(&[b"t", id, account]);
    let piece = join(&[b"c", &tokens(b"two"), &1_u64.to_be_bytes(), &0_u16.to_be_bytes()]);
    vec![
        (session.as_bytes().to_vec(), join(&[&head(2, 0, END), owner, b"sealed"])),
        (join(&[b"e", &END.unix_seconds().to_be_bytes(), session.as_bytes()]), vec![]),
        (join(&[b"p", owner, id]), 7_u64.to_be_bytes().to_vec()),
        (tokens(b"one"), join(&[&head(1, 0, Timestamp::default()), b"sealed"])),
        (tokens(b"two"), join(&[&head(1, 1, Timestamp::default()), b"sealed"])),
        (piece, b"more".to_vec()),
    ]
}

enum Removal {
    Remove,
    Purge,
    GetExpired,
    RemoveOwnedBy,
}

#[rstest]
#[case::by_remove(Removal::Remove)]
#[case::by_purge_expired(Removal::Purge)]
#[case::by_get_after_expiry(Removal::GetExpired)]
#[case::by_remove_owned_by(Removal::RemoveOwnedBy)]
#[tokio::test]
async fn session_of_the_earlier_layout_is_removed_with_all_its_rows(#[case] removal: Removal) {
    let (_folder, store) = store();
    rows(&store, earlier_rows()).await;
    assert_eq!(kinds(&store), "cepstt");
    let owned = store.owned_by(&OWNER).await.unwrap();
    assert_eq!(owned.iter().map(|owned| &owned.key).collect::<Vec<_>>(), [&key(ONE)]);
    assert_eq!(found(&store, ONE).await, Some(b"sealed".to_vec()));
    match removal {
        Removal::Remove => assert!(remove(&store, ONE).await.unwrap()),
        Removal::Purge => assert_eq!(store.purge_expired(END, 10).await.unwrap(), 1),
        Removal::GetExpired => assert_eq!(store.get(&key(ONE), END).await.unwrap(), None),
        Removal::RemoveOwnedBy => {
            let batch = Batch { remove_owned_by: vec![OWNER], ..Batch::default() };
            let removed = store.commit(batch).await.unwrap();
            assert_eq!(removed, Committed::Done { removed: 1 });
        }
    }
    assert_eq!(kinds(&store), "");
}
