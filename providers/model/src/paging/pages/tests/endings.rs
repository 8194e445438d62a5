//! Where a list ends before its last page.

use super::*;

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
