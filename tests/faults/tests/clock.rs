//! A clock that was ahead for a while, as the store shows it afterwards: this process writes what a
//! Portico with that clock would have written.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{path::Path, sync::Arc, time::Duration};

use portico_domain::testing::SessionsExt as _;
use portico_domain::{
    ports::{Clock, Sessions},
    secret::SessionId,
    session::SessionKey,
    testing::samples,
};
use portico_e2e::{Browser, Emulator, Options, Portico, Settings, personas, plugins};
use portico_hostile::tried;
use portico_seal::{KeyRing, Seal, SealedSessions};
use portico_sled::SledRecords;
use portico_system::{SystemClock, SystemEntropy};

const TWO_DAYS: Duration = Duration::from_secs(172_800);

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
    for (letter, begun) in [("N", now), ("F", now.plus(TWO_DAYS))] {
        let session = samples::session(personas::CONTOSO.id, "zofia", begun);
        store.create(SessionKey::of(&id(letter)), &session, vec![]).await.unwrap();
    }
    drop(store);

    let portico = Portico::start(&settings).await;
    for (letter, expected) in [("N", 200), ("F", 401)] {
        let mut browser = Browser::default();
        browser.set_cookie(&portico.base, "portico_session", id(letter).expose());
        let answer = browser.session(&portico.base).await;
        assert_eq!(answer.status.as_u16(), expected, "{letter}: {answer:?}");
    }
    portico.stop().await;
    let store = sessions(folder.path());
    for (letter, there) in [("N", true), ("F", false)] {
        assert_eq!(store.remove(&SessionKey::of(&id(letter))).await.unwrap(), there, "{letter}");
    }
    tried(1);
}
