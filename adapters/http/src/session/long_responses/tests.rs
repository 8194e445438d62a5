//! Caching, memory and limits of long responses.

use portico_domain::{ports::Version, secret::SessionId, testing::samples, time::Timestamp};

use super::*;

fn live(name: &str, version: u64) -> LiveSession {
    let session = samples::session("contoso", name, Timestamp::from_unix_seconds(1_000));
    let expires_at = session.expires_at(&samples::POLICY);
    LiveSession { session: Arc::new(session), version: Some(Version(version)), expires_at }
}

fn key(name: &str) -> SessionKey {
    SessionKey::of(&SessionId::new(name))
}

async fn body(
    responses: &LongResponses,
    live: &LiveSession,
    bytes: usize,
) -> Result<Bytes, Failure> {
    let render = || vec![b'a'; bytes];
    responses.body(Some(key("zofia")), live, Some(View::Session), None, render).await
}

#[tokio::test]
async fn body_renders_long_response_once_per_version() {
    let responses = LongResponses::default();
    let first = body(&responses, &live("zofia", 1), LONG_LEN + 1).await.unwrap();
    let second = body(&responses, &live("zofia", 1), 7).await.unwrap();
    assert_eq!(first.as_ptr(), second.as_ptr());
    let next = body(&responses, &live("zofia", 2), LONG_LEN + 7).await.unwrap();
    assert_eq!(next.len(), LONG_LEN + 7);
    assert_eq!(responses.session(&key("zofia")).unwrap().version, Version(2));
}

#[tokio::test]
async fn body_does_not_cache_short_response() {
    let responses = LongResponses::default();
    assert_eq!(body(&responses, &live("zofia", 1), LONG_LEN).await.unwrap().len(), LONG_LEN);
    assert_eq!(body(&responses, &live("zofia", 1), 7).await.unwrap().len(), 7);
    assert!(responses.session(&key("zofia")).is_none());
}

#[tokio::test]
async fn body_limits_concurrent_long_responses_per_person() {
    let responses = LongResponses::default();
    let mut sending = Vec::new();
    for _ in 0..MAX_PER_PERSON {
        sending.push(body(&responses, &live("zofia", 1), LONG_LEN + 1).await.unwrap());
    }
    assert!(body(&responses, &live("zofia", 1), LONG_LEN + 1).await.is_err());
    assert!(body(&responses, &live("marek", 1), LONG_LEN + 1).await.is_ok());
    sending.pop();
    assert!(body(&responses, &live("zofia", 1), LONG_LEN + 1).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn body_bounds_memory_and_evicts_responses_that_are_not_being_sent() {
    let responses = LongResponses::default();
    let mut sending = Vec::new();
    // Each of another session, and none dropped yet.
    for n in 0..8 {
        let (name, render) = (n.to_string(), || vec![b'a'; MAX_BYTES / 8]);
        let (key, view) = (Some(key(&name)), Some(View::Session));
        sending.push(responses.body(key, &live(&name, 1), view, None, render).await.unwrap());
    }
    assert!(body(&responses, &live("zofia", 1), LONG_LEN + 1).await.is_err());
    sending.pop();
    assert!(body(&responses, &live("zofia", 1), LONG_LEN + 1).await.is_ok());
}

#[tokio::test]
async fn cache_removes_forgotten_and_idle_entries() {
    tokio::time::pause();
    let responses = LongResponses::default();
    body(&responses, &live("zofia", 1), LONG_LEN + 1).await.unwrap();
    responses.forget(&key("zofia"));
    assert!(responses.session(&key("zofia")).is_none());
    body(&responses, &live("zofia", 1), LONG_LEN + 1).await.unwrap();
    tokio::time::advance(Duration::from_secs(301)).await;
    assert!(responses.session(&key("somebody else")).is_none());
    assert_eq!(responses.bytes.available_permits(), MAX_BYTES / UNIT);
}
