//! Sessions written while the clock was ahead, and an hour ago. The test process writes them to the store
//! as a Portico with that clock would have.

use std::{path::Path, sync::Arc, time::Duration};

use portico_domain::testing::SessionsExt as _;
use portico_domain::{
    ports::{Clock, Sessions},
    secret::SessionId,
    session::SessionKey,
    testing::samples,
    time::Timestamp,
};
use portico_e2e::{Browser, Emulator, Options, Portico, Settings, personas, plugins};
use portico_hostile::tried;
use portico_seal::{KeyRing, Seal, SealedSessions};
use portico_sled::SledRecords;
use portico_system::{SystemClock, SystemEntropy};
use reqwest::{Method, StatusCode};

const TWO_DAYS: Duration = Duration::from_secs(172_800);
/// Longer than the sixteenth part of the idle timeout, after which a use is recorded.
const AN_HOUR: Duration = Duration::from_secs(3_600);

fn sessions(folder: &Path) -> SealedSessions {
    let ring = Arc::new(KeyRing::parse(plugins::KEYS).unwrap());
    let seal = Arc::new(Seal::new(ring, Arc::new(SystemEntropy)));
    let records = SledRecords::open(&folder.join("sessions"), portico_sled::Options::default());
    SealedSessions::new(Arc::new(records.unwrap()), seal, samples::POLICY)
}

fn id(letter: &str) -> SessionId {
    SessionId::new(letter.repeat(43))
}

#[tokio::test]
async fn session_begun_in_the_future_is_refused_and_removed() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("PORTICO_KEYS", plugins::KEYS);
    let now = SystemClock.now();
    let store = sessions(folder.path());
    let (present, future) = ("N", "F");
    for (letter, created_at) in [(present, now), (future, now.plus(TWO_DAYS))] {
        let session = samples::session(personas::CONTOSO.id, "zofia", created_at);
        store.create(SessionKey::of(&id(letter)), &session, vec![]).await.unwrap();
    }
    drop(store);

    let portico = Portico::start(&settings).await;
    for (letter, status) in [(present, 200), (future, 401)] {
        let mut browser = Browser::default();
        browser.set_cookie(&portico.base, "portico_session", id(letter).expose());
        let response = browser.session(&portico.base).await;
        assert_eq!(response.status.as_u16(), status, "{letter}: {response:?}");
    }
    portico.stop().await;
    let store = sessions(folder.path());
    for (letter, exists) in [(present, true), (future, false)] {
        assert_eq!(store.remove(&SessionKey::of(&id(letter))).await.unwrap(), exists, "{letter}");
    }
    tried(1);
}

/// The header with which the script of the dashboard fetches it.
#[tokio::test]
async fn dashboard_fetched_in_the_background_is_no_use_of_the_session() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("PORTICO_KEYS", plugins::KEYS);
    let begun = Timestamp::from_unix_seconds(SystemClock.now().unix_seconds() - AN_HOUR.as_secs());
    let store = sessions(folder.path());
    for letter in ["P", "Q"] {
        let session = samples::session(personas::CONTOSO.id, "zofia", begun);
        store.create(SessionKey::of(&id(letter)), &session, vec![]).await.unwrap();
    }
    drop(store);

    let portico = Portico::start(&settings).await;
    let [mut page, mut other] = ["P", "Q"].map(|letter| {
        let mut browser = Browser::default();
        browser.set_cookie(&portico.base, "portico_session", id(letter).expose());
        browser
    });
    let mut last_used = async || {
        let listed = other.get(format!("{}/api/sessions", portico.base)).await.json();
        let listed = listed["sessions"].as_array().unwrap().clone();
        let page = listed.iter().find(|it| it["current"] == false).unwrap();
        page["lastUsedAt"].as_str().unwrap().to_owned()
    };
    let before = last_used().await;
    let dashboard = format!("{}/dashboard", portico.base);
    for _ in 0..2 {
        let in_background = |it: reqwest::RequestBuilder| it.header("portico-background", "1");
        let fetched = page.send(Method::GET, &dashboard, in_background).await;
        assert_eq!(fetched.status, StatusCode::OK, "{fetched:?}");
        assert_eq!(last_used().await, before);
    }
    assert_eq!(page.get(&dashboard).await.status, StatusCode::OK);
    assert_ne!(last_used().await, before);
}
