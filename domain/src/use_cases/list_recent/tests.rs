use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::{
    account::{Listing, Tenant},
    listing::ListingBudget,
    provider::Step,
    testing::{FakeClock, FakeListingCache, MockCloudProvider, doubles, samples},
    time::Timestamp,
};

const NOW: u64 = 1_000;

/// A cloud that counts how often it is asked, and a use case that asks it.
struct World {
    use_case: ListRecent,
    clock: Arc<FakeClock>,
    asked: Arc<AtomicUsize>,
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
        Self { use_case, clock, asked: Arc::default(), listing }
    }

    fn complete() -> Self {
        Self::of(Ok(one_subscription()))
    }

    /// The provider as it is configured; each call makes another registration.
    fn provider(&self) -> Registration {
        let (asked, listing) = (self.asked.clone(), self.listing.clone());
        let mut cloud = MockCloudProvider::new();
        cloud.expect_descriptor().return_const(samples::descriptor());
        cloud.expect_list().returning(move |_| {
            asked.fetch_add(1, Ordering::Relaxed);
            let listing = listing.clone();
            Ok(Box::new(doubles::ScriptedRun(move |_| listing.clone().map(Step::Done))))
        });
        doubles::Provider { cloud, ..doubles::Provider::silent() }.into_registration()
    }

    async fn list(
        &self,
        provider: &Registration,
        subject: &str,
        refresh: bool,
    ) -> Result<DatedListing, CallError> {
        let identity = samples::identity("contoso", subject);
        let person = Person { identity, token_reply: vec![] };
        self.use_case.run(provider, &person, &AccessToken::new("persons-token"), refresh).await
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

fn one_subscription() -> Listing {
    Listing { subscriptions: vec![samples::subscription("one")], ..Listing::default() }
}

#[tokio::test]
async fn listing_younger_than_max_age_is_reused_with_its_time() {
    let world = World::complete();
    let provider = world.provider();
    let first = world.list(&provider, "zofia", false).await.unwrap();
    world.clock.advance(DEFAULT_LISTING_MAX_AGE - Duration::from_secs(1));
    let second = world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!((world.asked(), &second.listing), (1, &first.listing));
    assert_eq!(second.listed_at, Timestamp::from_unix_seconds(NOW));
}

#[tokio::test]
async fn listing_as_old_as_max_age_is_made_anew() {
    let world = World::complete();
    let provider = world.provider();
    world.list(&provider, "zofia", false).await.unwrap();
    world.clock.advance(DEFAULT_LISTING_MAX_AGE);
    let listing = world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!(world.asked(), 2);
    assert_eq!(listing.listed_at.unix_seconds(), NOW + DEFAULT_LISTING_MAX_AGE.as_secs());
    world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn listing_from_before_the_clock_was_set_back_is_made_anew() {
    let world = World::complete();
    let provider = world.provider();
    world.list(&provider, "zofia", false).await.unwrap();
    world.clock.set_back(Duration::from_secs(1));
    world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn refresh_lists_anew_and_the_next_login_reuses_that() {
    let world = World::complete();
    let provider = world.provider();
    world.list(&provider, "zofia", false).await.unwrap();
    world.clock.advance(Duration::from_secs(10));
    world.list(&provider, "zofia", true).await.unwrap();
    let reused = world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!((world.asked(), reused.listed_at.unix_seconds()), (2, NOW + 10));
}

#[tokio::test]
async fn nobody_is_given_the_listing_of_somebody_else() {
    let world = World::complete();
    let provider = world.provider();
    world.list(&provider, "zofia", false).await.unwrap();
    world.list(&provider, "piotr", false).await.unwrap();
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn provider_that_is_configured_anew_is_asked_anew() {
    let world = World::complete();
    world.list(&world.provider(), "zofia", false).await.unwrap();
    world.list(&world.provider(), "zofia", false).await.unwrap();
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn zero_max_age_asks_every_time() {
    let mut world = World::complete();
    world.use_case.max_age = Duration::ZERO;
    let provider = world.provider();
    world.list(&provider, "zofia", false).await.unwrap();
    world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!(world.asked(), 2);
}

/// The listing is handed out and not kept: the next login asks again.
async fn is_not_kept(listing: Listing) {
    let world = World::of(Ok(listing.clone()));
    let provider = world.provider();
    let first = world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!(*first.listing, listing);
    world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!(world.asked(), 2);
    // The one that was forced is no more complete.
    world.list(&provider, "zofia", true).await.unwrap();
    world.list(&provider, "zofia", false).await.unwrap();
    assert_eq!(world.asked(), 4);
}

#[tokio::test]
async fn listing_with_a_warning_is_not_kept() {
    let warnings = vec!["one tenant is missing".to_owned()];
    is_not_kept(Listing { warnings, ..one_subscription() }).await;
}

#[tokio::test]
async fn listing_without_subscriptions_is_not_kept() {
    is_not_kept(Listing::default()).await;
}

#[tokio::test]
async fn listing_with_a_tenant_that_refuses_is_not_kept() {
    let tenant = Tenant {
        id: "fabrikam".into(),
        display_name: "Fabrikam".into(),
        state: TenantState::WantsMfa,
        reason: None,
        mender: None,
        repair: None,
        extra: vec![],
    };
    is_not_kept(Listing { tenants: vec![tenant], ..one_subscription() }).await;
}

#[tokio::test]
async fn failed_listing_fails_the_call_and_the_next_asks_again() {
    let error = CallError::Broken("no step".into());
    let world = World::of(Err(error.clone()));
    let provider = world.provider();
    assert_eq!(world.list(&provider, "zofia", false).await.unwrap_err(), error);
    assert_eq!(world.list(&provider, "zofia", true).await.unwrap_err(), error);
    assert_eq!(world.asked(), 2);
}

/// A cache in which another login's listing, of the provider as it was before, has just ended.
struct JoinsFormer(CachedListing);

#[async_trait::async_trait]
impl ListingCache for JoinsFormer {
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
async fn listing_under_way_of_the_former_registration_is_not_shared() {
    let mut world = World::complete();
    let former: Arc<dyn CloudProvider> = Arc::new(MockCloudProvider::new());
    world.use_case.cache = Arc::new(JoinsFormer(CachedListing {
        listing: Listing::default().into(),
        listed_at: Timestamp::from_unix_seconds(NOW),
        listed_by: Arc::downgrade(&former),
    }));
    let listed = world.list(&world.provider(), "zofia", false).await.unwrap();
    assert_eq!((world.asked(), listed.listing.subscriptions.len()), (1, 1));
}
