//! Leases in one process: how long they are held, and what is kept of them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use portico_domain::{
    ports::{LeaseKey, Leases},
    secret::RefreshToken,
};
use portico_memory::MemoryLeases;

fn key(number: usize) -> LeaseKey {
    LeaseKey::of(&RefreshToken::new(number.to_string()))
}

#[tokio::test(start_paused = true)]
async fn lease_is_held_for_longer_than_the_timeout_of_a_provider() {
    let leases = MemoryLeases::default();
    let held = leases.acquire(&key(1), Duration::ZERO).await.unwrap();
    for _ in 0..10 {
        assert!(leases.acquire(&key(1), Duration::from_secs(10)).await.unwrap().is_none());
    }
    drop(held);
    assert!(leases.acquire(&key(1), Duration::ZERO).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn released_and_timed_out_leases_leave_nothing_behind() {
    let leases = MemoryLeases::default();
    let mut held = Vec::new();
    for number in 0..1_000 {
        held.push(leases.acquire(&key(number), Duration::ZERO).await.unwrap());
        assert!(leases.acquire(&key(number), Duration::ZERO).await.unwrap().is_none());
    }
    assert_eq!(leases.count(), 1_000);
    held.clear();
    assert_eq!(leases.count(), 0);
}
