//! A login does not wait for a slow list.

use super::*;
use crate::{
    account::{ListingState, TenantState},
    testing::{SlowCloud, tenant},
};

/// A cloud of which a part is slow, and at which Zofia signs in once.
fn slow_cloud() -> (SlowCloud, Registration) {
    let cloud = SlowCloud::default();
    let identity = signing_in(&[("contoso", "zofia")]).identity;
    let doubles = doubles::Provider { identity, ..doubles::Provider::silent() };
    let registration = cloud.registration(doubles);
    (cloud, registration)
}

/// A world without patience.
fn world() -> (World, SlowCloud) {
    let (cloud, registration) = slow_cloud();
    let world = World::with(Providers::new([registration]));
    world.tasks.lose_patience();
    (world, cloud)
}

#[tokio::test]
async fn run_lands_with_what_has_come_and_the_rest_follows() {
    let (world, cloud) = world();
    let login = world.log_in("right", None, code()).await.unwrap();
    let account = world.session(&login.session).await.unwrap().accounts.remove(0);
    assert_eq!(account.listing_state(world.clock.now()), ListingState::InProgress);
    let fast = tenant("fast", TenantState::Ok);
    assert_eq!((&account.tenants[0], account.tenants[1].state), (&fast, TenantState::Unreachable));
    assert_eq!(account.all_warnings(), [""; 0], "nothing is missing yet");
    assert_eq!(account.subscriptions.len(), 1);

    cloud.open();
    world.tasks.run_all().await;
    let account = world.session(&login.session).await.unwrap().accounts.remove(0);
    assert_eq!(account.listing_state(world.clock.now()), ListingState::Complete);
    assert_eq!(account.tenants, [fast, tenant("slow", TenantState::Ok)]);
    assert_eq!(account.subscriptions.len(), 2);
    // The part that had come was not requested again.
    assert_eq!(cloud.requests(), 3);
}

#[tokio::test]
async fn run_keeps_the_list_that_the_session_has_until_the_new_one_comes() {
    let (world, cloud) = world();
    cloud.open();
    let first = world.log_in("right", None, code()).await.unwrap().session;
    world.tasks.run_all().await;
    let listed = world.session(&first).await.unwrap().accounts.remove(0);

    // Settings that changed make the next login list again.
    let (closed, registration) = slow_cloud();
    world.use_case.providers.replace(vec![Arc::new(registration)], world.clock.now());
    world.clock.advance(std::time::Duration::from_mins(5));
    let second = world.log_in("right", Some(first), code()).await.unwrap().session;
    let account = world.session(&second).await.unwrap().accounts.remove(0);
    assert_eq!((&account.listing, account.refreshed_at), (&listed.listing, listed.refreshed_at));
    assert!(account.is_listing_pending);
    closed.open();
    world.tasks.run_all().await;
    let account = world.session(&second).await.unwrap().accounts.remove(0);
    assert_eq!((account.listing == listed.listing, account.is_listing_pending), (true, false));
    assert!(account.refreshed_at > listed.refreshed_at);
}
