//! Records that another key than the first of the ring has sealed, or one that is not in it.

use std::{future::poll_fn, task::Poll};

use portico_domain::sign_in::SignInKey;
use rstest::rstest;

use super::*;

#[tokio::test]
async fn records_of_former_key_open_after_rotation_and_new_writes_need_only_the_new_key() {
    let store = filled(OLD).await;
    let rotated = store_with(store.records.clone(), &format!("{NEW},{OLD}"));
    let found = rotated.sessions.find(&ONE, NOW).await.unwrap().unwrap();
    assert_eq!(found.value, samples::session("contoso", "zofia", NOW));
    let tokens = rotated.sessions.tokens_of(&ONE, &account()).await.unwrap();
    assert_eq!(tokens, Some(samples::tokens("hers")));
    let of_old = store_with(Arc::default(), OLD).sealed_attempt();
    assert!(rotated.attempts.open(&ATTEMPT, &of_old, NOW).is_some());

    // A write seals with the new key.
    let written = rotated.sessions.replace(&ONE, found.version, &found.value, vec![]).await;
    assert_eq!(written.unwrap(), Written::Done);
    let without_old = store_with(rotated.records.clone(), NEW);
    assert!(without_old.sessions.find(&ONE, NOW).await.unwrap().is_some());
    assert_eq!(without_old.attempts.open(&ATTEMPT, &of_old, NOW), None);
    assert!(without_old.attempts.open(&ATTEMPT, &rotated.sealed_attempt(), NOW).is_some());
}

/// So that a login whose key was removed is restarted, and one with an invented cookie is not.
#[test]
fn attempt_of_a_removed_key_is_told_from_one_of_the_ring_and_from_an_invented_one() {
    let of_old = store_with(Arc::default(), OLD).sealed_attempt();
    let has_unknown_key = |ring: &str, sealed: &SealedAttempt| {
        store_with(Arc::default(), ring).attempts.is_sealed_with_unknown_key(sealed)
    };
    assert!(has_unknown_key(NEW, &of_old));
    let rotated = format!("{NEW},{OLD}");
    for ring in [OLD, &rotated] {
        assert!(!has_unknown_key(ring, &of_old), "{ring}");
    }
    let cut = BASE64_URL_SAFE_NO_PAD.encode(&decoded(&of_old)[..28]);
    for invented in ["", "!", "invented", &cut] {
        assert!(!has_unknown_key(NEW, &SealedAttempt::new(invented)), "{invented}");
    }
}

/// An unkeyed hash could be compared with those of a list of persons.
#[tokio::test]
async fn names_of_persons_and_listings_depend_on_the_key() {
    let store = filled(NEW).await;
    let owner = Owner::from_bytes(*samples::person("contoso", "zofia").as_bytes());
    assert_eq!(store.records.owned_by(&owner).await.unwrap(), []);
    // One listing has different names under different keys.
    let other = filled(OLD).await;
    assert_ne!(store.only(Kind::Listing), other.only(Kind::Listing));
    assert_eq!(store.only(Kind::Listing), filled(NEW).await.only(Kind::Listing));
    // Another key does not find the person's sessions.
    let other = store_with(store.records, OLD);
    let zofia = samples::person("contoso", "zofia");
    assert_eq!(other.sessions.remove_all_of(&zofia).await.unwrap(), 0);
}

#[tokio::test]
async fn remove_all_of_removes_sessions_named_by_any_key_of_the_ring() {
    let zofia = samples::person("contoso", "zofia");
    let session = samples::session("contoso", "zofia", NOW);
    let rotated = store_with(filled(OLD).await.records, &format!("{NEW},{OLD}"));
    rotated.sessions.create(TWO, &session, vec![]).await.unwrap();
    assert_eq!(rotated.sessions.remove_all_of(&zofia).await.unwrap(), 2);
    assert_eq!(rotated.sessions.remove_all_of(&zofia).await.unwrap(), 0);
}

/// A copy of the store does not tell which sign-ins it has.
#[tokio::test]
async fn sessions_at_finds_sessions_named_by_any_key_of_the_ring_and_names_depend_on_the_key() {
    let there = SignInKey::from_bytes([3; 16]);
    let mut session = samples::session("contoso", "zofia", NOW);
    session.accounts[0].provider_session = Some(there);
    let before = store_with(filled(OLD).await.records, OLD);
    before.sessions.create(TWO, &session, vec![]).await.unwrap();
    let rotated = store_with(before.records, &format!("{NEW},{OLD}"));
    assert_eq!(rotated.sessions.sessions_at(&there).await.unwrap(), [TWO]);
    let other = store_with(rotated.records, NEW);
    assert_eq!(other.sessions.sessions_at(&there).await.unwrap(), []);
}

/// Logins that began before must not succeed, whatever the number was.
#[tokio::test]
async fn sign_outs_counted_under_a_removed_key_begin_again_at_the_unix_time() {
    let store = filled(OLD).await;
    let zofia = samples::person("contoso", "zofia");
    assert_eq!(store.sessions.sign_out_everywhere(&zofia, NOW).await.unwrap(), 1);
    assert_eq!(store.sessions.sign_outs(NOW).await.unwrap().0, 1);
    let without_old = store_with(store.records, NEW);
    for seconds in [0, 5] {
        let now = NOW.plus(Duration::from_secs(seconds));
        assert_eq!(without_old.sessions.sign_outs(now).await.unwrap().0, NOW.unix_seconds());
    }
}

/// The second one has read the unreadable number before the first one writes it anew.
#[tokio::test]
async fn concurrent_sign_outs_under_a_removed_key_are_all_counted() {
    let store = filled(OLD).await;
    let zofia = samples::person("contoso", "zofia");
    store.sessions.sign_out_everywhere(&zofia, NOW).await.unwrap();
    let without_old = store_with(store.records, NEW);
    let mut second = without_old.sessions.sign_out_everywhere(&zofia, NOW);
    assert!(poll_fn(|context| Poll::Ready(second.as_mut().poll(context).is_pending())).await);
    without_old.sessions.sign_out_everywhere(&zofia, NOW).await.unwrap();
    second.await.unwrap();
    let count = without_old.sessions.sign_outs(NOW).await.unwrap().0;
    assert_eq!(count, NOW.unix_seconds() + 2);
}

/// A sign-out does not find the sessions of a removed key; they end when the key is back.
#[rstest]
#[case::begun_before(0, false)]
#[case::begun_in_the_same_second(10, false)]
#[case::begun_after(11, true)]
#[tokio::test]
async fn session_of_a_removed_key_ends_by_a_sign_out_after_its_begin(
    #[case] begun_at: u64,
    #[case] lives: bool,
) {
    let at = |seconds| NOW.plus(Duration::from_secs(seconds));
    let store = store_with(Arc::default(), OLD);
    let session = samples::session("contoso", "zofia", at(begun_at));
    store.sessions.create(ONE, &session, vec![]).await.unwrap();
    let without_old = store_with(store.records.clone(), NEW);
    let zofia = samples::person("contoso", "zofia");
    assert_eq!(without_old.sessions.sign_out_everywhere(&zofia, at(10)).await.unwrap(), 0);
    let both = store_with(store.records, &format!("{NEW},{OLD}"));
    let found = both.sessions.find(&ONE, at(12)).await.unwrap();
    assert_eq!(found.is_some(), lives);
}

#[tokio::test]
async fn replace_renames_session_and_tokens_with_the_new_key() {
    let rotated = store_with(filled(OLD).await.records, &format!("{NEW},{OLD}"));
    let found = rotated.sessions.find(&ONE, NOW).await.unwrap().unwrap();
    let tokens = vec![(account(), samples::tokens("newer"))];
    let written = rotated.sessions.replace(&ONE, found.version, &found.value, tokens).await;
    assert_eq!(written.unwrap(), Written::Done);
    let found = rotated.sessions.tokens_of(&ONE, &account()).await.unwrap();
    assert_eq!(found, Some(samples::tokens("newer")));

    let without_old = store_with(rotated.records, NEW);
    let found = without_old.sessions.tokens_of(&ONE, &account()).await.unwrap();
    assert_eq!(found, Some(samples::tokens("newer")));
    let zofia = samples::person("contoso", "zofia");
    assert_eq!(without_old.sessions.remove_all_of(&zofia).await.unwrap(), 1);
}

#[tokio::test]
async fn error_of_records_sealed_with_a_removed_key_names_that_key() {
    let store = store_with(filled(OLD).await.records, NEW);
    let reason = store.unreadable_reason(ONE).await;
    assert_eq!(reason, "session: the key that sealed it, 66687aad, is not in the key ring");
    // The id of the tokens is in the head, which does not open.
    let tokens = store.sessions.find_tokens(&ONE, &account(), NOW).await;
    assert!(matches!(tokens, Err(StoreError::Unreadable(_))), "{tokens:?}");
}
