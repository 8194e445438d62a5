//! People who come and go.

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

/// How often a session is read in a visit.
const READS: usize = 10;

/// How many people come at once while what can be done is measured.
const AT_ONCE: usize = 16;

/// One visit: a login, reads, a logout. The error says what went wrong.
async fn visit(browser: &Browser, base: &str, provider: &str) -> Result<(), String> {
    let mut browser = browser.clone();
    let expect = |what: &str, met: StatusCode, wanted: u16| match met.as_u16() == wanted {
        true => Ok(()),
        false => Err(format!("{what} with {provider}: {met}")),
    };
    let query = hint(personas::ZOFIA.user_name);
    let begun = browser.get(format!("{base}/api/login/{provider}?{query}")).await;
    expect("a login begun", begun.status, 302)?;
    let callback = browser.get(begun.location()).await;
    expect("a sign-in at the cloud", callback.status, 303)
        .or_else(|_| expect("a sign-in at the cloud", callback.status, 302))?;
    let ended = browser.get(callback.location()).await;
    expect("a login ended", ended.status, 302)?;
    for _ in 0..READS {
        expect("a session read", browser.session(base).await.status, 200)?;
    }
    let out = browser.post(&format!("{base}/api/logout"), base).await;
    expect("a logout", out.status, 204)?;
    expect("a session after logout", browser.session(base).await.status, 401)
}

/// Azure, then each plug-in, then Azure again.
fn provider(n: u64) -> &'static str {
    let turn = n as usize % (PLUGINS.len() + 1);
    turn.checked_sub(1).map_or("azure", |plugin| PLUGINS[plugin])
}

/// Visits a second, as many at once as the machine takes.
pub(crate) async fn capacity(base: &str, time: Duration) -> f64 {
    let begun = Instant::now();
    let count = Arc::new(AtomicU64::new(0));
    let mut people = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (base, count) = (base.to_owned(), Arc::clone(&count));
        people.spawn(async move {
            let browser = Browser::default();
            while begun.elapsed() < time {
                let n = count.fetch_add(1, Ordering::Relaxed);
                visit(&browser, &base, provider(n)).await.unwrap();
            }
        });
    }
    people.join_all().await;
    count.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

/// So many visits a second for this long: how many were made, and what the first met that went
/// wrong.
pub(crate) async fn steady(base: &str, a_second: f64, time: Duration) -> (u64, Option<String>) {
    let begun = Instant::now();
    let browser = Browser::default();
    let wrong = Arc::new(Mutex::new(None));
    let mut people = JoinSet::new();
    let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / a_second));
    let mut visits = 0;
    while begun.elapsed() < time {
        ticks.tick().await;
        visits += 1;
        let (base, browser, wrong) = (base.to_owned(), browser.clone(), Arc::clone(&wrong));
        people.spawn(async move {
            if let Err(why) = visit(&browser, &base, provider(visits)).await {
                wrong.lock().unwrap().get_or_insert(why);
            }
        });
        while people.try_join_next().is_some() {}
    }
    people.join_all().await;
    let wrong = wrong.lock().unwrap().clone();
    (visits, wrong)
}
