//! A cache of listings for tests of one caller.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use futures_util::future::BoxFuture;

use crate::{
    identity::{Subject, TenantId},
    ports::{CachedListing, ListingCache, ListingKey, NotCached},
};

/// A cache without a limit that runs every `list`.
#[derive(Default)]
pub struct FakeListingCache(Mutex<BTreeMap<String, CachedListing>>);

impl FakeListingCache {
    fn map(&self) -> MutexGuard<'_, BTreeMap<String, CachedListing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(ListingKey { provider, person }: &ListingKey) -> String {
    let (tenant, subject): (&TenantId, &Subject) = (&person.tenant, &person.subject);
    format!("{provider} {} {}", tenant.as_str(), subject.as_str())
}

#[async_trait]
impl ListingCache for FakeListingCache {
    async fn find(&self, key: &ListingKey) -> Option<CachedListing> {
        self.map().get(&name(key)).cloned()
    }

    async fn insert(&self, key: ListingKey, listing: CachedListing) {
        self.map().insert(name(&key), listing);
    }

    async fn remove(&self, key: &ListingKey) {
        self.map().remove(&name(key));
    }

    async fn find_or_list(
        &self,
        key: ListingKey,
        list: BoxFuture<'_, Result<CachedListing, NotCached>>,
    ) -> Result<CachedListing, Arc<NotCached>> {
        if let Some(found) = self.find(&key).await {
            return Ok(found);
        }
        let listing = list.await.map_err(Arc::new)?;
        self.insert(key, listing.clone()).await;
        Ok(listing)
    }
}
