use rstest::rstest;
use warp::http::{HeaderName, HeaderValue};

use super::*;

fn navigates(sent: &[(&'static str, &'static str)]) -> bool {
    let pair = |(name, value): &(&'static str, &'static str)| {
        (HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    is_navigation(&Method::GET, &sent.iter().map(pair).collect())
}

#[rstest]
fn is_navigation_accepts_top_level_navigation_from_any_site(
    #[values("none", "same-origin", "same-site", "cross-site")] site: &'static str,
) {
    let sent =
        [("sec-fetch-site", site), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    assert!(navigates(&sent));
    assert!(navigates(&[&sent[..], &[("sec-fetch-user", "?1")]].concat()));
}

#[rstest]
#[case::no_headers(&[])]
#[case::accept(&[("accept", "text/html")])]
#[case::site_only(&[("sec-fetch-site", "cross-site")])]
#[case::other_purpose(&[("purpose", "sign in")])]
fn is_navigation_accepts_request_without_fetch_metadata(
    #[case] sent: &[(&'static str, &'static str)],
) {
    assert!(navigates(sent));
}

#[rstest]
#[case::image("no-cors", "image")]
#[case::script("no-cors", "script")]
#[case::style("no-cors", "style")]
#[case::audio("no-cors", "audio")]
#[case::video("no-cors", "video")]
#[case::track("no-cors", "track")]
#[case::font("cors", "font")]
#[case::fetch_cors("cors", "empty")]
#[case::fetch_no_cors("no-cors", "empty")]
#[case::fetch_same_origin("same-origin", "empty")]
#[case::worker("same-origin", "worker")]
#[case::websocket("websocket", "empty")]
#[case::iframe("navigate", "iframe")]
#[case::frame("navigate", "frame")]
#[case::fenced_frame("navigate", "fencedframe")]
#[case::object("navigate", "object")]
#[case::embed("navigate", "embed")]
#[case::navigated_image("navigate", "image")]
#[case::document_not_navigated("no-cors", "document")]
#[case::empty_destination("navigate", "")]
#[case::empty_mode("", "document")]
fn is_navigation_refuses_embedded_and_fetched_resources(
    #[case] mode: &'static str,
    #[case] destination: &'static str,
) {
    assert!(!navigates(&[("sec-fetch-mode", mode), ("sec-fetch-dest", destination)]));
}

#[rstest]
#[case::mode_only(&[("sec-fetch-mode", "no-cors")])]
#[case::destination_only(&[("sec-fetch-dest", "image")])]
#[case::two_destinations(&[("sec-fetch-dest", "document"), ("sec-fetch-dest", "image")])]
fn is_navigation_refuses_one_header_of_another_value(
    #[case] sent: &[(&'static str, &'static str)],
) {
    assert!(!navigates(sent));
}

#[rstest]
#[case::prefetch("sec-purpose", "prefetch")]
#[case::prerender_hint("sec-purpose", "prefetch;prerender")]
#[case::anonymous("sec-purpose", "prefetch;anonymous-client-ip")]
#[case::prerender("sec-purpose", "prerender")]
#[case::purpose("purpose", "prefetch")]
#[case::upper_case("purpose", "Prefetch")]
#[case::preview("x-purpose", "preview")]
#[case::firefox("x-moz", "prefetch")]
fn is_navigation_refuses_prefetch(#[case] name: &'static str, #[case] value: &'static str) {
    let sent = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), (name, value)];
    assert!(!navigates(&sent));
    assert!(!navigates(&[(name, value)]));
}

#[rstest]
fn is_navigation_refuses_other_methods(
    #[values(Method::HEAD, Method::POST, Method::OPTIONS)] method: Method,
) {
    assert!(!is_navigation(&method, &HeaderMap::new()));
}
