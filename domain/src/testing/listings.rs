//! Listings over doubles.

use std::sync::Arc;

use super::{FakeLeases, FakeListingCache, FakeSessions, FakeTasks, Unlogged};
use crate::{
    listing::ListingBudget,
    ports::{Clock, ListingLog},
    provider::Providers,
    use_cases::{
        BackgroundListings, DEFAULT_LISTING_MAX_AGE, FreshToken, ListRecent, ListResources,
        ListingPorts, RefreshPorts,
    },
};

/// Refreshes in a store of sessions.
pub fn fresh_token(
    providers: &Providers,
    sessions: &Arc<FakeSessions>,
    tasks: &Arc<FakeTasks>,
    clock: &Arc<dyn Clock>,
) -> FreshToken {
    FreshToken::new(RefreshPorts {
        providers: providers.clone(),
        sessions: sessions.clone(),
        tokens: sessions.clone(),
        leases: Arc::new(FakeLeases::default()),
        tasks: tasks.clone(),
        log: Arc::new(Unlogged),
        clock: clock.clone(),
    })
}

/// Listings whose tasks are these, with a cache of their own.
pub fn background_listings(
    providers: &Providers,
    sessions: &Arc<FakeSessions>,
    tasks: &Arc<FakeTasks>,
    clock: &Arc<dyn Clock>,
    log: impl ListingLog + 'static,
) -> BackgroundListings {
    let list_resources = ListResources { clock: clock.clone(), budget: ListingBudget::default() };
    BackgroundListings::new(ListingPorts {
        providers: providers.clone(),
        sessions: sessions.clone(),
        tokens: sessions.clone(),
        fresh_token: fresh_token(providers, sessions, tasks, clock),
        list_recent: ListRecent {
            list_resources,
            cache: Arc::new(FakeListingCache::default()),
            max_age: DEFAULT_LISTING_MAX_AGE,
        },
        tasks: tasks.clone(),
        log: Arc::new(log),
        clock: clock.clone(),
    })
}
