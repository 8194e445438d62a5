//! The cache of listings: one call for all who wait, and nothing kept of a failure.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use portico_domain::{
    account::{Listing, Subscription},
    ports::{CachedListing, CloudProvider, ListingCache, ListingKey, NotCached},
    provider::CallError,
    testing::{MockCloudProvider, samples},
    time::Timestamp,
};
use portico_memory::MemoryListings;
use tokio::sync::Notify;

const MAX_AGE: Duration = Duration::from_secs(900);

fn key(subject: &str) -> ListingKey {
    let person = samples::identity("contoso", subject).identifiers();
    ListingKey { provider: samples::azure(), person }
}

fn listing(subscriptions: Vec<Subscription>) -> CachedListing {
    let cloud: Arc<dyn CloudProvider> = Arc::new(MockCloudProvider::new());
    let listed_by: Weak<dyn CloudProvider> = Arc::downgrade(&cloud);
    let listing = Listing { subscriptions, ..Listing::default() }.into();
    CachedListing { listing, listed_at: Timestamp::from_unix_seconds(1_000), listed_by }
}

fn one() -> CachedListing {
    listing(vec![samples::subscription("one")])
}

#[tokio::test]
async fn callers_of_one_key_at_the_same_time_share_one_listing() {
    let cache = MemoryListings::new(MAX_AGE);
    let calls = AtomicUsize::new(0);
    let callers = (0..100).map(|_| {
        let list = async {
            calls.fetch_add(1, Ordering::Relaxed);
            // All the others arrive meanwhile.
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            Ok(one())
        };
        cache.find_or_list(key("zofia"), Box::pin(list))
    });
    for found in join_all(callers).await {
        assert_eq!(found.unwrap_or_else(|_| panic!("listed")).listing, one().listing);
    }
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    assert!(cache.find(&key("zofia")).await.is_some());
    assert!(cache.find(&key("piotr")).await.is_none());
}

#[tokio::test]
async fn failure_is_told_to_all_who_wait_and_not_kept() {
    let cache = MemoryListings::new(MAX_AGE);
    let failed = || {
        Box::pin(async {
            tokio::task::yield_now().await;
            Err(NotCached::Failed(CallError::Overloaded))
        })
    };
    let callers = (0..10).map(|_| cache.find_or_list(key("zofia"), failed()));
    for refused in join_all(callers).await {
        assert!(matches!(&*refused.err().unwrap(), NotCached::Failed(CallError::Overloaded)));
    }
    let listed = cache.find_or_list(key("zofia"), Box::pin(async { Ok(one()) })).await;
    assert!(listed.is_ok());
}

#[tokio::test]
async fn another_caller_lists_where_the_one_that_listed_goes_away() {
    let cache = Arc::new(MemoryListings::new(MAX_AGE));
    let began = Arc::new(Notify::new());
    let (shared, signal) = (cache.clone(), began.clone());
    let leader = tokio::spawn(async move {
        let list = async {
            signal.notify_one();
            std::future::pending().await
        };
        shared.find_or_list(key("zofia"), Box::pin(list)).await
    });
    began.notified().await;
    let shared = cache.clone();
    let other = tokio::spawn(async move {
        shared.find_or_list(key("zofia"), Box::pin(async { Ok(one()) })).await
    });
    leader.abort();
    assert!(other.await.unwrap().is_ok());
}

#[tokio::test]
async fn inserted_listing_is_found_until_it_is_removed() {
    let cache = MemoryListings::new(MAX_AGE);
    cache.insert(key("zofia"), one()).await;
    assert_eq!(cache.find(&key("zofia")).await.unwrap().listing, one().listing);
    cache.remove(&key("zofia")).await;
    assert!(cache.find(&key("zofia")).await.is_none());
}

#[tokio::test]
async fn listings_beyond_the_bound_of_bytes_make_way() {
    let cache = MemoryListings::new(MAX_AGE);
    let mut large = samples::subscription("one");
    large.display_name = "x".repeat(1 << 20);
    let subjects: Vec<String> = (0..100).map(|n| format!("person-{n}")).collect();
    for subject in &subjects {
        cache.insert(key(subject), listing(vec![large.clone()])).await;
    }
    cache.run_pending_tasks().await;
    let mut kept = 0;
    for subject in &subjects {
        kept += usize::from(cache.find(&key(subject)).await.is_some());
    }
    assert!((1..=32).contains(&kept), "{kept} of a MiB each are kept");
}
