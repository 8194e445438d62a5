use portico_provider::{
    listing::{Listing, MAX_SUBSCRIPTIONS, Subscription},
    provider::{Credential, Discovery, FetchError, Method, Response, Step},
    serde_json::{Value, json},
};
use rstest::rstest;

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

#[rstest]
#[case::other_host("https://evil.example/subscriptions?api-version=2022-12-01")]
#[case::host_as_prefix("https://management.azure.com.evil.example/subscriptions")]
#[case::host_as_user("https://management.azure.com@evil.example/subscriptions")]
#[case::user("https://user:secret@management.azure.com/subscriptions?x")]
#[case::http("http://management.azure.com/subscriptions?x")]
#[case::other_port("https://management.azure.com:8443/subscriptions?x")]
#[case::dot_segment("https://management.azure.com/subscriptions/../tenants")]
#[case::path_below("https://management.azure.com/subscriptions/1/resources")]
#[case::other_path("https://management.azure.com/tenants")]
#[case::same_page("https://management.azure.com/subscriptions?api-version=2022-12-01")]
#[case::same_page_with_fragment(
    "https://management.azure.com/subscriptions?api-version=2022-12-01#again"
)]
#[case::relative("/subscriptions?$skiptoken=2")]
#[case::file("file:///etc/passwd")]
#[case::word("nonsense")]
fn next_link_is_not_followed_and_entries_are_kept(#[case] link: &str) {
    let listing = listed(ListingAs::User, &[page_of(&["one"], Some(link))]);
    assert_eq!(ids(&listing), ["one"]);
    assert_eq!(listing.warnings.len(), 1);
    assert!(listing.warnings[0].starts_with("Some of your Azure"));
}

#[test]
fn cycle_of_two_pages_ends_with_warning() {
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
fn list_ends_with_warning_at_500_pages() {
    let pages: Vec<_> = (1..=MAX_PAGES)
        .map(|number| page_of(&[&number.to_string()], Some(&page_after(&number.to_string()))))
        .collect();
    let listing = listed(ListingAs::User, &pages);
    assert_eq!(listing.subscriptions.len(), MAX_PAGES);
    assert!(listing.warnings[0].contains("the 500 pages"), "{:?}", listing.warnings);
}

#[rstest]
#[case::application_token(401, ListingAs::Application, "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET")]
#[case::user_token(401, ListingAs::User, "Sign in again")]
#[case::application_forbidden(403, ListingAs::Application, "AZURE_SUBSCRIPTIONS_AS=user")]
#[case::user_forbidden(403, ListingAs::User, "Reader role")]
#[case::not_found(404, ListingAs::User, "AZURE_RESOURCE_MANAGER_URL")]
#[case::too_many_requests(429, ListingAs::User, "in some minutes")]
#[case::server_error(500, ListingAs::User, "later")]
#[case::unavailable(503, ListingAs::Application, "later")]
#[case::redirect(302, ListingAs::User, "refused")]
#[case::no_content(204, ListingAs::User, "refused")]
fn refused_page_adds_warning_with_advice_and_keeps_subscriptions(
    #[case] status: u16,
    #[case] listing_as: ListingAs,
    #[case] advice: &str,
) {
    let listing = after_one_page(listing_as, response(2, status, "{}"));
    assert_eq!(ids(&listing), ["one"]);
    assert_eq!(listing.warnings.len(), 1);
    assert!(listing.warnings[0].contains(advice), "{:?}", listing.warnings);
    assert!(listing.warnings[0].contains(&status.to_string()), "{:?}", listing.warnings);
}

#[rstest]
#[case::not_permitted(FetchError::NotGranted, "AZURE_RESOURCE_MANAGER_URL")]
#[case::no_token(FetchError::NoToken, "AZURE_CLIENT_SECRET")]
#[case::timed_out(FetchError::TimedOut, "in time")]
#[case::too_large(FetchError::TooLarge, "larger")]
#[case::unreachable(FetchError::Unreachable, "cannot be reached")]
#[case::budget_spent(FetchError::BudgetSpent, "at once")]
#[case::withheld(FetchError::Refused, "carried a token")]
fn page_without_reply_adds_warning_with_advice_and_keeps_subscriptions(
    #[case] error: FetchError,
    #[case] advice: &str,
) {
    let failed = Response { id: 2, outcome: Err(error) };
    let listing = after_one_page(ListingAs::Application, failed);
    assert_eq!(ids(&listing), ["one"]);
    assert!(listing.warnings[0].contains(advice), "{:?}", listing.warnings);
}

#[test]
fn refused_first_page_lists_nothing_with_warning() {
    let mut list = list(ListingAs::Application);
    list.next(vec![]).unwrap();
    let listing = done(list.next(vec![response(1, 403, "")]).unwrap());
    assert_eq!(listing.subscriptions, []);
    assert!(listing.warnings[0].starts_with("Your Azure subscriptions could not be listed"));
}

#[rstest]
#[case::empty("")]
#[case::array("[]")]
#[case::truncated("{")]
#[case::null("null")]
#[case::number(r#"{"value": 7}"#)]
#[case::html("<html>")]
#[case::numeric_link(r#"{"value":[],"nextLink":1}"#)]
fn unreadable_page_adds_warning_and_keeps_subscriptions(#[case] body: &str) {
    let listing = after_one_page(ListingAs::User, response(2, 200, body));
    assert_eq!(ids(&listing), ["one"]);
    assert!(listing.warnings[0].contains("unreadable"));
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

/// The subscription of a page with this entry only.
fn read(entry: &Value) -> Option<Subscription> {
    let body = json!({"value": [entry]}).to_string();
    let mut page = page(&Reply { status: 200, headers: vec![], body }).unwrap();
    assert_eq!(page.subscriptions.len() + page.passed_over, 1, "{entry}");
    page.subscriptions.pop()
}

#[test]
fn page_reads_all_fields_of_an_entry() {
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
fn missing_or_invisible_name_is_replaced_by_id() {
    for name in [json!(null), json!(7), json!(""), json!("\r\n")] {
        let found = read(&json!({"subscriptionId": "1", "displayName": name}));
        assert_eq!(found.unwrap().display_name, "1", "{name}");
    }
}

#[test]
fn name_is_truncated_and_markup_stays_text() {
    let long = json!({"subscriptionId": "1", "displayName": "x".repeat(1 << 20)});
    assert_eq!(read(&long).unwrap().display_name.len(), 256);
    let markup = json!({"subscriptionId": "1", "displayName": "<script>\u{0}</script>"});
    assert_eq!(read(&markup).unwrap().display_name, "<script></script>");
}

#[rstest]
#[case::no_id(json!({}))]
#[case::null(json!(null))]
#[case::text(json!("1"))]
#[case::fraction(json!({"subscriptionId": 1.5}))]
#[case::empty(json!({"subscriptionId": ""}))]
#[case::space(json!({"subscriptionId": "a b"}))]
#[case::line_break(json!({"subscriptionId": "a\r\nb"}))]
#[case::too_long(json!({"subscriptionId": "x".repeat(129)}))]
fn entry_without_valid_id_is_skipped(#[case] entry: Value) {
    assert_eq!(read(&entry), None);
}
