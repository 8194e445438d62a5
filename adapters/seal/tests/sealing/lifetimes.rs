//! The lifetime of a session, which the store's `expires_at` cannot extend.

use portico_domain::{
    decision::{DECISION_LIFETIME, Undecided},
    login::{DecisionKey, ListedLogin},
    ports::Decisions as _,
    secret::DecisionId,
};

use super::*;

#[tokio::test]
async fn find_returns_none_after_idle_time_though_the_store_has_no_expiry() {
    let store = filled(NEW).await;
    store.overwrite_session(ONE, store.sealed_session().await).await;
    let end = NOW.plus(samples::POLICY.idle);
    assert!(store.sessions.find(&ONE, NOW).await.unwrap().is_some());
    assert!(store.sessions.find(&ONE, end).await.unwrap().is_none());
}

#[tokio::test]
async fn undecided_login_ends_at_its_expiry_though_the_store_has_none() {
    let store = store_with(Arc::default(), NEW);
    let key = DecisionKey::of(&DecisionId::new("one"));
    let login = ListedLogin {
        person: samples::person("contoso", "zofia"),
        user: samples::claims("contoso", "zofia"),
        only_connects: false,
        account: samples::account("contoso", "zofia", NOW),
        tokens: samples::tokens("hers"),
        origin: samples::pending_login("").origin,
        return_to: samples::pending_login("").return_to,
    };
    store.decisions.keep(key, &Undecided::about(login, ONE, NOW)).await.unwrap();
    let record = store.only(Kind::Decision);
    let bytes = store.sealed(&record).await;
    store
        .overwrite(Put { key: record, bytes, expires_at: None, owners: vec![], refers: vec![] })
        .await;
    let end = NOW.plus(DECISION_LIFETIME);
    let before = Timestamp::from_unix_seconds(end.unix_seconds() - 1);
    assert!(store.decisions.find(&key, before).await.unwrap().is_some());
    assert_eq!(store.decisions.find(&key, end).await.unwrap(), None);
    assert_eq!(store.decisions.take(&key, end).await.unwrap(), None);
}

#[tokio::test]
async fn stricter_policy_applies_to_existing_sessions() {
    let store = filled(NEW).await;
    let seal =
        Seal::new(Arc::new(KeyRing::parse(NEW).unwrap()), Arc::new(CountingEntropy::default()));
    let strict = SessionPolicy { idle: Duration::from_secs(60), ..samples::POLICY };
    let sessions = SealedSessions::new(store.records, Arc::new(seal), strict);
    let later = |seconds| NOW.plus(Duration::from_secs(seconds));
    assert!(sessions.find(&ONE, later(59)).await.unwrap().is_some());
    assert!(sessions.find(&ONE, later(60)).await.unwrap().is_none());
}

/// Sessions whose expiry lies beyond the policy because an earlier policy was longer stay.
#[tokio::test]
async fn end_future_ends_sessions_whose_times_lie_in_the_future() {
    let store = filled(NEW).await;
    let ahead = samples::session("contoso", "marek", NOW.plus(Duration::from_secs(172_800)));
    store.sessions.create(TWO, &ahead, vec![]).await.unwrap();
    let seal =
        Seal::new(Arc::new(KeyRing::parse(NEW).unwrap()), Arc::new(CountingEntropy::default()));
    let strict = SessionPolicy { idle: Duration::from_secs(60), ..samples::POLICY };
    let sessions = SealedSessions::new(store.records.clone(), Arc::new(seal), strict);
    assert_eq!(sessions.end_future(NOW, 9).await.unwrap(), 1);
    assert_eq!(sessions.end_future(NOW, 9).await.unwrap(), 0);
    assert!(!store.sessions.remove(&TWO).await.unwrap());
    assert!(store.sessions.find(&ONE, NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn purge_expired_removes_a_session_at_the_end_of_its_idle_time() {
    let store = filled(NEW).await;
    let end = NOW.plus(samples::POLICY.idle);
    let before = Timestamp::from_unix_seconds(end.unix_seconds() - 1);
    assert_eq!(store.records.purge_expired(before, 9).await.unwrap(), 0);
    assert_eq!(store.records.purge_expired(end, 9).await.unwrap(), 1);
}
