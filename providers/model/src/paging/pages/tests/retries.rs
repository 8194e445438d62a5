//! A page that its cloud is too busy for.

use super::*;

fn busy(id: u32, status: u16, retry_after: &str) -> Response {
    let headers = vec![("retry-after".into(), retry_after.into())];
    Response { id, outcome: Ok(Reply { headers, ..reply(status, "") }) }
}

/// What the step asks for: the request's id, its address and the wait in front of it.
fn asked(step: &Step) -> (u32, &str, u64) {
    let Step::Fetch { requests, wait } = step else { panic!("it asks for nothing: {step:?}") };
    (requests[0].id, requests[0].url.as_str(), wait.as_secs())
}

#[test]
fn a_busy_page_is_asked_for_again_after_what_retry_after_says_and_the_list_goes_on() {
    for status in [429, 503] {
        let mut list = list_as(WORDING);
        let first = format!("{LIST}?size=2");
        assert_eq!(asked(&list.next(vec![]).unwrap()), (1, first.as_str(), 0));
        let step = list.next(vec![busy(1, status, "10")]).unwrap();
        assert_eq!(asked(&step), (2, first.as_str(), 10));
        let step = list.next(vec![busy(2, status, "0")]).unwrap();
        assert_eq!(asked(&step), (3, first.as_str(), 0));
        let step = list.next(vec![response(3, 200, &page(&["one"], page_number(2)))]).unwrap();
        assert_eq!(asked(&step), (4, page_number(2).as_str(), 0));
        // Each page has its own retries.
        let step = list.next(vec![busy(4, status, "1")]).unwrap();
        assert_eq!(asked(&step), (5, page_number(2).as_str(), 1));
        let listing = done(list.next(vec![response(5, 200, &page(&["two"], ""))]).unwrap());
        assert_eq!((ids(&listing), listing.warnings.len()), (vec!["one", "two"], 0));
    }
}

#[test]
fn a_page_that_stays_busy_is_asked_for_again_twice_and_then_told() {
    let mut list = list_as(WORDING);
    list.next(vec![]).unwrap();
    list.next(vec![response(1, 200, &page(&["one"], page_number(2)))]).unwrap();
    for id in [2, 3] {
        let step = list.next(vec![busy(id, 429, "2")]).unwrap();
        assert_eq!(asked(&step), (id + 1, page_number(2).as_str(), 2));
    }
    let listing = done(list.next(vec![busy(4, 429, "2")]).unwrap());
    assert_eq!(ids(&listing), ["one"]);
    assert!(listing.warnings[0].contains("in some minutes"), "{:?}", listing.warnings);
}

#[test]
fn a_retry_after_that_is_too_long_no_number_or_of_another_status_is_not_waited_for() {
    for (status, value) in
        [(429, "11"), (429, "3600"), (503, ""), (429, "soon"), (429, "-1"), (500, "1"), (403, "1")]
    {
        let listing = after_one_page(WORDING, busy(2, status, value));
        assert_eq!((ids(&listing), listing.warnings.len()), (vec!["one"], 1), "{status} {value}");
    }
}

#[test]
fn a_response_to_a_former_attempt_is_not_the_answer_to_the_next() {
    let mut list = list_as(WORDING);
    list.next(vec![]).unwrap();
    list.next(vec![busy(1, 429, "1")]).unwrap();
    let stale = response(1, 200, &page(&["stale"], json!(null)));
    let answer = response(2, 200, &page(&["one"], json!(null)));
    assert_eq!(ids(&done(list.next(vec![stale, answer]).unwrap())), ["one"]);
}
