//! Retries of a page that is answered 429 or 503.

use super::*;

fn busy(id: u32, status: u16, retry_after: &str) -> Response {
    let headers = vec![("retry-after".into(), retry_after.into())];
    Response { id, outcome: Ok(Reply { headers, ..reply(status, "") }) }
}

/// The id and the address of the step's request, and the wait in seconds.
fn requested(step: &Step) -> (u32, &str, u64) {
    let Step::Fetch { requests, wait } = step else { panic!("no request: {step:?}") };
    (requests[0].id, requests[0].url.as_str(), wait.as_secs())
}

#[test]
fn busy_page_is_retried_after_retry_after_and_list_continues() {
    for status in [429, 503] {
        let mut list = list_with(WORDING);
        let first = format!("{LIST}?size=2");
        assert_eq!(requested(&list.next(vec![]).unwrap()), (1, first.as_str(), 0));
        let step = list.next(vec![busy(1, status, "10")]).unwrap();
        assert_eq!(requested(&step), (2, first.as_str(), 10));
        let step = list.next(vec![busy(2, status, "0")]).unwrap();
        assert_eq!(requested(&step), (3, first.as_str(), 0));
        let step = list.next(vec![response(3, 200, &page(&["one"], page_number(2)))]).unwrap();
        assert_eq!(requested(&step), (4, page_number(2).as_str(), 0));
        // Each page has its own retries.
        let step = list.next(vec![busy(4, status, "1")]).unwrap();
        assert_eq!(requested(&step), (5, page_number(2).as_str(), 1));
        let listing = done(list.next(vec![response(5, 200, &page(&["two"], ""))]).unwrap());
        assert_eq!((ids(&listing), listing.warnings.len()), (vec!["one", "two"], 0));
    }
}

#[test]
fn page_that_stays_busy_is_retried_twice_and_adds_warning() {
    let mut list = list_with(WORDING);
    list.next(vec![]).unwrap();
    list.next(vec![response(1, 200, &page(&["one"], page_number(2)))]).unwrap();
    for id in [2, 3] {
        let step = list.next(vec![busy(id, 429, "2")]).unwrap();
        assert_eq!(requested(&step), (id + 1, page_number(2).as_str(), 2));
    }
    let listing = done(list.next(vec![busy(4, 429, "2")]).unwrap());
    assert_eq!(ids(&listing), ["one"]);
    assert!(listing.warnings[0].contains("in some minutes"), "{:?}", listing.warnings);
}

#[rstest]
#[case::too_long(429, "11")]
#[case::an_hour(429, "3600")]
#[case::empty(503, "")]
#[case::not_a_number(429, "soon")]
#[case::negative(429, "-1")]
#[case::status_500(500, "1")]
#[case::status_403(403, "1")]
fn page_is_not_retried_with_retry_after(#[case] status: u16, #[case] value: &str) {
    let listing = after_one_page(WORDING, busy(2, status, value));
    assert_eq!((ids(&listing), listing.warnings.len()), (vec!["one"], 1));
}

#[test]
fn response_to_earlier_attempt_is_ignored() {
    let mut list = list_with(WORDING);
    list.next(vec![]).unwrap();
    list.next(vec![busy(1, 429, "1")]).unwrap();
    let stale = response(1, 200, &page(&["stale"], json!(null)));
    let answer = response(2, 200, &page(&["one"], json!(null)));
    assert_eq!(ids(&done(list.next(vec![stale, answer]).unwrap())), ["one"]);
}
