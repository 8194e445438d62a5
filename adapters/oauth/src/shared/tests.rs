use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use tokio::{sync::Semaphore, task::JoinSet};

use super::*;

fn down() -> IdentityProviderError {
    IdentityProviderError::Unreachable("down".into())
}

async fn got(
    shared: &Shared<u32>,
    age: Age,
    fetched: Result<u32, IdentityProviderError>,
) -> Option<u32> {
    shared.get(|_| age, async { fetched }).await.ok().map(|value| *value)
}

/// Fifty concurrent callers of `get`, whose fetch has this outcome: their results and the number of
/// fetches.
async fn concurrent_gets(outcome: Result<u32, IdentityProviderError>) -> (Vec<Option<u32>>, u32) {
    let shared = Arc::new(Shared::<u32>::default());
    let gate = Arc::new(Semaphore::new(0));
    let fetches = Arc::new(AtomicU32::new(0));
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let (shared, gate) = (shared.clone(), gate.clone());
        let (fetches, outcome) = (fetches.clone(), outcome.clone());
        callers.spawn(async move {
            let fetch = async {
                fetches.fetch_add(1, SeqCst);
                let _permit = gate.acquire().await.unwrap();
                outcome
            };
            shared.get(|_| Age::Fresh, fetch).await.ok().map(|value| *value)
        });
    }
    // When this task is polled again, every caller has been polled once and waits.
    tokio::task::yield_now().await;
    gate.add_permits(50);
    (callers.join_all().await, fetches.load(SeqCst))
}

#[tokio::test]
async fn concurrent_get_fetches_once_for_all_callers() {
    assert_eq!(concurrent_gets(Ok(7)).await, (vec![Some(7); 50], 1));
}

#[tokio::test]
async fn concurrent_get_shares_the_failure() {
    assert_eq!(concurrent_gets(Err(down())).await, (vec![None; 50], 1));
}

#[tokio::test]
async fn get_after_failure_fetches_again() {
    let shared = Shared::default();
    assert_eq!(got(&shared, Age::Fresh, Err(down())).await, None);
    assert_eq!(got(&shared, Age::Fresh, Ok(1)).await, Some(1));
}

#[tokio::test]
async fn get_fetches_again_only_when_stale() {
    let shared = Shared::default();
    assert_eq!(got(&shared, Age::Fresh, Ok(1)).await, Some(1));
    assert_eq!(got(&shared, Age::Fresh, Ok(2)).await, Some(1));
    assert_eq!(got(&shared, Age::Stale, Ok(3)).await, Some(3));
}

#[tokio::test(start_paused = true)]
async fn get_serves_stale_but_not_spent_value_when_fetch_fails() {
    let shared = Shared::default();
    assert_eq!(got(&shared, Age::Fresh, Ok(1)).await, Some(1));
    assert_eq!(got(&shared, Age::Stale, Err(down())).await, Some(1));
    assert_eq!(got(&shared, Age::Stale, Ok(2)).await, Some(1), "too soon for another try");
    tokio::time::advance(RETRY_INTERVAL).await;
    assert_eq!(got(&shared, Age::Stale, Ok(3)).await, Some(3));
    assert_eq!(got(&shared, Age::Expired, Err(down())).await, None);
}

#[tokio::test]
async fn get_returns_stale_value_during_another_fetch() {
    let shared = Shared::default();
    assert_eq!(got(&shared, Age::Fresh, Ok(1)).await, Some(1));
    let _flight = shared.flight.lock().await;
    assert_eq!(got(&shared, Age::Stale, Ok(2)).await, Some(1));
}

#[tokio::test]
async fn renew_skips_fetch_when_value_is_newer_than_seen() {
    let shared = Shared::default();
    let seen = shared.get(|_| Age::Fresh, async { Ok(1) }).await.unwrap();
    let first = shared.renew(&seen, || true, async { Ok(2) }).await.unwrap();
    let second = shared.renew(&seen, || true, async { Ok(3) }).await.unwrap();
    assert_eq!((*first, *second), (2, 2));
    let forbidden = shared.renew(&second, || false, async { Ok(4) }).await.unwrap();
    assert_eq!(*forbidden, 2);
}

#[test]
fn dated_value_is_fresh_for_an_hour_and_stale_for_a_day() {
    let at = Timestamp::from_unix_seconds;
    let dated = Dated { value: (), fetched_at: at(100_000) };
    assert_eq!(dated.age(at(100_000)), Age::Fresh);
    assert_eq!(dated.age(at(103_599)), Age::Fresh);
    assert_eq!(dated.age(at(103_600)), Age::Stale);
    assert_eq!(dated.age(at(186_399)), Age::Stale);
    assert_eq!(dated.age(at(186_400)), Age::Expired);
    assert_eq!(dated.age(at(99_999)), Age::Stale, "the clock went backwards");
}
