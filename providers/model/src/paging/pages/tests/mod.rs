//! Paging, and the ends of a list.

mod refusals;
mod retries;

use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::{
    declaration::Principal,
    listing::{FetchError, MAX_SUBSCRIPTIONS, Tenant, TenantState},
    paging::{Fields, Json, Next},
};

const LIST: &str = "https://cloud.example/api/projects";
const WORDING: Wording = Wording {
    id: "example-cloud",
    cloud: "Example Cloud",
    entries: "projects",
    principal: Principal::SignedInUser,
    address: "api-url",
    forbidden: "Ask an administrator for the role Reader.",
    empty: None,
};
const FIELDS: Fields = Fields { id: "/id", name: "/name", state: None, tenant: None };

fn read(reply: &Reply) -> Result<Page, Unreadable> {
    let body = Json::parse(&reply.body)?;
    let page = Page::of(body.at("/projects").ok_or(Unreadable)?, &FIELDS)?;
    Ok(page.then(Next::link(body.at("/next"))))
}

fn list_with(wording: Wording) -> Pages {
    let first = Get::new(Url::parse(LIST).unwrap(), "read").header("accept", "application/json");
    Pages::new(wording, first.parameter("size", "2"), read)
}

fn reply(status: u16, body: &str) -> Reply {
    Reply { status, headers: vec![], body: body.into() }
}

fn response(id: u32, status: u16, body: &str) -> Response {
    Response { id, outcome: Ok(reply(status, body)) }
}

fn page(ids: &[&str], next: impl Into<Value>) -> String {
    let projects: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
    json!({"projects": projects, "next": next.into()}).to_string()
}

fn page_number(number: usize) -> String {
    format!("{LIST}?page={number}")
}

fn done(step: Step) -> Listing {
    match step {
        Step::Done(listing) => listing,
        Step::Fetch { requests, .. } => panic!("it asks for more: {requests:?}"),
    }
}

/// Runs a list whose pages have these bodies and status 200.
fn listed(mut list: Pages, pages: &[String]) -> Listing {
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

/// The listing after one valid page and this response to the request for the second.
fn after_one_page(wording: Wording, second: Response) -> Listing {
    let mut list = list_with(wording);
    list.next(vec![]).unwrap();
    list.next(vec![response(1, 200, &page(&["one"], page_number(2)))]).unwrap();
    done(list.next(vec![second]).unwrap())
}

fn ids(listing: &Listing) -> Vec<&str> {
    listing.subscriptions.iter().map(|subscription| subscription.id.as_str()).collect()
}

#[test]
fn next_requests_every_page_with_the_same_token_and_headers() {
    let mut list = list_with(WORDING);
    let mut step = list.next(vec![]).unwrap();
    for (number, url) in [(1, format!("{LIST}?size=2")), (2, page_number(2))] {
        let Step::Fetch { requests, .. } = step else { panic!() };
        let request = &requests[0];
        assert_eq!((request.id, request.url.as_str()), (number, url.as_str()));
        assert_eq!(request.headers, [("accept".into(), "application/json".into())]);
        assert_eq!(request.credential.as_ref().unwrap().permission, "read");
        step = list.next(vec![response(number, 200, &page(&[], page_number(2)))]).unwrap();
    }
}

#[test]
fn listing_has_entries_of_all_pages_without_duplicates() {
    let pages = [
        page(&["one", "two"], page_number(2)),
        page(&["two", "three"], "?page=3"),
        page(&["four"], ""),
    ];
    let listing = listed(list_with(WORDING), &pages);
    assert_eq!(ids(&listing), ["one", "two", "three", "four"]);
    assert_eq!(listing.warnings, [""; 0]);
}

#[rstest]
#[case::other_host(json!("https://evil.example/api/projects"))]
#[case::other_path(json!("https://cloud.example/api/users"))]
#[case::same_page(json!(format!("{LIST}?size=2")))]
#[case::same_page_with_fragment(json!(format!("{LIST}?size=2#again")))]
#[case::object(json!({}))]
#[case::boolean(json!(true))]
fn next_does_not_follow_link_and_keeps_entries(#[case] link: Value) {
    let listing = listed(list_with(WORDING), &[page(&["one"], link)]);
    assert_eq!(ids(&listing), ["one"]);
    assert!(listing.warnings[0].starts_with("Some of your Example Cloud projects"));
}

#[test]
fn cycle_of_two_pages_ends_with_warning() {
    let pages = [
        page(&["one"], page_number(2)),
        page(&["two"], page_number(3)),
        page(&["three"], page_number(2)),
    ];
    let listing = listed(list_with(WORDING), &pages);
    assert_eq!(ids(&listing), ["one", "two", "three"]);
    assert_eq!(listing.warnings.len(), 1);
}

#[test]
fn list_ends_with_warning_at_max_pages() {
    let pages: Vec<_> = (1..=MAX_PAGES).map(|n| page(&[&n.to_string()], page_number(n))).collect();
    let listing = listed(list_with(WORDING), &pages);
    assert_eq!(listing.subscriptions.len(), MAX_PAGES);
    assert!(listing.warnings[0].contains("100 pages"), "{:?}", listing.warnings);
    let listing = listed(list_with(WORDING).at_most(2), &pages[..2]);
    assert_eq!(listing.subscriptions.len(), 2);
    assert!(listing.warnings[0].contains("the 2 pages"), "{:?}", listing.warnings);
}

#[test]
fn list_ends_with_warning_over_max_subscriptions() {
    let names: Vec<_> = (0..=MAX_SUBSCRIPTIONS).map(|number| number.to_string()).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let whole = listed(list_with(WORDING), &[page(&names[1..], json!(null))]);
    assert_eq!((whole.subscriptions.len(), whole.warnings.len()), (MAX_SUBSCRIPTIONS, 0));
    let truncated = listed(list_with(WORDING), &[page(&names, page_number(2))]);
    assert_eq!(truncated.subscriptions.len(), MAX_SUBSCRIPTIONS);
    assert!(truncated.warnings[0].contains("10000"), "{:?}", truncated.warnings);
}

#[rstest]
#[case::empty("")]
#[case::array("[]")]
#[case::truncated("{")]
#[case::null("null")]
#[case::number(r#"{"projects": 7}"#)]
#[case::object(r#"{"projects": {}}"#)]
#[case::html("<html>")]
#[case::no_list("{}")]
fn unreadable_page_adds_warning_and_keeps_entries(#[case] body: &str) {
    let listing = after_one_page(WORDING, response(2, 200, body));
    assert_eq!(ids(&listing), ["one"]);
    assert!(listing.warnings[0].contains("unreadable"));
}

#[test]
fn entries_without_valid_id_are_counted_in_warning() {
    let projects = json!([{"id": "one"}, {}, null, {"id": "a\nb"}, [], 7]);
    let listing = listed(list_with(WORDING), &[json!({"projects": projects}).to_string()]);
    assert_eq!(ids(&listing), ["one"]);
    assert!(listing.warnings[0].starts_with("5 of the Example Cloud projects"));
}

#[test]
fn empty_list_has_warning_only_if_wording_has_one() {
    let empty = [page(&[], json!(null))];
    assert_eq!(listed(list_with(WORDING), &empty).warnings, [""; 0]);
    let warning = Wording { empty: Some("Nothing here."), ..WORDING };
    assert_eq!(listed(list_with(warning), &empty).warnings, ["Nothing here."]);
    assert_eq!(listed(list_with(warning), &[page(&["one"], json!(null))]).warnings, [""; 0]);
}

#[test]
fn prepended_subscription_is_first_and_does_not_count_as_entry() {
    let me = Subscription {
        id: "me".into(),
        display_name: "zofia".into(),
        state: None,
        tenant: None,
        extra: vec![],
    };
    let mut list = list_with(WORDING).with(me.clone()).with(me.clone());
    list.next(vec![]).unwrap();
    let listing = done(list.next(vec![response(1, 403, "")]).unwrap());
    assert_eq!(ids(&listing), ["me"]);
    assert!(listing.warnings[0].starts_with("Your Example Cloud projects could not be listed"));
    let pages = [page(&["one", "me"], json!(null))];
    assert_eq!(ids(&listed(list_with(WORDING).with(me), &pages)), ["me", "one"]);
}

#[test]
fn pages_nothing_ends_without_request() {
    let listing = done(Pages::nothing(WORDING).next(vec![]).unwrap());
    assert_eq!(listing, Listing::default());
}

#[test]
fn unexpected_responses_end_the_list_without_panic() {
    let good = page(&["one"], json!(null));
    let numbers = [0, 1, 2, 7, u32::MAX];
    let mut orders: Vec<Vec<Response>> = vec![vec![]];
    for first in numbers {
        for second in numbers {
            for body in [good.as_str(), "", "{}", "\u{0}", r#"{"projects":[[[]]]}"#] {
                let failed = Response { id: second, outcome: Err(FetchError::TimedOut) };
                orders.push(vec![failed.clone(), response(first, 200, body)]);
                orders.push(vec![response(first, 999, body), failed, response(1, 200, body)]);
            }
        }
    }
    for responses in orders {
        let mut list = list_with(WORDING);
        for _ in 0..5 {
            list.next(responses.clone()).unwrap();
        }
    }
    let mut list = list_with(WORDING);
    list.next(vec![]).unwrap();
    let mixed = vec![response(7, 200, &page(&["seven"], json!(null))), response(1, 200, &good)];
    assert_eq!(ids(&done(list.next(mixed).unwrap())), ["one"]);
}

#[test]
fn status_206_without_next_page_adds_warning() {
    for (status, warnings) in [(206, 1), (200, 0)] {
        let mut list = list_with(WORDING);
        list.next(vec![]).unwrap();
        let listing = done(list.next(vec![response(1, status, &page(&["one"], ""))]).unwrap());
        assert_eq!((ids(&listing), listing.warnings.len()), (vec!["one"], warnings), "{status}");
    }
}

#[test]
fn hidden_and_missing_parts_have_one_warning_each_and_later_pages_replace_earlier() {
    let hidden = |name: &str| Tenant {
        id: "7".into(),
        display_name: name.into(),
        state: TenantState::Blocked,
        reason: Some("Ask for it.".into()),
        mender: None,
        repair: None,
        extra: vec![],
    };
    let mut pages = 0;
    let first = Get::new(Url::parse(LIST).unwrap(), "read");
    let list = Pages::new(WORDING, first, move |reply| {
        pages += 1;
        let name = if pages == 1 { "number 7" } else { "contoso" };
        let missing = Some("a part is away.".into());
        Ok(Page { hidden: vec![hidden(name)], missing, total: Some(9), ..read(reply)? })
    });
    let listing = listed(list, &[page(&["one"], page_number(2)), page(&["two"], "")]);
    let names: Vec<_> = listing.tenants.iter().map(|it| it.display_name.as_str()).collect();
    assert_eq!(names, ["contoso"]);
    assert_eq!(
        listing.warnings,
        [
            "Some of your Example Cloud projects are missing: Example Cloud says that there are 9, \
             and 2 came. Refresh the account later.",
            "Some of your Example Cloud projects are missing: a part is away.",
            "Some of your Example Cloud projects are missing: contoso. Ask for it.",
        ]
    );
}
