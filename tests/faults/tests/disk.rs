//! The disk of the store fills while people sign in, to the last byte: nobody who was signed in
//! notices, who signs in is told to come again, and nothing is torn.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{sync::Arc, time::Duration};

use portico_e2e::{
    Browser, Emulator, Options, Portico, Settings, assert_refused, hint, personas, token_requests,
};
use portico_faults::Disk;
use portico_hostile::tried;
use tempfile::TempDir;
use tokio::{sync::Mutex, task::JoinSet};

const MIB: u64 = 1024 * 1024;

/// What the store leaves free, in MiB.
const RESERVE: u64 = 16;

struct World {
    emulator: Emulator,
    disk: Disk,
    settings: Settings,
    _folder: TempDir,
}

async fn on_a_small_disk() -> World {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let disk = Disk::new(64).await;
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("PORTICO_STORE_RESERVE", &RESERVE.to_string());
    disk.run_on(&mut settings);
    World { emulator, disk, settings, _folder: folder }
}

async fn signed_in(base: &str) -> Browser {
    let mut browser = Browser::default();
    let answer = browser.sign_in(base, personas::ZOFIA.user_name).await;
    assert_eq!(answer.status.as_u16(), 302, "{answer:?}");
    browser
}

async fn is_signed_in(browser: &mut Browser, base: &str) -> bool {
    browser.session(base).await.status.as_u16() == 200
}

#[tokio::test]
async fn logins_get_503_below_disk_reserve_while_sessions_stay_readable() {
    let World { emulator, disk, settings, _folder } = on_a_small_disk().await;
    let portico = Portico::start(&settings).await;
    let base = &portico.base;
    let (mut stays, mut leaves) = (signed_in(base).await, signed_in(base).await);
    let mut halfway = Browser::default();
    let callback = halfway.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;

    disk.fill_up_to((RESERVE - 1) * MIB);
    emulator.clear_requests();
    // To begin a login writes nothing.
    let begun = Browser::default().get(format!("{base}/api/login/azure")).await;
    assert_eq!(begun.status.as_u16(), 302, "{begun:?}");
    let ended = halfway.get(&callback).await;
    assert_refused(&ended, 503, "store_unavailable");
    assert_eq!(ended.headers["retry-after"], "5");
    assert!(is_signed_in(&mut stays, base).await);
    assert_eq!(leaves.post(&format!("{base}/api/logout"), base).await.status.as_u16(), 204);
    assert!(!is_signed_in(&mut leaves, base).await);
    assert_eq!(
        token_requests(&emulator),
        0,
        "a code was redeemed for a session there is no room for"
    );
    let why = "the store takes no logins until its disk has room";
    portico.logged(|it| it.log().contains(why)).await;
    assert_eq!(portico.log().matches(why).count(), 1, "{}", portico.log());

    // Somebody else takes the rest, to the last byte.
    disk.fill_up_to(0);
    assert!(is_signed_in(&mut stays, base).await);
    let out = stays.post(&format!("{base}/api/logout"), base).await;
    assert_refused(&out, 503, "store_unavailable");
    assert!(is_signed_in(&mut stays, base).await, "a logout that failed ended the session");

    disk.make_room();
    assert!(is_signed_in(&mut stays, base).await);
    let ended = halfway.get(&callback).await;
    assert_eq!(ended.status.as_u16(), 302, "the login that was refused can go on: {ended:?}");
    let mut back = signed_in(base).await;
    portico.logged(|it| it.log().contains("the store's disk has room again")).await;
    drop(portico);
    let portico = Portico::start(&settings).await;
    assert!(is_signed_in(&mut stays, &portico.base).await);
    assert!(is_signed_in(&mut back, &portico.base).await);
    assert!(!is_signed_in(&mut leaves, &portico.base).await, "a session that was ended is back");
    tried(7);
}

#[tokio::test]
async fn filling_disk_loses_no_acknowledged_login() {
    let World { disk, settings, .. } = &on_a_small_disk().await;
    let mut settings = settings.clone();
    // All of them are one person.
    settings.set("PORTICO_SESSIONS_PER_PERSON", "100000");
    let portico = Portico::start(&settings).await;
    let base = portico.base.clone();
    let signed_in = Arc::new(Mutex::new(Vec::new()));
    let shed = Arc::new(Mutex::new(0));
    let mut people = JoinSet::new();
    for _ in 0..8 {
        let (base, signed_in, shed) = (base.clone(), signed_in.clone(), shed.clone());
        people.spawn(async move {
            loop {
                let mut browser = Browser::default();
                let hint = hint(personas::ZOFIA.user_name);
                let begun = browser.get(format!("{base}/api/login/azure?{hint}")).await;
                if begun.status.as_u16() == 503 {
                    *shed.lock().await += 1;
                    continue;
                }
                let callback = browser.get(begun.location()).await.location();
                match browser.get(callback).await.status.as_u16() {
                    302 => signed_in.lock().await.push(browser),
                    503 => *shed.lock().await += 1,
                    other => panic!("{other}"),
                }
            }
        });
    }
    // It fills a MiB at a time to the last byte, and stays so for a while.
    for free in (0..48).rev() {
        disk.fill_up_to(free * MIB);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    people.abort_all();
    while let Some(ended) = people.join_next().await {
        assert!(ended.is_err_and(|why| why.is_cancelled()), "{}", portico.log());
    }
    let shed = *shed.lock().await;
    let mut signed_in = std::mem::take(&mut *signed_in.lock().await);
    assert!(shed > 0 && !signed_in.is_empty(), "{shed} shed, {} signed in", signed_in.len());
    for browser in &mut signed_in {
        assert!(is_signed_in(browser, &base).await);
    }
    // Killed on the full disk, and started when it has room.
    drop(portico);
    disk.make_room();
    let portico = Portico::start(&settings).await;
    for browser in &mut signed_in {
        assert!(is_signed_in(browser, &portico.base).await);
    }
    println!("{} logins answered, {shed} shed, none lost", signed_in.len());
    tried(signed_in.len());
}
