//! Listings that were made a short time ago, in memory.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use moka::future::Cache;
use portico_domain::ports::{CachedListing, ListingCache, ListingKey, NotCached};

/// How many bytes of listings are kept.
const CACHE_BYTES: u64 = 32 << 20;

/// Listings in memory, for at most as long as a login may reuse them and within 32 MiB. Where they are
/// more, those that are used least make way, and their people's next login asks the cloud.
pub struct MemoryListings(Cache<ListingKey, CachedListing>);

impl MemoryListings {
    /// An empty cache of listings that are reused for `max_age`.
    pub fn new(max_age: Duration) -> Self {
        let weight = |key: &ListingKey, cached: &CachedListing| {
            let ListingKey { provider, person } = key;
            let texts = [provider.as_str(), person.tenant.as_str(), person.subject.as_str()];
            let named: usize = texts.iter().map(|text| text.len()).sum();
            let fixed = size_of::<ListingKey>() + size_of::<CachedListing>();
            u32::try_from(cached.listing.bytes() + named + fixed).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder().max_capacity(CACHE_BYTES).weigher(weight);
        Self(cache.time_to_live(max_age).build())
    }

    /// Applies the bound of bytes to what was inserted; otherwise that happens along with later calls.
    pub async fn run_pending_tasks(&self) {
        self.0.run_pending_tasks().await;
    }
}

#[async_trait]
impl ListingCache for MemoryListings {
    async fn find(&self, key: &ListingKey) -> Option<CachedListing> {
        self.0.get(key).await
    }

    async fn insert(&self, key: ListingKey, listing: CachedListing) {
        self.0.insert(key, listing).await;
    }

    async fn remove(&self, key: &ListingKey) {
        self.0.invalidate(key).await;
    }

    async fn find_or_list(
        &self,
        key: ListingKey,
        list: BoxFuture<'_, Result<CachedListing, NotCached>>,
    ) -> Result<CachedListing, Arc<NotCached>> {
        self.0.try_get_with(key, list).await
    }
}
