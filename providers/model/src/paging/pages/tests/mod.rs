//! Paging, and the ends of a list.

mod endings;
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
    let mut list = list_with(WORDING).prepend(me.clone()).prepend(me.clone());
    list.next(vec![]).unwrap();
    let listing = done(list.next(vec![response(1, 403, "")]).unwrap());
    assert_eq!(ids(&listing), ["me"]);
    assert!(listing.warnings[0].starts_with("Your Example Cloud projects could not be listed"));
    let pages = [page(&["one", "me"], json!(null))];
    assert_eq!(ids(&listed(list_with(WORDING).prepend(me), &pages)), ["me", "one"]);
}

#[test]
fn pages_nothing_ends_without_request() {
    let listing = done(Pages::empty(WORDING).next(vec![]).unwrap());
    assert_eq!(listing, Listing::default());
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
