//! What is held, for how long, and who may read it.

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

async fn body(answers: &Answers, live: &LiveSession, bytes: usize) -> Result<Bytes, Failure> {
    let render = || vec![b'a'; bytes];
    answers.body(Some(key("zofia")), live, Some(View::Session), None, render).await
}

#[tokio::test]
async fn a_long_answer_is_rendered_once_a_version_and_held_once() {
    let answers = Answers::default();
    let first = body(&answers, &live("zofia", 1), LONG + 1).await.unwrap();
    let second = body(&answers, &live("zofia", 1), 7).await.unwrap();
    assert_eq!(first.as_ptr(), second.as_ptr());
    let next = body(&answers, &live("zofia", 2), LONG + 7).await.unwrap();
    assert_eq!(next.len(), LONG + 7);
    assert_eq!(answers.session(&key("zofia")).unwrap().version, Version(2));
}

#[tokio::test]
async fn a_short_answer_is_not_kept() {
    let answers = Answers::default();
    assert_eq!(body(&answers, &live("zofia", 1), LONG).await.unwrap().len(), LONG);
    assert_eq!(body(&answers, &live("zofia", 1), 7).await.unwrap().len(), 7);
    assert!(answers.session(&key("zofia")).is_none());
}

#[tokio::test]
async fn one_person_reads_so_many_at_once_and_others_go_on() {
    let answers = Answers::default();
    let mut read = Vec::new();
    for _ in 0..MAX_READ {
        read.push(body(&answers, &live("zofia", 1), LONG + 1).await.unwrap());
    }
    assert!(body(&answers, &live("zofia", 1), LONG + 1).await.is_err());
    assert!(body(&answers, &live("marek", 1), LONG + 1).await.is_ok());
    read.pop();
    assert!(body(&answers, &live("zofia", 1), LONG + 1).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_and_read_is_bounded_and_what_is_only_kept_makes_way() {
    let answers = Answers::default();
    let mut read = Vec::new();
    // Each in a session of its own, and each still read.
    for n in 0..8 {
        let (name, render) = (n.to_string(), || vec![b'a'; MAX_BYTES / 8]);
        let (key, view) = (Some(key(&name)), Some(View::Session));
        read.push(answers.body(key, &live(&name, 1), view, None, render).await.unwrap());
    }
    assert!(body(&answers, &live("zofia", 1), LONG + 1).await.is_err());
    read.pop();
    assert!(body(&answers, &live("zofia", 1), LONG + 1).await.is_ok());
}

#[tokio::test]
async fn nothing_is_kept_of_what_was_forgotten_or_is_asked_for_no_more() {
    tokio::time::pause();
    let answers = Answers::default();
    body(&answers, &live("zofia", 1), LONG + 1).await.unwrap();
    answers.forget(&key("zofia"));
    assert!(answers.session(&key("zofia")).is_none());
    body(&answers, &live("zofia", 1), LONG + 1).await.unwrap();
    tokio::time::advance(Duration::from_secs(301)).await;
    assert!(answers.session(&key("somebody else")).is_none());
    assert_eq!(answers.bytes.available_permits(), MAX_BYTES / UNIT);
}
