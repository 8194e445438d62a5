//! A plug-in that is replaced while people sign in.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plug_in_swapped_under_load_fails_no_login() {
    let swaps = std::env::var("PORTICO_SWAPS").ok().and_then(|it| it.parse().ok()).unwrap_or(SWAPS);
    let world = world_with_plugins(&["github"], &[]).await;
    let builds = [1, 2].map(|mark| {
        let file = world.folder.path().join(format!("build-{mark}.wasm"));
        std::fs::write(&file, with_other_digest(&plugins::built("github"), mark)).unwrap();
        file
    });
    let stop = Arc::new(AtomicBool::new(false));
    let (logins, failed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let people: Vec<_> = (0..4)
        .map(|_| {
            let (stop, logins, failed) = (stop.clone(), logins.clone(), failed.clone());
            let base = world.portico.base.clone();
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let status = log_in(&base, "github").await;
                    logins.fetch_add(1, Ordering::Relaxed);
                    failed.fetch_add(usize::from(status != StatusCode::FOUND), Ordering::Relaxed);
                }
            })
        })
        .collect();
    let loaded = || world.portico.log().matches("plug-in loaded").count();
    let started = std::time::Instant::now();
    for swap in 0..swaps {
        let before = loaded();
        let (folder, file) = (folder(&world), builds[swap % 2].clone());
        let add = move || plugins::add(&folder, &file, plugins::KEYS);
        tokio::task::spawn_blocking(add).await.unwrap();
        until("the swap", async || loaded() > before).await;
    }
    stop.store(true, Ordering::Relaxed);
    for person in people {
        person.await.unwrap();
    }
    let (logins, failed) = (logins.load(Ordering::Relaxed), failed.load(Ordering::Relaxed));
    let rate = logins as f64 / started.elapsed().as_secs_f64();
    println!("{swaps} swaps under {logins} logins ({rate:.0}/s), {failed} failed");
    assert!(logins > 2 * swaps, "only {logins} logins");
    assert_eq!(failed, 0, "of {logins} logins\n{}", world.portico.log());
}

#[tokio::test]
async fn login_completes_on_plug_in_version_it_began_with() {
    let world = world_with_plugins(&["github"], &[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let query = hint(personas::ZOFIA.user_name);
    let redirect = browser.begin(base, "github", &query).await;
    let callback = browser.get(redirect.location()).await.location();
    let loaded = || world.portico.log().matches("plug-in loaded").count();
    let (before, file) = (loaded(), world.folder.path().join("another.wasm"));
    std::fs::write(&file, with_other_digest(&plugins::built("github"), 1)).unwrap();
    plugins::add(&folder(&world), &file, plugins::KEYS);
    until("the swap", async || loaded() > before).await;
    let response = browser.get(callback).await;
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}");
    let session: Value = browser.session(base).await.json();
    assert_eq!(session["accounts"][0]["subscriptions"].as_array().unwrap().len(), 6);
}
