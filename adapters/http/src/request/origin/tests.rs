use portico_domain::testing::samples;
use rstest::rstest;
use warp::http::{HeaderName, HeaderValue};

use super::*;

type Pairs = &'static [(&'static str, &'static str)];

fn headers(pairs: Pairs) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers
}

#[rstest]
#[case::portico(&[("origin", "http://localhost:5000")])]
#[case::dashboard(&[("origin", "http://localhost:3000")])]
fn is_allowed_origin_accepts_portico_and_dashboard(#[case] pairs: Pairs) {
    assert!(is_allowed_origin(&headers(pairs), &samples::destinations()));
}

#[rstest]
#[case::missing(&[])]
#[case::null(&[("origin", "null")])]
#[case::other_host(&[("origin", "http://evil.example")])]
#[case::other_scheme(&[("origin", "https://localhost:5000")])]
#[case::other_port(&[("origin", "http://localhost:5001")])]
#[case::prefix_of_other_host(&[("origin", "http://localhost:5000.evil.example")])]
#[case::repeated(&[("origin", "http://localhost:5000"), ("origin", "http://evil.example")])]
fn is_allowed_origin_refuses_other_origins(#[case] pairs: Pairs) {
    assert!(!is_allowed_origin(&headers(pairs), &samples::destinations()));
}

fn own_page(pairs: Pairs, dashboard: &str) -> bool {
    let url = |text: &str| Url::parse(text).unwrap();
    let destinations = Destinations::new(url("http://localhost:5000"), url(dashboard));
    is_own_page(&headers(pairs), &destinations)
}

const SAME_SITE_DASHBOARD: &str = "http://localhost:3000/dashboard";
const OTHER_SITE_DASHBOARD: &str = "https://dashboard.example/";

#[rstest]
#[case::same_origin(&[("sec-fetch-site", "same-origin")], SAME_SITE_DASHBOARD)]
#[case::referer_portico(&[("referer", "http://localhost:5000/")], SAME_SITE_DASHBOARD)]
#[case::referer_dashboard(&[("referer", "http://localhost:3000/costs?a=b")], SAME_SITE_DASHBOARD)]
#[case::same_site_dashboard(
    &[("sec-fetch-site", "same-site"), ("referer", "http://localhost:3000/")],
    SAME_SITE_DASHBOARD
)]
#[case::cross_site_dashboard(
    &[("sec-fetch-site", "cross-site"), ("referer", "https://dashboard.example/")],
    OTHER_SITE_DASHBOARD
)]
fn is_own_page_accepts_request_with_proof(#[case] pairs: Pairs, #[case] dashboard: &str) {
    assert!(own_page(pairs, dashboard));
}

#[rstest]
#[case::no_headers(&[])]
#[case::typed_address(&[("sec-fetch-site", "none")])]
#[case::same_site(&[("sec-fetch-site", "same-site")])]
#[case::cross_site(&[("sec-fetch-site", "cross-site")])]
#[case::other_case(&[("sec-fetch-site", "Same-Origin")])]
#[case::empty(&[("sec-fetch-site", "")])]
#[case::typed_address_with_referer(
    &[("sec-fetch-site", "none"), ("referer", "http://localhost:5000/")]
)]
#[case::repeated_site(&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")])]
#[case::cross_site_from_dashboard_host_of_portico(
    &[("sec-fetch-site", "cross-site"), ("referer", "http://localhost:3000/")]
)]
#[case::cross_site_from_portico(
    &[("sec-fetch-site", "cross-site"), ("referer", "http://localhost:5000/")]
)]
#[case::referer_with_portico_in_query(
    &[("referer", "http://evil.example/?http://localhost:5000/")]
)]
#[case::referer_prefix_of_other_host(&[("referer", "http://localhost:5000.evil.example/")])]
#[case::referer_with_portico_as_user(&[("referer", "http://localhost:5000@evil.example/")])]
#[case::referer_other_scheme(&[("referer", "https://localhost:5000/")])]
#[case::referer_other_port(&[("referer", "http://localhost:5001/")])]
#[case::referer_without_origin(&[("referer", "/dashboard")])]
#[case::repeated_referer(
    &[("referer", "http://localhost:5000/"), ("referer", "http://evil.example/")]
)]
fn is_own_page_refuses_request_without_proof(#[case] pairs: Pairs) {
    assert!(!own_page(pairs, SAME_SITE_DASHBOARD));
}

#[test]
fn is_own_origin_accepts_portico() {
    let headers = headers(&[("origin", "http://localhost:5000")]);
    assert!(is_own_origin(&headers, &samples::destinations()));
}

#[rstest]
#[case::missing(&[])]
#[case::null(&[("origin", "null")])]
#[case::dashboard(&[("origin", "http://localhost:3000")])]
#[case::other_host(&[("origin", "http://evil.example")])]
#[case::repeated(&[("origin", "http://localhost:5000"), ("origin", "http://localhost:5000")])]
fn is_own_origin_refuses_other_origins(#[case] pairs: Pairs) {
    assert!(!is_own_origin(&headers(pairs), &samples::destinations()));
}
