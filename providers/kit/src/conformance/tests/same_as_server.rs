//! The kit and the server refuse a listing for the same reasons, in the same words.

use std::sync::Arc;

use portico_domain::{
    account::{Listing, Subscription},
    identity::TenantId,
    listing::{Incident, ListingBudget},
    ports::{CloudProvider, FetchFailure, MockCloudApi},
    provider::{
        CallError, Credential, FetchError, Method, Person, Registration, Reply, Request, Step,
    },
    testing::{FakeClock, doubles, samples},
    use_cases::{ListResources, ListingRequest},
};
use rstest::rstest;
use url::Url;

use crate::{
    factory::Factory,
    host::{HostedListing, ListingOutcome, UNCHANGED, run_listing},
    testing::{FaultyProvider, fixtures},
};

const PAGE: &str = "https://cloud.example/api/projects";

/// A provider with these requests in its first step and an empty listing in its second.
fn requesting(requests: Vec<Request>) -> FaultyProvider {
    FaultyProvider::listing(move |number, _, _| match number {
        1 => Ok(Step::fetch(requests.clone())),
        _ => Ok(Step::Done(Listing::default())),
    })
}

fn request(id: usize, url: &str, tenant: Option<&str>) -> Request {
    let tenant = tenant.map(|tenant| TenantId::parse(tenant).unwrap());
    Request {
        id: u32::try_from(id).unwrap(),
        method: Method::Get,
        url: Url::parse(url).unwrap(),
        headers: vec![],
        body: None,
        credential: Some(Credential { permission: "read".into(), tenant }),
    }
}

fn pages(count: usize) -> Vec<Request> {
    (0..count).map(|number| request(number, PAGE, None)).collect()
}

/// A provider that lists this one entry.
fn listing(id: &str, display_name: &str) -> FaultyProvider {
    let (id, display_name) = (id.to_owned(), display_name.to_owned());
    FaultyProvider::listing(move |_, _, _| {
        let entry = Subscription {
            id: id.clone(),
            display_name: display_name.clone(),
            state: None,
            tenant: None,
            extra: vec![],
        };
        Ok(Step::Done(Listing { subscriptions: vec![entry], ..Listing::default() }))
    })
}

fn with_header(name: &str) -> FaultyProvider {
    let mut request = request(1, PAGE, None);
    request.headers = vec![(name.into(), "x".into())];
    requesting(vec![request])
}

/// Why a host failed a listing, and what it refused in it.
type Refusals = (Option<CallError>, Vec<Incident>);

fn reply(bytes: usize) -> Reply {
    Reply { status: 200, headers: vec![], body: "x".repeat(bytes) }
}

async fn by_kit(provider: &dyn CloudProvider, person: &Person, bytes: usize) -> Refusals {
    let replies = move |_: usize, _: &Request| Ok(reply(bytes));
    let hosted = run_listing(provider, person, &replies, UNCHANGED).await;
    let HostedListing { outcome, refusals, .. } = hosted;
    match outcome {
        ListingOutcome::Done(_) => (None, refusals),
        ListingOutcome::Failed(error) => (Some(error), refusals),
    }
}

async fn by_server(provider: Arc<dyn CloudProvider>, person: &Person, bytes: usize) -> Refusals {
    let mut api = MockCloudApi::new();
    api.expect_fetch().returning(move |fetch| match bytes as u64 > fetch.max_bytes {
        true => Err(FetchFailure {
            error: FetchError::TooLarge,
            detail: "the reply is larger than the host reads".into(),
        }),
        false => Ok(reply(bytes)),
    });
    let registration = Registration {
        cloud: provider,
        api: Arc::new(api),
        ..doubles::Provider::silent().into_registration()
    };
    let clock = Arc::new(FakeClock::at(0));
    let host = ListResources { clock, budget: ListingBudget::default() };
    let (person, tokens) = (person.clone(), samples::tokens("contoso"));
    let request = ListingRequest { provider: registration.into(), person, tokens };
    match host.run(&request).await {
        Ok(listed) => (None, listed.incidents),
        Err(error) => (Some(error), vec![]),
    }
}

#[rstest]
#[case::more_requests_than_a_step_may_hold(
    requesting(pages(501)),
    1,
    "it asked for 501 requests at once"
)]
#[case::a_persons_token_of_another_tenant(
    requesting(vec![request(1, PAGE, Some("elsewhere"))]), 1, "no capability lets read use"
)]
#[case::an_address_that_no_permission_covers(
    requesting(vec![request(1, "https://elsewhere.example/", None)]), 1, "is not granted"
)]
#[case::a_header_that_is_the_hosts(with_header("host"), 1, "host")]
#[case::more_bytes_than_a_listing_may_read(requesting(pages(40)), 1 << 20, "budget of the listing is spent")]
#[case::a_reply_that_is_too_large(requesting(pages(1)), (1 << 20) + 1, "larger than the host reads")]
#[case::requests_without_end(
    FaultyProvider::listing(|_, _, _| Ok(Step::fetch(pages(300)))), 1, "after its budget was spent"
)]
#[case::an_id_that_cannot_be_shown(listing("a\nb", "A"), 1, "an id that is empty, too long or not")]
#[case::a_name_of_a_megabyte(listing("a", &"a".repeat(1 << 20)), 1, "a name of more than")]
#[tokio::test]
async fn kit_and_server_refuse_a_listing_with_the_same_error(
    #[case] faulty: FaultyProvider,
    #[case] bytes: usize,
    #[case] expected: &str,
) {
    let provider = faulty.configure(&fixtures().settings).await.unwrap();
    let person = Person { identity: samples::identity("contoso", "zofia"), token_reply: vec![] };
    let kit = by_kit(&*provider, &person, bytes).await;
    let server = by_server(provider, &person, bytes).await;
    let (error, incidents) = &server;
    let first = incidents.first().map(|incident| incident.why.clone());
    let reason = error.as_ref().map(ToString::to_string).or(first).unwrap();
    assert!(reason.contains(expected), "{reason}");
    assert_eq!(kit.0, server.0);
    if server.0.is_none() {
        assert_eq!(kit.1, server.1);
    }
}
