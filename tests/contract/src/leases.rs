//! The promises of [`portico_domain::ports::Leases`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use portico_domain::{
    ports::{Lease, LeaseKey, Leases},
    secret::RefreshToken,
};
use tokio::{sync::Notify, task::JoinSet};

use crate::Leasing;

suite! { $ leases: Leasing
    acquire_returns_none_while_the_lease_is_held,
    lease_is_released_when_it_is_dropped,
    lease_of_another_key_is_independent,
    concurrent_callers_hold_the_lease_one_at_a_time,
    dropped_waiting_caller_does_not_get_the_lease,
}

/// Longer than a test runs.
const LONG: Duration = Duration::from_secs(240);
const SHORT: Duration = Duration::from_millis(2);

fn key(token: &str) -> LeaseKey {
    LeaseKey::of(&RefreshToken::new(token))
}

async fn acquire(leases: &Arc<dyn Leases>, token: &str, wait: Duration) -> Option<Lease> {
    leases.acquire(&key(token), wait).await.unwrap()
}

pub(crate) async fn acquire_returns_none_while_the_lease_is_held(subject: impl Leasing) {
    let leases = subject.leases();
    let held = acquire(&leases, "one", LONG).await;
    assert!(held.is_some());
    for _ in 0..2 {
        assert!(acquire(&leases, "one", SHORT).await.is_none());
    }
    drop(held);
}

pub(crate) async fn lease_is_released_when_it_is_dropped(subject: impl Leasing) {
    let leases = subject.leases();
    for _ in 0..3 {
        assert!(acquire(&leases, "one", Duration::ZERO).await.is_some());
    }
}

pub(crate) async fn lease_of_another_key_is_independent(subject: impl Leasing) {
    let leases = subject.leases();
    let held = acquire(&leases, "one", LONG).await;
    let other = acquire(&leases, "two", Duration::ZERO).await;
    assert!(held.is_some() && other.is_some());
}

/// None of them waits in vain.
pub(crate) async fn concurrent_callers_hold_the_lease_one_at_a_time(subject: impl Leasing) {
    let (leases, holders) = (subject.leases(), Arc::new(AtomicUsize::new(0)));
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let (leases, holders) = (leases.clone(), holders.clone());
        callers.spawn(async move {
            let held = acquire(&leases, "one", LONG).await;
            let others = holders.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            holders.fetch_sub(1, Ordering::SeqCst);
            held.is_some() && others == 0
        });
    }
    assert_eq!(callers.join_all().await, [true; 50]);
}

pub(crate) async fn dropped_waiting_caller_does_not_get_the_lease(subject: impl Leasing) {
    let leases = subject.leases();
    let held = acquire(&leases, "one", LONG).await;
    let (waiting, began) = (leases.clone(), Arc::new(Notify::new()));
    let signal = began.clone();
    let caller = tokio::spawn(async move {
        signal.notify_one();
        acquire(&waiting, "one", LONG).await
    });
    began.notified().await;
    caller.abort();
    assert!(caller.await.is_err(), "it got the lease");
    drop(held);
    assert!(acquire(&leases, "one", Duration::ZERO).await.is_some());
}
