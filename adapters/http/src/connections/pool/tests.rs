//! Limits of a pool, and which connection is evicted at a limit.

use futures_util::FutureExt;
use rstest::rstest;

use super::*;

const IDLE_GRACE: Duration = Duration::from_secs(1);

fn pool(total: usize, narrow: usize, wide: usize) -> Arc<Pool> {
    Pool::new(MaxConnections { total, narrow, wide }, IDLE_GRACE)
}

fn acquire(pool: &Arc<Pool>, client: &str) -> Option<Arc<ConnectionPermit>> {
    pool.acquire(Some(client.parse().unwrap())).ok().map(Arc::new)
}

/// Whether and how the connection was asked to close.
fn close(permit: &ConnectionPermit) -> Option<Close> {
    permit.close_requested().now_or_never()
}

async fn pass_idle_grace() {
    tokio::time::advance(IDLE_GRACE).await;
}

#[tokio::test(start_paused = true)]
async fn acquire_at_total_evicts_longest_idle_connection_but_no_busy_one() {
    let pool = pool(2, 9, 9);
    let (first, second) = (acquire(&pool, "1.0.0.1").unwrap(), acquire(&pool, "2.0.0.1").unwrap());
    assert!(acquire(&pool, "3.0.0.1").is_none(), "evicted within the idle grace");
    pass_idle_grace().await;
    let busy = first.busy();
    let third = acquire(&pool, "3.0.0.1").unwrap();
    assert_eq!((close(&first), close(&second)), (None, Some(Close::AtOnce)));
    pass_idle_grace().await;
    let also_busy = third.busy();
    assert!(acquire(&pool, "4.0.0.1").is_none());
    drop(busy);
    pass_idle_grace().await;
    assert!(acquire(&pool, "4.0.0.1").is_some());
    assert_eq!(close(&first), Some(Close::AtOnce));
    drop(also_busy);
}

#[rstest]
#[case::ipv4("1.0.0.1", "1.0.0.1", "1.0.0.2")]
#[case::ipv6("2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:3::1")]
#[tokio::test(start_paused = true)]
async fn acquire_at_narrow_limit_evicts_within_the_same_network(
    #[case] address: &str,
    #[case] same_network: &str,
    #[case] other_network: &str,
) {
    let pool = pool(9, 2, 9);
    let other = acquire(&pool, other_network).unwrap();
    let first = acquire(&pool, address).unwrap();
    let second = acquire(&pool, same_network).unwrap();
    assert!(acquire(&pool, address).is_none());
    assert!(acquire(&pool, other_network).is_some());
    pass_idle_grace().await;
    assert!(acquire(&pool, address).is_some());
    assert_eq!((close(&other), close(&first), close(&second)), (None, Some(Close::AtOnce), None));
}

#[tokio::test(start_paused = true)]
async fn acquire_reports_total_if_network_limit_equals_total() {
    let pool = pool(1, 1, 1);
    let _permit = acquire(&pool, "1.0.0.1").unwrap();
    let refused = pool.acquire(Some("1.0.0.1".parse().unwrap()));
    assert_eq!(refused.unwrap_err(), Exceeded::Total);
}

#[tokio::test(start_paused = true)]
async fn acquire_limits_addresses_of_one_wide_network_together() {
    let pool = pool(9, 9, 2);
    let _permits = [acquire(&pool, "1.0.0.1").unwrap(), acquire(&pool, "1.0.0.2").unwrap()];
    assert!(acquire(&pool, "1.0.0.3").is_none());
    assert!(acquire(&pool, "1.0.1.3").is_some());
}

#[tokio::test(start_paused = true)]
async fn acquire_without_client_counts_in_total_only() {
    let pool = pool(3, 1, 1);
    let permits: Vec<_> = (0..3).map(|_| pool.acquire(None).unwrap()).collect();
    assert_eq!(pool.acquire(None).unwrap_err(), Exceeded::Total);
    drop(permits);
    let state = pool.state();
    assert!(state.connections.is_empty() && state.counts.is_empty() && state.queue.is_empty());
}

#[tokio::test(start_paused = true)]
async fn acquire_evicts_the_connection_whose_last_request_ended_first() {
    let pool = pool(3, 9, 9);
    let addresses = ["1.0.0.1", "2.0.0.1", "3.0.0.1"];
    let [first, second, third] = addresses.map(|address| acquire(&pool, address).unwrap());
    pass_idle_grace().await;
    for used in [&second, &first] {
        drop(used.busy());
        pass_idle_grace().await;
    }
    let closed = || [&first, &second, &third].map(|permit| close(permit).is_some());
    let _fourth = acquire(&pool, "4.0.0.1").unwrap();
    assert_eq!(closed(), [false, false, true]);
    let _fifth = acquire(&pool, "5.0.0.1").unwrap();
    assert_eq!(closed(), [false, true, false], "the order of acquisition decided");
}

#[tokio::test(start_paused = true)]
async fn close_requested_is_after_request_if_busy_until_aborted() {
    let pool = pool(1, 1, 1);
    let permit = acquire(&pool, "1.0.0.1").unwrap();
    pass_idle_grace().await;
    let _next = acquire(&pool, "1.0.0.1").unwrap();
    let busy = permit.busy();
    assert_eq!(close(&permit), Some(Close::AfterRequest));
    busy.abort_connection();
    assert_eq!(close(&permit), Some(Close::AtOnce));
}
