use std::{future::poll_fn, task::Poll};

use super::{super::Listed, *};
use crate::{
    identity::TenantId,
    listing::ListingBudget,
    provider::Person,
    testing::{FakeClock, SlowCloud, doubles, samples, tenant},
};

#[tokio::test]
async fn slow_tenant_keeps_no_other_from_its_next_page_and_is_listed_when_it_comes() {
    let cloud = SlowCloud::default();
    let (mut lists, request) = listing_of(&cloud);
    let clock = Arc::new(FakeClock::at(1_000));
    clock.let_sleeps_pass();
    lists.clock = clock;
    let mut listing = Box::pin(lists.run(&request));
    poll_fn(|context| {
        assert!(listing.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
    assert_eq!(cloud.requests(), 3, "the second page waits for the slow tenant");
    cloud.open();
    let Listed { listing, incidents } = listing.await.unwrap();
    assert_eq!((listing.subscriptions.len(), cloud.requests()), (2, 3));
    assert_eq!(incidents, []);
}

#[tokio::test]
async fn tenant_that_comes_after_the_time_of_the_listing_is_missing() {
    let cloud = SlowCloud::default();
    let (mut lists, request) = listing_of(&cloud);
    let clock = Arc::new(FakeClock::at(1_000));
    clock.let_sleeps_pass();
    lists.clock = clock.clone();
    let mut listing = Box::pin(lists.run(&request));
    poll_fn(|context| {
        assert!(listing.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
    clock.advance(ListingBudget::default().time);
    cloud.open();
    let Listed { listing, incidents } = listing.await.unwrap();
    let slow = tenant("slow", TenantState::Unreachable);
    assert_eq!(listing.tenants, [tenant("fast", TenantState::Ok), slow]);
    assert_eq!(incidents.len(), 1);
}

fn listing_of(cloud: &SlowCloud) -> (ListResources, ListingRequest) {
    let provider = cloud.registration(doubles::Provider::silent()).into();
    let person = Person { identity: samples::identity("contoso", "zofia"), token_reply: vec![] };
    let tokens = samples::tokens("contoso");
    let (clock, budget) = (Arc::new(FakeClock::at(1_000)), ListingBudget::default());
    (ListResources { clock, budget }, ListingRequest { provider, person, tokens })
}

#[tokio::test]
async fn so_far_has_what_came_and_calls_the_rest_late() {
    let cloud = SlowCloud::default();
    let (lists, request) = listing_of(&cloud);
    let progress = Progress::recorded();
    let mut listing = Box::pin(lists.run_recorded(&request, &progress));
    poll_fn(|context| {
        assert!(listing.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
    let so_far = lists.so_far(&request, &progress).await.unwrap();
    let mut slow = tenant("slow", TenantState::Unreachable);
    slow.reason = Some("It has not answered yet.".into());
    assert_eq!(so_far.tenants, [tenant("fast", TenantState::Ok), slow]);
    assert_eq!(so_far.subscriptions.len(), 1);
    cloud.open();
    let listed = listing.await.unwrap().listing;
    assert_eq!((listed.subscriptions.len(), cloud.requests()), (2, 3));
    assert!(lists.so_far(&request, &progress).await.is_none(), "nothing is recorded any more");
}

#[tokio::test]
async fn so_far_is_none_before_the_first_response_and_without_a_record() {
    let cloud = SlowCloud::default();
    let (lists, request) = listing_of(&cloud);
    assert!(lists.so_far(&request, &Progress::recorded()).await.is_none());
    cloud.open();
    let progress = Progress::default();
    lists.run_recorded(&request, &progress).await.unwrap();
    assert!(lists.so_far(&request, &progress).await.is_none());
}

#[test]
fn recorded_outcomes_are_taken_once_and_in_the_order_of_their_requests() {
    let reply = |body: &str| Ok(Reply { status: 200, headers: vec![], body: body.into() });
    let request = Request {
        id: 1,
        method: crate::provider::Method::Get,
        url: url::Url::parse("https://cloud.example/list").unwrap(),
        headers: vec![],
        body: None,
        credential: None,
    };
    let progress = Progress::recorded();
    progress.replied(&request, &reply("first"));
    progress.replied(&request, &reply("second"));
    let name = TokenName { permission: "p".into(), tenant: TenantId::parse("fabrikam").unwrap() };
    progress.token(&name, &Ok(AccessToken::new("token")));
    let mut recorded = progress.close();
    let bodies = [(); 3].map(|()| recorded.outcome(&request).ok().map(|reply| reply.body));
    assert_eq!(bodies, [Some("first".into()), Some("second".into()), None]);
    assert!(recorded.token(&name).is_ok() && recorded.token(&name).is_err());
}
