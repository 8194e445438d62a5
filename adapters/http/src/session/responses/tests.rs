//! Caching, memory and limits of responses.

use portico_domain::{
    ports::Version, provider::Providers, secret::SessionId, testing::samples, time::Timestamp,
};

use super::*;

fn live(name: &str, version: u64) -> LiveSession {
    let session = samples::session("contoso", name, Timestamp::from_unix_seconds(1_000));
    let expires_at = session.expires_at(&samples::POLICY);
    let (version, offer) = (Some(Version(version)), Providers::default().version());
    let (session, read_at) = (Arc::new(session.clone()), session.seen_at);
    let steady_until = Timestamp::MAX;
    LiveSession { session, version, expires_at, offer, read_at, steady_until }
}

fn key(name: &str) -> SessionKey {
    SessionKey::of(&SessionId::new(name))
}

/// A response of this many bytes, rendered now.
async fn rendered(
    responses: &Responses,
    live: &LiveSession,
    bytes: usize,
) -> Result<Bytes, Failure> {
    let render = || vec![b'a'; bytes];
    responses.render(Some(key("zofia")), live, Some(View::Session), None, render).await
}

fn cached(responses: &Responses) -> Option<Arc<CachedResponse>> {
    responses.cached(&key("zofia"), &View::Session)
}

#[tokio::test]
async fn cached_returns_the_last_rendered_body_with_the_stamp_of_its_session() {
    for len in [7, LONG_LEN, LONG_LEN + 1] {
        let responses = Responses::default();
        assert!(cached(&responses).is_none());
        rendered(&responses, &live("zofia", 1), 3).await.unwrap();
        let body = rendered(&responses, &live("zofia", 2), len).await.unwrap();
        let found = cached(&responses).unwrap();
        assert_eq!(Some(&found.stamp), live("zofia", 2).stamp().as_ref());
        let sent = responses.send_cached(&found, None).unwrap();
        assert_eq!((sent.len(), sent.as_ptr()), (len, body.as_ptr()), "the body was copied");
    }
}

#[tokio::test]
async fn render_caches_nothing_for_a_session_without_version_or_view() {
    let responses = Responses::default();
    let unversioned = LiveSession { version: None, ..live("zofia", 1) };
    rendered(&responses, &unversioned, 7).await.unwrap();
    let render = || vec![b'a'; 7];
    responses.render(Some(key("zofia")), &live("zofia", 1), None, None, render).await.unwrap();
    assert!(cached(&responses).is_none());
}

#[tokio::test]
async fn cached_dashboard_is_for_the_offered_providers_and_apart_from_the_session() {
    use portico_domain::testing::doubles;
    let provider = || Arc::new(doubles::Provider::silent().into_registration());
    let (offered, others) = ([provider()], [provider()]);
    let responses = Responses::default();
    let view = || View::dashboard(&offered);
    let render = || vec![b'a'; 9];
    let live = live("zofia", 1);
    responses.render(Some(key("zofia")), &live, Some(view()), None, render).await.unwrap();
    rendered(&responses, &live, 7).await.unwrap();
    let cached = |view| responses.cached(&key("zofia"), &view).map(|found| found.body.len());
    assert_eq!(cached(view()), Some(9));
    assert_eq!(cached(View::Session), Some(7));
    for other in [&others[..], &[]] {
        assert_eq!(cached(View::dashboard(other)), None);
    }
    responses.forget(&key("zofia"));
    assert_eq!((cached(view()), cached(View::Session)), (None, None));
}

#[tokio::test]
async fn send_limits_concurrent_long_responses_per_person() {
    let responses = Responses::default();
    let mut sending = Vec::new();
    for _ in 0..MAX_PER_PERSON {
        sending.push(rendered(&responses, &live("zofia", 1), LONG_LEN + 1).await.unwrap());
    }
    assert!(rendered(&responses, &live("zofia", 1), LONG_LEN + 1).await.is_err());
    assert!(responses.send_cached(&cached(&responses).unwrap(), None).is_err());
    assert!(rendered(&responses, &live("marek", 1), LONG_LEN + 1).await.is_ok());
    assert!(rendered(&responses, &live("zofia", 1), LONG_LEN).await.is_ok());
    sending.pop();
    assert!(rendered(&responses, &live("zofia", 1), LONG_LEN + 1).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn render_bounds_memory_and_evicts_long_responses_that_are_not_being_sent() {
    let responses = Responses::default();
    let mut sending = Vec::new();
    // Each of another session, and none dropped yet.
    for n in 0..16 {
        let (name, render) = (n.to_string(), || vec![b'a'; MAX_LONG_BYTES / 16]);
        let (key, view) = (Some(key(&name)), Some(View::Session));
        sending.push(responses.render(key, &live(&name, 1), view, None, render).await.unwrap());
    }
    assert!(rendered(&responses, &live("zofia", 1), LONG_LEN + 1).await.is_err());
    sending.pop();
    assert!(rendered(&responses, &live("zofia", 1), LONG_LEN + 1).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn cache_removes_idle_entries() {
    let responses = Responses::default();
    for len in [7, LONG_LEN + 1] {
        rendered(&responses, &live("zofia", 1), len).await.unwrap();
        tokio::time::advance(Duration::from_secs(200)).await;
        assert!(cached(&responses).is_some());
        tokio::time::advance(Duration::from_secs(200)).await;
        assert!(cached(&responses).is_some(), "it was used");
        tokio::time::advance(Duration::from_secs(301)).await;
        assert!(responses.cached(&key("somebody else"), &View::Session).is_none());
        assert!(cached(&responses).is_none());
    }
    assert_eq!(responses.long_bytes.available_permits(), MAX_LONG_BYTES / UNIT);
}
