//! Records under an older key of the ring, and under one that is gone.

use super::*;

#[tokio::test]
async fn records_of_the_old_key_open_when_the_new_one_is_put_before_it() {
    let store = filled(OLD).await;
    let rotated = over(store.records.clone(), &format!("{NEW},{OLD}"));
    let found = rotated.sessions.find(&ONE, NOW).await.unwrap().unwrap();
    assert_eq!(found.value, samples::session("contoso", "zofia", NOW));
    let tokens = rotated.sessions.tokens_of(&ONE, &account()).await.unwrap();
    assert_eq!(tokens, Some(samples::tokens("hers")));
    let of_old = over(Arc::default(), OLD).sealed_attempt();
    assert!(rotated.attempts.open(&ATTEMPT, &of_old, NOW).is_some());

    // What is written from now on no longer needs the old key.
    let written = rotated.sessions.replace(&ONE, found.version, &found.value, vec![]).await;
    assert_eq!(written.unwrap(), Written::Done);
    let without_old = over(rotated.records.clone(), NEW);
    assert!(without_old.sessions.find(&ONE, NOW).await.unwrap().is_some());
    assert_eq!(without_old.attempts.open(&ATTEMPT, &of_old, NOW), None);
    assert!(without_old.attempts.open(&ATTEMPT, &rotated.sealed_attempt(), NOW).is_some());
}

/// A hash of who somebody is could be tried with a list of people.
#[tokio::test]
async fn a_store_knows_no_person_and_no_listing_by_a_name_that_is_made_without_a_key() {
    let store = filled(NEW).await;
    let owner = Owner::from_bytes(*samples::person("contoso", "zofia").as_bytes());
    assert_eq!(store.records.owned_by(&owner).await.unwrap(), []);
    // The same listing has another name under another key.
    let other = filled(OLD).await;
    assert_ne!(store.only(Kind::Listing), other.only(Kind::Listing));
    assert_eq!(store.only(Kind::Listing), filled(NEW).await.only(Kind::Listing));
    // Nor by one of another key.
    let other = over(store.records, OLD);
    let zofia = samples::person("contoso", "zofia");
    assert_eq!(other.sessions.remove_all_of(&zofia).await.unwrap(), 0);
}

#[tokio::test]
async fn a_persons_sessions_end_under_whichever_key_of_the_ring_they_were_written() {
    let zofia = samples::person("contoso", "zofia");
    let session = samples::session("contoso", "zofia", NOW);
    let rotated = over(filled(OLD).await.records, &format!("{NEW},{OLD}"));
    rotated.sessions.create(TWO, &session, vec![]).await.unwrap();
    assert_eq!(rotated.sessions.remove_all_of(&zofia).await.unwrap(), 2);
    assert_eq!(rotated.sessions.remove_all_of(&zofia).await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_written_anew_is_named_by_the_new_key() {
    let rotated = over(filled(OLD).await.records, &format!("{NEW},{OLD}"));
    let found = rotated.sessions.find(&ONE, NOW).await.unwrap().unwrap();
    let tokens = vec![(account(), samples::tokens("newer"))];
    let written = rotated.sessions.replace(&ONE, found.version, &found.value, tokens).await;
    assert_eq!(written.unwrap(), Written::Done);
    let found = rotated.sessions.tokens_of(&ONE, &account()).await.unwrap();
    assert_eq!(found, Some(samples::tokens("newer")));

    let without_old = over(rotated.records, NEW);
    let found = without_old.sessions.tokens_of(&ONE, &account()).await.unwrap();
    assert_eq!(found, Some(samples::tokens("newer")));
    let zofia = samples::person("contoso", "zofia");
    assert_eq!(without_old.sessions.remove_all_of(&zofia).await.unwrap(), 1);
}

#[tokio::test]
async fn records_of_a_key_that_is_gone_say_so() {
    let store = over(filled(OLD).await.records, NEW);
    let why = store.unreadable(ONE).await;
    assert_eq!(why, "session: the key that sealed it, 66687aad, is not there");
    // Where its tokens stand, the session says.
    let tokens = store.sessions.find_tokens(&ONE, &account(), NOW).await;
    assert!(matches!(tokens, Err(StoreError::Unreadable(_))), "{tokens:?}");
}
