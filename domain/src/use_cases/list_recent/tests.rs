use std::sync::atomic::{AtomicUsize, Ordering};

use rstest::rstest;

use super::*;
use crate::{
    account::{Listing, Tenant},
    listing::ListingBudget,
    provider::{Person, Step},
    testing::{FakeClock, FakeListingCache, MockCloudProvider, doubles, samples},
    time::Timestamp,
};

const NOW: u64 = 1_000;

/// A cloud that counts its listings, and the use case.
struct World {
    use_case: ListRecent,
    clock: Arc<FakeClock>,
    list_calls: Arc<AtomicUsize>,
    listing: Result<Listing, CallError>,
}

impl World {
    fn of(listing: Result<Listing, CallError>) -> Self {
        let clock = Arc::new(FakeClock::at(NOW));
        let budget = ListingBudget::default();
        let use_case = ListRecent {
            list_resources: ListResources { clock: clock.clone(), budget },
            cache: Arc::new(FakeListingCache::default()),
            max_age: DEFAULT_LISTING_MAX_AGE,
        };
        Self { use_case, clock, list_calls: Arc::default(), listing }
    }

    fn complete() -> Self {
        Self::of(Ok(one_subscription()))
    }

    /// A registration of the cloud; each call makes another one.
    fn provider(&self) -> Arc<Registration> {
        let (list_calls, listing) = (self.list_calls.clone(), self.listing.clone());
        let mut cloud = MockCloudProvider::new();
        cloud.expect_descriptor().return_const(samples::descriptor());
        cloud.expect_list().returning(move |_| {
            list_calls.fetch_add(1, Ordering::Relaxed);
            let listing = listing.clone();
            Ok(Box::new(doubles::ScriptedRun(move |_| listing.clone().map(Step::Done))))
        });
        doubles::Provider { cloud, ..doubles::Provider::silent() }.into_registration().into()
    }

    async fn list(
        &self,
        provider: &Arc<Registration>,
        subject: &str,
        refresh: bool,
    ) -> Result<DatedListing, CallError> {
        let identity = samples::identity("contoso", subject);
        let person = Person { identity, token_reply: vec![] };
        let (provider, tokens) = (provider.clone(), samples::tokens("contoso"));
        let request = ListingRequest { provider, person, tokens };
        self.use_case.run(&request, refresh, &Progress::default()).await
    }

    fn list_calls(&self) -> usize {
        self.list_calls.load(Ordering::Relaxed)
    }
}

fn one_subscription() -> Listing {
    Listing { subscriptions: vec![samples::subscription("one")], ..Listing::default() }
}

#[tokio::test]
async fn run_reuses_a_listing_younger_than_max_age() {
    let world = World::complete();
    let provider = world.provider();
    let first = world.list(&provider, "zofia", false).await.unwrap();
    world.clock.advance(DEFAULT_LISTING_MAX_AGE - Duration::from_secs(1));
    let second = world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!((world.list_calls(), &second.listing), (1, &first.listing));
    assert_eq!(second.listed_at, Timestamp::from_unix_seconds(NOW));
}

#[tokio::test]
async fn run_lists_again_at_max_age() {
    let world = World::complete();
    let provider = world.provider();
    world.list(&provider, "zofia", false).await.unwrap();
    world.clock.advance(DEFAULT_LISTING_MAX_AGE);
    let listing = world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!(world.list_calls(), 2);
    assert_eq!(listing.listed_at.unix_seconds(), NOW + DEFAULT_LISTING_MAX_AGE.as_secs());
    world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!(world.list_calls(), 2);
}

#[tokio::test]
async fn run_lists_again_after_the_clock_was_set_back() {
    let world = World::complete();
    let provider = world.provider();
    world.list(&provider, "zofia", false).await.unwrap();
    world.clock.set_back(Duration::from_secs(1));
    world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!(world.list_calls(), 2);
}

#[tokio::test]
async fn run_with_refresh_lists_again_and_replaces_the_cache_entry() {
    let world = World::complete();
    let provider = world.provider();
    world.list(&provider, "zofia", false).await.unwrap();
    world.clock.advance(Duration::from_secs(10));
    world.list(&provider, "zofia", true).await.unwrap();
    let reused = world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!((world.list_calls(), reused.listed_at.unix_seconds()), (2, NOW + 10));
}

#[tokio::test]
async fn run_reuses_no_listing_of_another_person() {
    let world = World::complete();
    let provider = world.provider();
    world.list(&provider, "zofia", false).await.unwrap();
    world.list(&provider, "piotr", false).await.unwrap();
    assert_eq!(world.list_calls(), 2);
}

#[tokio::test]
async fn run_reuses_no_listing_of_another_registration() {
    let world = World::complete();
    world.list(&world.provider(), "zofia", false).await.unwrap();
    world.list(&world.provider(), "zofia", false).await.unwrap();
    assert_eq!(world.list_calls(), 2);
}

#[tokio::test]
async fn run_with_zero_max_age_lists_every_time() {
    let mut world = World::complete();
    world.use_case.max_age = Duration::ZERO;
    let provider = world.provider();
    world.list(&provider, "zofia", false).await.unwrap();
    world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!(world.list_calls(), 2);
}

#[rstest]
#[case::warning(with_a_warning())]
#[case::no_subscription(Listing::default())]
#[case::tenant_that_refuses(with_a_tenant_that_refuses())]
#[tokio::test]
async fn run_does_not_cache_an_incomplete_listing(#[case] listing: Listing) {
    let world = World::of(Ok(listing.clone()));
    let provider = world.provider();
    let first = world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!(*first.listing, listing);
    world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!(world.list_calls(), 2);
    // Nor after a refresh.
    world.list(&provider, "zofia", true).await.unwrap();
    world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!(world.list_calls(), 4);
}

fn with_a_warning() -> Listing {
    let warnings = vec!["one tenant is missing".to_owned()];
    Listing { warnings, ..one_subscription() }
}

fn with_a_tenant_that_refuses() -> Listing {
    let tenant = Tenant {
        id: "fabrikam".into(),
        display_name: "Fabrikam".into(),
        state: TenantState::WantsMfa,
        reason: None,
        mender: None,
        repair: None,
        extra: vec![],
    };
    Listing { tenants: vec![tenant], ..one_subscription() }
}

#[tokio::test]
async fn run_fails_with_the_listing_and_the_next_run_lists_again() {
    let error = CallError::Broken("no step".into());
    let world = World::of(Err(error.clone()));
    let provider = world.provider();
    assert_eq!(world.list(&provider, "zofia", false).await.unwrap_err(), error);
    assert_eq!(world.list(&provider, "zofia", true).await.unwrap_err(), error);
    assert_eq!(world.list_calls(), 2);
}

/// A cache in which a listing that another login began with the former registration has just ended.
struct SharedFormerListing(CachedListing);

#[async_trait::async_trait]
impl ListingCache for SharedFormerListing {
    async fn find(&self, _: &ListingKey) -> Option<CachedListing> {
        None
    }

    async fn insert(&self, _: ListingKey, _: CachedListing) {}

    async fn remove(&self, _: &ListingKey) {}

    async fn find_or_list(
        &self,
        _: ListingKey,
        _: futures_util::future::BoxFuture<'_, Result<CachedListing, NotCached>>,
    ) -> Result<CachedListing, Arc<NotCached>> {
        Ok(self.0.clone())
    }
}

#[tokio::test]
async fn run_does_not_join_a_listing_of_the_former_registration() {
    let mut world = World::complete();
    let former: Arc<dyn CloudProvider> = Arc::new(MockCloudProvider::new());
    world.use_case.cache = Arc::new(SharedFormerListing(CachedListing {
        listing: Listing::default().into(),
        listed_at: Timestamp::from_unix_seconds(NOW),
        listed_by: Arc::downgrade(&former),
    }));
    let listed = world.list(&world.provider(), "zofia", false).await.unwrap();
    assert_eq!((world.list_calls(), listed.listing.subscriptions.len()), (1, 1));
}
