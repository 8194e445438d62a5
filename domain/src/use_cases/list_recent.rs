//! Lists what a person can reach, unless they were listed a short time ago.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use super::list_resources::{ListResources, Listed, ListingRequest, Progress};
use crate::{
    account::{SharedListing, TenantState},
    ports::{CachedListing, CloudProvider, DatedListing, ListingCache, ListingKey, NotCached},
    provider::{CallError, Registration},
};

/// The default maximum age of a listing that a login reuses, and the minimum after which an account is
/// listed again.
pub const DEFAULT_LISTING_MAX_AGE: Duration = Duration::from_mins(15);

/// Lists what people can reach, and reuses what it listed for the same person a short time ago.
#[derive(Clone)]
pub struct ListRecent {
    /// Lists at the cloud.
    pub list_resources: ListResources,
    /// The recent listings.
    pub cache: Arc<dyn ListingCache>,
    /// The maximum age of a reused listing; with zero, none is reused.
    pub max_age: Duration,
}

impl ListRecent {
    /// After how long the listing of a session is made again: not before a login would do so.
    pub fn renewed_after(&self) -> Duration {
        self.max_age.max(DEFAULT_LISTING_MAX_AGE)
    }

    /// Lists what the person can reach. A cached listing that is younger than `max_age` is reused, unless
    /// `refresh` is set. Those who list the same person's resources at the same time share one listing.
    /// It fails as [`ListResources::run`] does.
    ///
    /// What comes is recorded in `progress`, unless a listing of somebody else is joined.
    pub(super) async fn run(
        &self,
        request: &ListingRequest,
        refresh: bool,
        progress: &Progress,
    ) -> Result<DatedListing, CallError> {
        let ListingRequest { provider, person, .. } = request;
        let key =
            ListingKey { provider: provider.id().clone(), person: person.identity.identifiers() };
        if refresh || self.max_age.is_zero() {
            return self.list_again(key, request, progress).await;
        }
        match self.cache.find(&key).await {
            Some(found) if self.is_recent(&found, provider) => return Ok(reused(found)),
            Some(_) => self.cache.remove(&key).await,
            None => {}
        }
        let list = Box::pin(self.list(request, progress));
        match self.cache.find_or_list(key.clone(), list).await {
            // A login that began with a former registration of the provider made it.
            Ok(found) if !is_of(&found, provider) => self.list_again(key, request, progress).await,
            listed => listed.map(reused).or_else(|error| into_result((*error).clone())),
        }
    }

    /// Lists at the cloud, and joins no listing that began before.
    async fn list_again(
        &self,
        key: ListingKey,
        request: &ListingRequest,
        progress: &Progress,
    ) -> Result<DatedListing, CallError> {
        self.cache.remove(&key).await;
        let listed = self.list(request, progress).await;
        if let Ok(listing) = &listed {
            self.cache.insert(key, listing.clone()).await;
        }
        listed.map(reused).or_else(into_result)
    }

    /// Whether a login may reuse it: it was made by this registration, and is younger than `max_age`.
    fn is_recent(&self, found: &CachedListing, provider: &Registration) -> bool {
        let now = self.list_resources.clock.now();
        // A listing from the future was made before the clock was set back; its age is unknown.
        let young = found.listed_at <= now && now < found.listed_at.plus(self.max_age);
        is_of(found, provider) && young
    }

    async fn list(
        &self,
        request: &ListingRequest,
        progress: &Progress,
    ) -> Result<CachedListing, NotCached> {
        let listed_at = self.list_resources.clock.now();
        let listed = self.list_resources.run_recorded(request, progress).await;
        let Listed { listing, incidents } = listed.map_err(NotCached::Failed)?;
        let listing = SharedListing::from(listing);
        if incidents.is_empty() && is_complete(&listing) {
            let listed_by: Weak<dyn CloudProvider> = Arc::downgrade(&request.provider.cloud);
            return Ok(CachedListing { listing, listed_at, listed_by });
        }
        Err(NotCached::Incomplete(DatedListing { listing, listed_at, incidents }))
    }
}

/// Whether this registration of the provider made it.
fn is_of(found: &CachedListing, provider: &Registration) -> bool {
    Weak::ptr_eq(&found.listed_by, &Arc::downgrade(&provider.cloud))
}

fn is_complete(listing: &SharedListing) -> bool {
    let listed = |state| matches!(state, TenantState::Ok | TenantState::Empty);
    !listing.subscriptions.is_empty()
        && listing.warnings.is_empty()
        && listing.tenants.iter().all(|tenant| listed(tenant.state))
}

fn into_result(not_cached: NotCached) -> Result<DatedListing, CallError> {
    match not_cached {
        NotCached::Incomplete(listing) => Ok(listing),
        NotCached::Failed(error) => Err(error),
    }
}

fn reused(found: CachedListing) -> DatedListing {
    let CachedListing { listing, listed_at, .. } = found;
    DatedListing { listing, listed_at, incidents: vec![] }
}

#[cfg(test)]
mod tests;
