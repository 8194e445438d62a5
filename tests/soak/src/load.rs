//! The load: visits of users.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use portico_e2e::{Browser, hint, personas};
use reqwest::StatusCode;
use tokio::task::JoinSet;

use crate::PLUGINS;

/// Session reads per visit.
const READS_PER_VISIT: usize = 10;

/// Concurrent users during the capacity measurement.
const CONCURRENT_USERS: usize = 16;

/// One visit: a login, session reads and a logout.
async fn visit(browser: &Browser, base: &str, provider: &str) -> Result<(), String> {
    let mut browser = browser.clone();
    let check_status =
        |what: &str, actual: StatusCode, expected: u16| match actual.as_u16() == expected {
            true => Ok(()),
            false => Err(format!("{what} with {provider}: {actual}")),
        };
    let query = hint(personas::ZOFIA.user_name);
    let login_response = browser.get(format!("{base}/api/login/{provider}?{query}")).await;
    check_status("the begin of a login", login_response.status, 302)?;
    let callback = browser.get(login_response.location()).await;
    check_status("the sign-in at the cloud", callback.status, 303)
        .or_else(|_| check_status("the sign-in at the cloud", callback.status, 302))?;
    let response = browser.get(callback.location()).await;
    check_status("a callback", response.status, 302)?;
    for _ in 0..READS_PER_VISIT {
        check_status("a session read", browser.session(base).await.status, 200)?;
    }
    let response = browser.post(&format!("{base}/api/logout"), base).await;
    check_status("a logout", response.status, 204)?;
    check_status("a session after logout", browser.session(base).await.status, 401)
}

/// The provider of visit `n`: Azure and the plug-ins in turn.
fn provider(n: u64) -> &'static str {
    let turn = n as usize % (PLUGINS.len() + 1);
    turn.checked_sub(1).map_or("azure", |plugin| PLUGINS[plugin])
}

/// Measures the capacity in visits per second.
pub(crate) async fn capacity(base: &str, time: Duration) -> f64 {
    let started = Instant::now();
    let count = Arc::new(AtomicU64::new(0));
    let mut users = JoinSet::new();
    for _ in 0..CONCURRENT_USERS {
        let (base, count) = (base.to_owned(), Arc::clone(&count));
        users.spawn(async move {
            let browser = Browser::default();
            while started.elapsed() < time {
                let n = count.fetch_add(1, Ordering::Relaxed);
                visit(&browser, &base, provider(n)).await.unwrap();
            }
        });
    }
    users.join_all().await;
    count.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64()
}

/// Starts visits at a constant rate; returns their number and the error of the first failed one.
pub(crate) async fn steady(base: &str, per_second: f64, time: Duration) -> (u64, Option<String>) {
    let started = Instant::now();
    let browser = Browser::default();
    let first_error = Arc::new(Mutex::new(None));
    let mut users = JoinSet::new();
    let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / per_second));
    let mut visits = 0;
    while started.elapsed() < time {
        ticks.tick().await;
        visits += 1;
        let (base, browser, first_error) =
            (base.to_owned(), browser.clone(), Arc::clone(&first_error));
        users.spawn(async move {
            if let Err(error) = visit(&browser, &base, provider(visits)).await {
                first_error.lock().unwrap().get_or_insert(error);
            }
        });
        while users.try_join_next().is_some() {}
    }
    users.join_all().await;
    let first_error = first_error.lock().unwrap().clone();
    (visits, first_error)
}
