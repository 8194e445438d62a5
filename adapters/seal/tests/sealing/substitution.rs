//! Records and cookies that were changed, or put in the place of another.

use super::*;

#[tokio::test]
async fn find_is_unreadable_if_any_byte_changed_or_is_missing() {
    let store = filled(NEW).await;
    let sealed = store.sealed_session().await;
    for index in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[index] ^= 1;
        store.overwrite_session(ONE, changed).await;
        store.unreadable_reason(ONE).await;
    }
    for length in 0..sealed.len() {
        store.overwrite_session(ONE, sealed[..length].to_vec()).await;
        store.unreadable_reason(ONE).await;
    }
}

#[tokio::test]
async fn session_copied_to_another_key_is_unreadable() {
    let store = filled(NEW).await;
    store.overwrite_session(TWO, store.sealed_session().await).await;
    assert_eq!(store.unreadable_reason(TWO).await, "session: it was changed or moved");
    assert!(store.sessions.find(&ONE, NOW).await.unwrap().is_some(), "the original is readable");
}

#[tokio::test]
async fn session_and_attempt_do_not_open_as_each_other() {
    let store = filled(NEW).await;
    let attempt_as_session = SessionKey::from_bytes([3; 32]);
    store.overwrite_session(attempt_as_session, decoded(&store.sealed_attempt())).await;
    let moved = "it was changed or moved";
    assert!(store.unreadable_reason(attempt_as_session).await.ends_with(moved));

    let session = samples::session("contoso", "zofia", NOW);
    let session_as_attempt = SessionKey::from_bytes(*ATTEMPT.as_bytes());
    store.sessions.create(session_as_attempt, &session, vec![]).await.unwrap();
    let sealed = store.sealed(&session_key(session_as_attempt)).await;
    assert!(!store.attempt_opens(&sealed));
}

#[tokio::test]
async fn attempt_opens_only_unchanged_and_under_its_own_key() {
    let store = filled(NEW).await;
    let sealed = decoded(&store.sealed_attempt());
    assert!(store.attempt_opens(&sealed));
    for index in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[index] ^= 1;
        assert!(!store.attempt_opens(&changed), "byte {index}");
        assert!(!store.attempt_opens(&sealed[..index]), "{index} bytes");
    }
    let other = AttemptKey::from_bytes([4; 32]);
    assert_eq!(store.attempts.open(&other, &store.sealed_attempt(), NOW), None);
    let drawn: HashSet<_> = (0..9).map(|_| decoded(&store.sealed_attempt())).collect();
    assert_eq!(drawn.len(), 9);
}

#[tokio::test]
async fn tokens_and_listings_copied_to_another_key_are_unreadable() {
    let store = filled(NEW).await;
    let (hers, listed) = (store.only(Kind::Tokens), store.only(Kind::Listing));
    let [sealed_hers, sealed_listed] = [store.sealed(&hers).await, store.sealed(&listed).await];
    let mut other = samples::session("contoso", "marek", NOW);
    other.accounts[0].subscriptions[0].display_name = "Another".into();
    let brought = vec![(account(), samples::tokens("his"))];
    let another = store_with(Arc::default(), NEW);
    // A first session, so that the ids of tokens differ from those of the first store.
    another.sessions.create(TWO, &other, brought.clone()).await.unwrap();
    another.sessions.create(ONE, &other, brought).await.unwrap();
    let keys: Vec<_> = another.keys(Kind::Tokens);
    let his = keys.into_iter().find(|key| *key != hers).unwrap();
    let put =
        |key: Key, bytes| Put { key, bytes, expires_at: None, owners: vec![], refers: vec![] };
    another.overwrite(put(his, sealed_hers)).await;
    another.overwrite(put(another.only(Kind::Listing), sealed_listed)).await;
    let fresh = store_with(another.records.clone(), NEW);
    let mut unreadable = 0;
    for key in [ONE, TWO] {
        let found = fresh.sessions.find_tokens(&key, &account(), NOW).await;
        unreadable += usize::from(matches!(found, Err(StoreError::Unreadable(_))));
    }
    assert_eq!(unreadable, 1);
    assert_eq!(fresh.unreadable_reason(ONE).await, "listing: it was changed or moved");
}

#[tokio::test]
async fn session_without_its_listing_is_unreadable_and_not_empty() {
    let store = filled(NEW).await;
    let sealed = store.sealed_session().await;
    let tokens = store.only(Kind::Tokens);
    let put = Put {
        key: session_key(ONE),
        bytes: sealed,
        expires_at: None,
        owners: vec![],
        refers: vec![tokens],
    };
    store.overwrite(put).await;
    let fresh = store_with(store.records, NEW);
    let reason = fresh.unreadable_reason(ONE).await;
    assert_eq!(reason, "session: a listing that it refers to is missing");
}
