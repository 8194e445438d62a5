use rstest::rstest;

use super::*;

fn id(n: usize) -> ProviderId {
    ProviderId::parse(format!("provider-{n}")).unwrap()
}

/// Every permit that this provider, one of `provider_count`, can acquire.
async fn acquire_all(
    pool: &ProviderPermits,
    provider: usize,
    provider_count: usize,
) -> Vec<Permit> {
    let mut held = Vec::new();
    while let Some(permit) = pool.acquire(&id(provider), provider_count).await {
        held.push(permit);
    }
    held
}

#[tokio::test(start_paused = true)]
async fn acquire_gives_a_single_provider_every_permit() {
    let pool = ProviderPermits::new(256);
    for _ in 0..3 {
        assert_eq!(acquire_all(&pool, 1, 1).await.len(), 256);
    }
    assert!(pool.state().providers.is_empty());
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn acquire_gives_a_provider_its_reserved_permits_while_all_others_hang(
    #[values(2, 3, 5, 10, 30)] provider_count: usize,
) {
    let pool = ProviderPermits::new(256);
    let mut hanging = Vec::new();
    for provider in 1..provider_count {
        hanging.push(acquire_all(&pool, provider, provider_count).await);
    }
    let acquired = acquire_all(&pool, 0, provider_count).await.len();
    assert!(acquired >= 128 / provider_count, "{acquired}");
}

#[tokio::test(start_paused = true)]
async fn acquire_reserves_nothing_with_fewer_permits_than_providers() {
    let pool = ProviderPermits::new(1);
    let first = pool.acquire(&id(1), 30).await.unwrap();
    assert!(pool.acquire(&id(2), 30).await.is_none());
    drop(first);
    assert!(pool.acquire(&id(2), 30).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn acquire_leaves_the_reserved_permits_of_each_other_provider() {
    let pool = ProviderPermits::new(256);
    // 12 for each of the nine others.
    assert_eq!(acquire_all(&pool, 1, 10).await.len(), 256 - 9 * 12);
}

#[tokio::test(start_paused = true)]
async fn acquire_waits_for_a_reserved_permit_that_was_taken_before_the_provider_was_added() {
    let pool = ProviderPermits::new(4);
    let mut held = acquire_all(&pool, 1, 1).await;
    assert_eq!(held.len(), 4);
    assert!(pool.acquire(&id(2), 2).await.is_none());
    drop(held.pop());
    assert!(pool.acquire(&id(2), 2).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn release_of_one_permit_leaves_the_others_counted() {
    let pool = ProviderPermits::new(4);
    let mut held = acquire_all(&pool, 1, 1).await;
    for permits in [3, 2, 1] {
        drop(held.pop());
        assert_eq!(pool.state().providers[&id(1)].permits, permits);
    }
    drop(held);
    assert!(pool.state().providers.is_empty());
}

#[tokio::test(start_paused = true)]
async fn released_permit_goes_to_waiting_provider_with_the_fewest() {
    let pool = ProviderPermits::new(4);
    let mut heavy = acquire_all(&pool, 1, 2).await;
    let light = pool.acquire(&id(2), 2).await.unwrap();
    assert_eq!(heavy.len(), 3);
    let wait = |provider: usize| {
        let pool = pool.clone();
        async move { pool.acquire(&id(provider), 2).await }
    };
    let release = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        drop(heavy.pop());
    };
    // The heavy provider has waited longer.
    let (for_heavy, for_light, ()) = tokio::join!(wait(1), wait(2), release);
    assert!(for_heavy.is_none() && for_light.is_some());
    drop((heavy, light, for_light));
    assert!(pool.state().providers.is_empty());
    assert_eq!(pool.state().free, 4);
}

#[tokio::test(start_paused = true)]
async fn cancelled_acquire_takes_no_permit() {
    let pool = ProviderPermits::new(1);
    let first = pool.acquire(&id(1), 1).await.unwrap();
    for _ in 0..3 {
        let clone = pool.clone();
        let waiting = tokio::spawn(async move { clone.acquire(&id(1), 1).await });
        tokio::task::yield_now().await;
        waiting.abort();
        let _ = waiting.await;
    }
    drop(first);
    assert_eq!(pool.state().free, 1);
    assert!(pool.acquire(&id(1), 1).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn acquire_fails_at_once_if_too_many_wait() {
    let pool = ProviderPermits::new(1);
    let _held = pool.acquire(&id(1), 1).await.unwrap();
    let waiting: Vec<_> = (0..MAX_WAITING)
        .map(|_| {
            let pool = pool.clone();
            tokio::spawn(async move { pool.acquire(&id(1), 1).await.is_some() })
        })
        .collect();
    while pool.state().providers[&id(1)].waiting.len() < MAX_WAITING {
        tokio::task::yield_now().await;
    }
    let started = tokio::time::Instant::now();
    assert!(pool.acquire(&id(1), 1).await.is_none());
    assert_eq!(started.elapsed(), Duration::ZERO);
    for waiting in waiting {
        assert!(!waiting.await.unwrap());
    }
    // Cancelled waiters do not count.
    assert!(pool.acquire(&id(1), 1).await.is_none());
    assert_eq!(pool.state().providers[&id(1)].waiting.len(), 1);
}
