//! The processor time of a token that is valid: found in sled and opened, in this process.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use portico_domain::{
    ports::{BackgroundTasks, EndRefresh, RefreshLog, RefreshedAccount},
    provider::Providers,
    secret::SessionId,
    session::SessionKey,
    use_cases::{DEFAULT_MIN_VALIDITY, FreshToken, RefreshPorts},
};
use portico_memory::MemoryLeases;
use portico_system::SystemClock;
use rustix::time::{ClockId, clock_gettime};

use crate::{report, sessions};

/// The sessions in the store.
const STORED: usize = 10_000;
/// The tokens that are asked for, each of another session.
const ASKED: usize = 10_000;

/// No token is refreshed.
struct Idle;

#[async_trait]
impl BackgroundTasks for Idle {
    async fn finish(&self, _: BoxFuture<'static, ()>) {
        panic!("every token is valid")
    }

    async fn finish_within(&self, _: BoxFuture<'static, ()>, _: Duration) -> bool {
        panic!("every token is valid")
    }

    fn start(&self, _: BoxFuture<'static, ()>) {
        panic!("every token is valid")
    }
}

impl RefreshLog for Idle {
    fn begin(&self, _: &RefreshedAccount) -> EndRefresh {
        panic!("every token is valid")
    }
}

/// Asks for the tokens of sessions all over the store.
pub(crate) async fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let ids = sessions::fill(folder.path(), STORED).await;
    let store = sessions::open(folder.path());
    let fresh = FreshToken::new(RefreshPorts {
        providers: Providers::default(),
        sessions: store.clone(),
        tokens: store,
        leases: Arc::new(MemoryLeases::default()),
        tasks: Arc::new(Idle),
        log: Arc::new(Idle),
        clock: Arc::new(SystemClock),
    });
    let numbers = (0..ASKED).map(|n| n * 7_919 % STORED);
    let asked: Vec<_> = numbers
        .map(|number| {
            let key = SessionKey::of(&SessionId::new(ids[number].clone()));
            (key, sessions::account_id(number))
        })
        .collect();
    let before = processor_time();
    for (key, account) in &asked {
        fresh.run(key, account, DEFAULT_MIN_VALIDITY).await.unwrap();
    }
    let each = (processor_time() - before) / ASKED as f64;
    report("a valid token, found and opened", &format!("{each:.1} \u{b5}s"), "under 50 \u{b5}s");
}

/// The processor time of this process, in microseconds.
fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}
