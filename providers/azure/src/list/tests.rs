use portico_provider::{
    listing::{Listing, MAX_SUBSCRIPTIONS, Subscription},
    provider::{Credential, Discovery, FetchError, Method, Response, Step},
    serde_json::{Value, json},
};

use super::*;

const ARM: &str = "https://management.azure.com";

fn list(listing_as: ListingAs) -> Pages {
    subscriptions(&AzureSettings { resource_manager: Url::parse(ARM).unwrap(), listing_as })
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

/// Feeds these bodies as pages one to n, each with status 200.
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

/// The listing after one good page and this response to the second.
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
fn the_first_request_is_for_the_list_with_the_token_of_whom_it_is_listed_as() {
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
fn every_page_is_read_and_nothing_is_listed_twice() {
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
fn a_next_page_elsewhere_or_in_a_circle_is_not_asked_for_and_the_list_so_far_stays() {
    for link in [
        "https://evil.example/subscriptions?api-version=2022-12-01",
        "https://management.azure.com.evil.example/subscriptions",
        "https://management.azure.com@evil.example/subscriptions",
        "https://user:secret@management.azure.com/subscriptions?x",
        "http://management.azure.com/subscriptions?x",
        "https://management.azure.com:8443/subscriptions?x",
        "https://management.azure.com/subscriptions/../tenants",
        "https://management.azure.com/subscriptions/1/resources",
        "https://management.azure.com/tenants",
        "https://management.azure.com/subscriptions?api-version=2022-12-01",
        "https://management.azure.com/subscriptions?api-version=2022-12-01#again",
        "/subscriptions?$skiptoken=2",
        "file:///etc/passwd",
        "nonsense",
    ] {
        let listing = listed(ListingAs::User, &[page_of(&["one"], Some(link))]);
        assert_eq!(ids(&listing), ["one"], "{link}");
        assert_eq!(listing.warnings.len(), 1, "{link}");
        assert!(listing.warnings[0].starts_with("Some of your Azure"), "{link}");
    }
}

#[test]
fn a_circle_of_two_pages_ends() {
    let pages = [
        page_of(&["one"], Some(&page_after("2"))),
        page_of(&["two"], Some(&page_after("3"))),
        page_of(&["three"], Some(&page_after("2"))),
    ];
    let listing = listed(ListingAs::User, &pages);
    assert_eq!(ids(&listing), ["one", "two", "three"]);
    assert_eq!(listing.warnings.len(), 1);
}

#[test]
fn the_pages_of_one_list_are_bounded() {
    let pages: Vec<_> = (1..=MAX_PAGES)
        .map(|number| page_of(&[&number.to_string()], Some(&page_after(&number.to_string()))))
        .collect();
    let listing = listed(ListingAs::User, &pages);
    assert_eq!(listing.subscriptions.len(), MAX_PAGES);
    assert!(listing.warnings[0].contains("the 500 pages"), "{:?}", listing.warnings);
}

#[test]
fn what_azure_refuses_is_told_with_what_to_do_and_the_part_that_came_stays() {
    for (status, listing_as, help) in [
        (401, ListingAs::Application, "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"),
        (401, ListingAs::User, "Sign in again"),
        (403, ListingAs::Application, "AZURE_SUBSCRIPTIONS_AS=user"),
        (403, ListingAs::User, "Reader role"),
        (404, ListingAs::User, "AZURE_RESOURCE_MANAGER_URL"),
        (429, ListingAs::User, "in some minutes"),
        (500, ListingAs::User, "later"),
        (503, ListingAs::Application, "later"),
        (302, ListingAs::User, "refused"),
        (204, ListingAs::User, "refused"),
    ] {
        let listing = after_one_page(listing_as, response(2, status, "{}"));
        assert_eq!(ids(&listing), ["one"], "{status}");
        assert_eq!(listing.warnings.len(), 1, "{status}");
        assert!(listing.warnings[0].contains(help), "{:?}", listing.warnings);
        assert!(listing.warnings[0].contains(&status.to_string()), "{:?}", listing.warnings);
    }
}

#[test]
fn what_was_not_fetched_is_told_with_what_to_do() {
    for (error, help) in [
        (FetchError::NotGranted, "AZURE_RESOURCE_MANAGER_URL"),
        (FetchError::NoToken, "AZURE_CLIENT_SECRET"),
        (FetchError::TimedOut, "in time"),
        (FetchError::TooLarge, "larger"),
        (FetchError::Unreachable, "cannot be reached"),
        (FetchError::BudgetSpent, "at once"),
        (FetchError::Refused, "carried a token"),
    ] {
        let failed = Response { id: 2, outcome: Err(error) };
        let listing = after_one_page(ListingAs::Application, failed);
        assert_eq!(ids(&listing), ["one"], "{error}");
        assert!(listing.warnings[0].contains(help), "{:?}", listing.warnings);
    }
}

#[test]
fn a_first_page_that_fails_lists_nothing_and_says_so() {
    let mut list = list(ListingAs::Application);
    list.next(vec![]).unwrap();
    let listing = done(list.next(vec![response(1, 403, "")]).unwrap());
    assert_eq!(listing.subscriptions, []);
    assert!(listing.warnings[0].starts_with("Your Azure subscriptions could not be listed"));
}

#[test]
fn garbage_is_told_and_does_not_spoil_what_came() {
    for body in ["", "[]", "{", "null", r#"{"value": 7}"#, "<html>", r#"{"value":[],"nextLink":1}"#]
    {
        let listing = after_one_page(ListingAs::User, response(2, 200, body));
        assert_eq!(ids(&listing), ["one"], "{body}");
        assert!(listing.warnings[0].contains("unreadable"), "{body}");
    }
}

#[test]
fn entries_without_a_usable_id_are_left_out_and_counted() {
    let value = json!([{"subscriptionId": "one"}, {}, null, {"subscriptionId": "a b"}]);
    let listing = listed(ListingAs::User, &[json!({"value": value}).to_string()]);
    assert_eq!(ids(&listing), ["one"]);
    assert!(listing.warnings[0].starts_with("3 of"));
}

#[test]
fn an_empty_list_is_worth_a_word_only_where_the_application_may_lack_a_role() {
    let empty = [page_of(&[], None)];
    let as_application = listed(ListingAs::Application, &empty);
    assert!(as_application.warnings[0].contains("Reader role"));
    assert_eq!(listed(ListingAs::User, &empty).warnings, [""; 0]);
}

#[test]
fn responses_out_of_order_unknown_or_missing_end_the_list_and_never_panic() {
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
fn a_page_of_ten_thousand_is_listed_whole_and_of_more_the_first_ten_thousand() {
    let page = |entries: usize| {
        let id = |n| json!({"subscriptionId": format!("{n:036}")});
        let value: Vec<Value> = (0..entries).map(id).collect();
        json!({"value": value, "nextLink": page_after("more")}).to_string()
    };
    let end = json!({"value": []}).to_string();
    let whole = listed(ListingAs::User, &[page(MAX_SUBSCRIPTIONS), end]);
    assert_eq!((whole.subscriptions.len(), whole.warnings.len()), (10_000, 0));
    let cut = listed(ListingAs::User, &[page(MAX_SUBSCRIPTIONS + 1)]);
    assert_eq!(cut.subscriptions.len(), 10_000);
    assert!(cut.warnings[0].contains("10000"), "{:?}", cut.warnings);
}

/// The one subscription of a page with this entry alone.
fn read(entry: &Value) -> Option<Subscription> {
    let body = json!({"value": [entry]}).to_string();
    let mut page = page(&Reply { status: 200, headers: vec![], body }).unwrap();
    assert_eq!(page.subscriptions.len() + page.passed_over, 1, "{entry}");
    page.subscriptions.pop()
}

#[test]
fn an_entry_becomes_a_subscription() {
    let entry = json!({
        "id": "/subscriptions/1", "subscriptionId": "1", "tenantId": "t",
        "displayName": "Production", "state": "Enabled", "subscriptionPolicies": {},
    });
    let expected = Subscription {
        id: "1".into(),
        display_name: "Production".into(),
        state: Some("Enabled".into()),
        tenant: Some("t".into()),
        extra: vec![],
    };
    assert_eq!(read(&entry), Some(expected));
}

#[test]
fn a_name_that_is_missing_or_invisible_gives_way_to_the_id() {
    for name in [json!(null), json!(7), json!(""), json!("\r\n")] {
        let found = read(&json!({"subscriptionId": "1", "displayName": name}));
        assert_eq!(found.unwrap().display_name, "1", "{name}");
    }
}

#[test]
fn names_are_bounded_and_stay_text() {
    let long = json!({"subscriptionId": "1", "displayName": "x".repeat(1 << 20)});
    assert_eq!(read(&long).unwrap().display_name.len(), 256);
    let markup = json!({"subscriptionId": "1", "displayName": "<script>\u{0}</script>"});
    assert_eq!(read(&markup).unwrap().display_name, "<script></script>");
}

#[test]
fn an_entry_without_a_usable_id_is_none() {
    for entry in [
        json!({}),
        json!(null),
        json!("1"),
        json!({"subscriptionId": 1.5}),
        json!({"subscriptionId": ""}),
        json!({"subscriptionId": "a b"}),
        json!({"subscriptionId": "a\r\nb"}),
        json!({"subscriptionId": "x".repeat(129)}),
    ] {
        assert_eq!(read(&entry), None, "{entry}");
    }
}
