//! Concurrent reads of a session that changes or ends: each request that begins after the change sees it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use portico_e2e::{Browser, hint, personas};
use reqwest::{Client, Method, header::COOKIE};
use rstest::rstest;
use tokio::{task::JoinSet, time::sleep};

use crate::world;

const READERS: usize = 64;

/// How often each reader must have read the session before it changes, and after.
const MIN_READS: usize = 5;

enum Change {
    /// The session moves to a new id.
    Login,
    Logout,
    LogoutEverywhere,
}

impl Change {
    async fn make(self, base: &str, browser: &mut Browser) {
        let logout = format!("{base}/api/logout");
        match self {
            Self::Login => {
                let query = hint(personas::ZOFIA.user_name);
                let callback = browser.up_to_callback(base, &query).await;
                assert_eq!(browser.get(&callback).await.status, 302);
            }
            Self::Logout => assert_eq!(browser.post(&logout, base).await.status, 204),
            Self::LogoutEverywhere => {
                let mut elsewhere = Browser::default();
                elsewhere.sign_in(base, personas::ZOFIA.user_name).await;
                let everywhere = |request: reqwest::RequestBuilder| {
                    request.header("origin", base).body(r#"{"everywhere": true}"#)
                };
                let answer = elsewhere.send(Method::POST, &logout, everywhere).await;
                assert_eq!(answer.status, 204);
            }
        }
    }
}

/// What the readers share.
#[derive(Default)]
struct Progress {
    reads: AtomicUsize,
    is_changed: AtomicBool,
    is_over: AtomicBool,
}

impl Progress {
    /// Waits until every reader has made [`MIN_READS`] more requests, on average.
    async fn wait(&self) {
        let before = self.reads.load(Ordering::SeqCst);
        while self.reads.load(Ordering::SeqCst) < before + READERS * MIN_READS {
            sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn read(client: Client, url: String, session: String, progress: Arc<Progress>) {
    while !progress.is_over.load(Ordering::SeqCst) {
        let is_changed = progress.is_changed.load(Ordering::SeqCst);
        let request = client.get(&url).header(COOKIE, format!("portico_session={session}"));
        let status = request.send().await.unwrap().status().as_u16();
        match is_changed {
            true => assert_eq!(status, 401, "the session was read after it ended"),
            false => assert!([200, 401].contains(&status), "{status}"),
        }
        progress.reads.fetch_add(1, Ordering::SeqCst);
    }
}

#[rstest]
#[case::login(Change::Login)]
#[case::logout(Change::Logout)]
#[case::logout_everywhere(Change::LogoutEverywhere)]
#[tokio::test]
async fn session_that_ended_is_read_by_none_of_64_readers(#[case] change: Change) {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let session = browser.cookie(base, "portico_session").unwrap();
    let progress = Arc::new(Progress::default());
    let mut readers = JoinSet::new();
    let url = format!("{base}/api/session");
    for client in std::iter::repeat_n(Client::new(), READERS) {
        readers.spawn(read(client, url.clone(), session.clone(), progress.clone()));
    }
    progress.wait().await;
    change.make(base, &mut browser).await;
    progress.is_changed.store(true, Ordering::SeqCst);
    progress.wait().await;
    progress.is_over.store(true, Ordering::SeqCst);
    while let Some(reader) = readers.join_next().await {
        reader.unwrap();
    }
}
