//! How long a session lasts, whatever its store says.

use super::*;

#[tokio::test]
async fn a_store_cannot_make_a_session_live_longer() {
    let store = filled(NEW).await;
    store.plant_session(ONE, store.sealed_session().await).await;
    let end = NOW.plus(samples::POLICY.idle);
    assert!(store.sessions.find(&ONE, NOW).await.unwrap().is_some());
    assert!(store.sessions.find(&ONE, end).await.unwrap().is_none());
}

#[tokio::test]
async fn a_stricter_policy_holds_for_sessions_from_before_it() {
    let store = filled(NEW).await;
    let seal =
        Seal::new(Arc::new(KeyRing::parse(NEW).unwrap()), Arc::new(CountingEntropy::default()));
    let strict = SessionPolicy { idle: Duration::from_secs(60), ..samples::POLICY };
    let sessions = SealedSessions::new(store.records, Arc::new(seal), strict);
    let later = |seconds| NOW.plus(Duration::from_secs(seconds));
    assert!(sessions.find(&ONE, later(59)).await.unwrap().is_some());
    assert!(sessions.find(&ONE, later(60)).await.unwrap().is_none());
}

/// Not those that only a longer policy made last longer.
#[tokio::test]
async fn sessions_from_the_future_end_though_nobody_asks_for_them() {
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
async fn the_record_tells_its_store_when_to_forget_it() {
    let store = filled(NEW).await;
    let end = NOW.plus(samples::POLICY.idle);
    let before = Timestamp::from_unix_seconds(end.unix_seconds() - 1);
    assert_eq!(store.records.purge_expired(before, 9).await.unwrap(), 0);
    assert_eq!(store.records.purge_expired(end, 9).await.unwrap(), 1);
}
