mod endings;
mod entries;

use portico_provider::{
    listing::{Listing, MAX_SUBSCRIPTIONS, Subscription},
    provider::{Credential, Discovery, FetchError, Method, Response, Step},
    serde_json::{Value, json},
};
use rstest::rstest;

use super::*;

const ARM: &str = "https://management.azure.com";

fn list(listing_as: ListingAs) -> Pages {
    subscriptions(&AzureSettings { resource_manager: Url::parse(ARM).unwrap(), listing_as }, None)
}

fn response(id: u32, status: u16, body: &str) -> Response {
    Response { id, outcome: Ok(Reply { status, headers: vec![], body: body.into() }) }
}

fn page_of(ids: &[&str], next: Option<&str>) -> String {
    let value: Vec<_> = ids.iter().map(|id| json!({"subscriptionId": id})).collect();
    json!({"value": value, "nextLink": next}).to_string()
}

fn page_after(token: &str) -> String {
    format!("{ARM}/subscriptions?api-version=2022-12-01&$skiptoken={token}")
}

/// Runs a list whose pages have these bodies and status 200.
fn listed(listing_as: ListingAs, pages: &[String]) -> Listing {
    let mut list = list(listing_as);
    let mut step = list.next(vec![]).unwrap();
    for (number, body) in (1..).zip(pages) {
        assert!(
            matches!(&step, Step::Fetch { requests, .. } if requests.len() == 1),
            "page {number}"
        );
        step = list.next(vec![response(number, 200, body)]).unwrap();
    }
    done(step)
}

fn done(step: Step) -> Listing {
    match step {
        Step::Done(listing) => listing,
        Step::Fetch { requests, .. } => panic!("it asks for more: {requests:?}"),
    }
}

/// The listing after one valid page and this response to the request for the second.
fn after_one_page(listing_as: ListingAs, second: Response) -> Listing {
    let mut list = list(listing_as);
    list.next(vec![]).unwrap();
    let next = page_after("2");
    list.next(vec![response(1, 200, &page_of(&["one"], Some(&next)))]).unwrap();
    done(list.next(vec![second]).unwrap())
}

fn ids(listing: &Listing) -> Vec<&str> {
    listing.subscriptions.iter().map(|subscription| subscription.id.as_str()).collect()
}

#[test]
fn first_request_is_for_the_list_under_the_configured_permission() {
    for (listing_as, permission) in
        [(ListingAs::Application, AS_APPLICATION), (ListingAs::User, AS_USER)]
    {
        let Step::Fetch { requests, .. } = list(listing_as).next(vec![]).unwrap() else { panic!() };
        assert_eq!(requests.len(), 1);
        let expected = "https://management.azure.com/subscriptions?api-version=2022-12-01";
        assert_eq!(requests[0].url.as_str(), expected);
        assert_eq!(requests[0].method, Method::Get);
        assert_eq!(
            requests[0].credential,
            Some(Credential { permission: permission.into(), tenant: None })
        );
    }
}

#[test]
fn subscriptions_of_all_pages_are_listed_without_duplicates() {
    let pages = [
        page_of(&["one", "two"], Some(&page_after("2"))),
        page_of(&["two", "three"], Some(&page_after("3"))),
        page_of(&["four"], Some("")),
    ];
    let listing = listed(ListingAs::Application, &pages);
    assert_eq!(ids(&listing), ["one", "two", "three", "four"]);
    assert_eq!(listing.warnings, [""; 0]);
}

#[test]
fn entries_without_valid_id_are_counted_in_warning() {
    let value = json!([{"subscriptionId": "one"}, {}, null, {"subscriptionId": "a b"}]);
    let listing = listed(ListingAs::User, &[json!({"value": value}).to_string()]);
    assert_eq!(ids(&listing), ["one"]);
    assert!(listing.warnings[0].starts_with("3 of"));
}

#[test]
fn empty_list_has_warning_for_application_only() {
    let empty = [page_of(&[], None)];
    let as_application = listed(ListingAs::Application, &empty);
    assert!(as_application.warnings[0].contains("Reader role"));
    assert_eq!(listed(ListingAs::User, &empty).warnings, [""; 0]);
}

#[test]
fn unexpected_responses_end_the_list_without_panic() {
    let good = page_of(&["one"], None);
    let bodies = [good.as_str(), "", "{}", "\u{0}", r#"{"value":[[[]]]}"#];
    let numbers = [0, 1, 2, 7, u32::MAX];
    let mut orders: Vec<Vec<Response>> = vec![vec![]];
    for first in numbers {
        for second in numbers {
            for body in bodies {
                let failed = Response { id: second, outcome: Err(FetchError::TimedOut) };
                orders.push(vec![failed.clone(), response(first, 200, body)]);
                orders.push(vec![response(first, 999, body), failed, response(1, 200, body)]);
            }
        }
    }
    for responses in orders {
        let mut list = list(ListingAs::User);
        list.next(responses.clone()).unwrap();
        for _ in 0..4 {
            list.next(responses.clone()).unwrap();
        }
    }
    let mut list = list(ListingAs::User);
    list.next(vec![]).unwrap();
    let mixed = vec![response(7, 200, &page_of(&["seven"], None)), response(1, 200, &good)];
    assert_eq!(ids(&done(list.next(mixed).unwrap())), ["one"]);
}

#[test]
fn page_over_ten_thousand_is_truncated_with_warning() {
    let page = |entries: usize| {
        let id = |n| json!({"subscriptionId": format!("{n:036}")});
        let value: Vec<Value> = (0..entries).map(id).collect();
        json!({"value": value, "nextLink": page_after("more")}).to_string()
    };
    let end = json!({"value": []}).to_string();
    let whole = listed(ListingAs::User, &[page(MAX_SUBSCRIPTIONS), end]);
    assert_eq!((whole.subscriptions.len(), whole.warnings.len()), (10_000, 0));
    let truncated = listed(ListingAs::User, &[page(MAX_SUBSCRIPTIONS + 1)]);
    assert_eq!(truncated.subscriptions.len(), 10_000);
    assert!(truncated.warnings[0].contains("10000"), "{:?}", truncated.warnings);
}
