//! The store's disk fills to the last byte while people sign in: sessions stay readable, logins are
//! answered 503 with `Retry-After`, and no record is torn.

use std::{sync::Arc, time::Duration};

use portico_e2e::{
    Browser, Emulator, Options, Portico, Settings, assert_refused, hint, personas, token_requests,
};
use portico_faults::Disk;
use portico_hostile::tried;
use tempfile::TempDir;
use tokio::{sync::Mutex, task::JoinSet};

const MIB: u64 = 1024 * 1024;

/// `PORTICO_STORE_RESERVE`, in MiB.
const RESERVE: u64 = 16;

struct World {
    emulator: Emulator,
    disk: Disk,
    settings: Settings,
    _folder: TempDir,
}

async fn world_on_small_disk() -> World {
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
    let response = browser.sign_in(base, personas::ZOFIA.user_name).await;
    assert_eq!(response.status.as_u16(), 302, "{response:?}");
    browser
}

async fn is_signed_in(browser: &mut Browser, base: &str) -> bool {
    browser.session(base).await.status.as_u16() == 200
}

#[tokio::test]
async fn logins_get_503_below_disk_reserve_while_sessions_stay_readable() {
    let World { emulator, disk, settings, _folder } = world_on_small_disk().await;
    let portico = Portico::start(&settings).await;
    let base = &portico.base;
    let (mut stays, mut leaves) = (signed_in(base).await, signed_in(base).await);
    let mut halfway = Browser::default();
    let callback = halfway.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;

    disk.fill_up_to((RESERVE - 1) * MIB);
    emulator.clear_requests();
    // Beginning a login writes nothing to the store.
    let redirect = Browser::default().get(format!("{base}/api/login/azure")).await;
    assert_eq!(redirect.status.as_u16(), 302, "{redirect:?}");
    let response = halfway.get(&callback).await;
    assert_refused(&response, 503, "store_unavailable");
    assert_eq!(response.headers["retry-after"], "5");
    assert!(is_signed_in(&mut stays, base).await);
    assert_eq!(leaves.post(&format!("{base}/api/logout"), base).await.status.as_u16(), 204);
    assert!(!is_signed_in(&mut leaves, base).await);
    assert_eq!(
        token_requests(&emulator),
        0,
        "a code was redeemed though the session could not be stored"
    );
    let line = "the store takes no logins until its disk has room";
    portico.logged(|it| it.log().contains(line)).await;
    assert_eq!(portico.log().matches(line).count(), 1, "{}", portico.log());

    // No byte is free, not even within the reserve.
    disk.fill_up_to(0);
    assert!(is_signed_in(&mut stays, base).await);
    let logout = stays.post(&format!("{base}/api/logout"), base).await;
    assert_refused(&logout, 503, "store_unavailable");
    assert!(is_signed_in(&mut stays, base).await, "a failed logout ended the session");

    disk.remove_filler();
    assert!(is_signed_in(&mut stays, base).await);
    let response = halfway.get(&callback).await;
    assert_eq!(response.status.as_u16(), 302, "the refused login cannot go on: {response:?}");
    let mut signed_in_later = signed_in(base).await;
    portico.logged(|it| it.log().contains("the store's disk has room again")).await;
    drop(portico);
    let portico = Portico::start(&settings).await;
    assert!(is_signed_in(&mut stays, &portico.base).await);
    assert!(is_signed_in(&mut signed_in_later, &portico.base).await);
    assert!(!is_signed_in(&mut leaves, &portico.base).await, "an ended session is live again");
    tried(7);
}

#[tokio::test]
async fn filling_disk_loses_no_acknowledged_login() {
    let World { disk, settings, .. } = &world_on_small_disk().await;
    let mut settings = settings.clone();
    // All logins are of one person.
    settings.set("PORTICO_SESSIONS_PER_PERSON", "100000");
    let portico = Portico::start(&settings).await;
    let base = portico.base.clone();
    let signed_in = Arc::new(Mutex::new(Vec::new()));
    let rejected = Arc::new(Mutex::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..8 {
        clients.spawn(sign_in_forever(base.clone(), signed_in.clone(), rejected.clone()));
    }
    // The disk fills MiB by MiB to the last byte and stays full for a second.
    for free in (0..48).rev() {
        disk.fill_up_to(free * MIB);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    clients.abort_all();
    while let Some(client) = clients.join_next().await {
        assert!(client.is_err_and(|error| error.is_cancelled()), "{}", portico.log());
    }
    let rejected = *rejected.lock().await;
    let mut signed_in = std::mem::take(&mut *signed_in.lock().await);
    let count = signed_in.len();
    assert!(rejected > 0 && count > 0, "{rejected} rejected, {count} signed in");
    for browser in &mut signed_in {
        assert!(is_signed_in(browser, &base).await);
    }
    // Portico is killed on the full disk and started with free space.
    drop(portico);
    disk.remove_filler();
    let portico = Portico::start(&settings).await;
    for browser in &mut signed_in {
        assert!(is_signed_in(browser, &portico.base).await);
    }
    println!("{count} logins answered, {rejected} rejected, none lost");
    tried(count);
}

/// Signs in again and again; collects the browsers that are signed in and counts the 503s.
async fn sign_in_forever(
    base: String,
    signed_in: Arc<Mutex<Vec<Browser>>>,
    rejected: Arc<Mutex<usize>>,
) {
    loop {
        let mut browser = Browser::default();
        let hint = hint(personas::ZOFIA.user_name);
        let redirect = browser.get(format!("{base}/api/login/azure?{hint}")).await;
        if redirect.status.as_u16() == 503 {
            *rejected.lock().await += 1;
            continue;
        }
        let callback = browser.get(redirect.location()).await.location();
        match browser.get(callback).await.status.as_u16() {
            302 => signed_in.lock().await.push(browser),
            503 => *rejected.lock().await += 1,
            other => panic!("{other}"),
        }
    }
}
