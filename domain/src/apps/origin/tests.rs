//! Which texts are origins.

use rstest::rstest;

use super::*;

#[rstest]
#[case::https("https://app.example.com", "https://app.example.com")]
#[case::slash("https://app.example.com/", "https://app.example.com")]
#[case::upper_case("HTTPS://App.Example.COM", "https://app.example.com")]
#[case::default_port("https://app.example.com:443", "https://app.example.com")]
#[case::port("https://app.example.com:8443", "https://app.example.com:8443")]
#[case::loopback("http://localhost:3000", "http://localhost:3000")]
#[case::loopback_address("http://127.0.0.1:3000", "http://127.0.0.1:3000")]
#[case::loopback_in_ipv6("http://[::1]:3000", "http://[::1]:3000")]
#[case::unicode("https://xn--bcher-kva.example", "https://xn--bcher-kva.example")]
fn parse_normalises_the_origin(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(WebOrigin::parse(text).unwrap().as_str(), expected);
}

#[rstest]
#[case::empty("", InvalidOrigin::NoOrigin)]
#[case::host_alone("app.example.com", InvalidOrigin::NoOrigin)]
#[case::null("null", InvalidOrigin::NoOrigin)]
#[case::other_scheme("ftp://app.example.com", InvalidOrigin::NoOrigin)]
#[case::blob("blob:https://app.example.com/1", InvalidOrigin::NoOrigin)]
#[case::file("file:///etc/passwd", InvalidOrigin::NoOrigin)]
#[case::two_origins("https://a.example https://b.example", InvalidOrigin::NoOrigin)]
#[case::line_break("https://a.example\n.evil.example", InvalidOrigin::NoOrigin)]
#[case::backslash("https://a.example\\@evil.example", InvalidOrigin::NoOrigin)]
#[case::user("https://app@evil.example", InvalidOrigin::HasUser)]
#[case::every_host("https://*.example.com", InvalidOrigin::Pattern)]
#[case::everything("*", InvalidOrigin::Pattern)]
#[case::plain_http("http://app.example.com", InvalidOrigin::NotSecure)]
fn parse_refuses_what_is_no_origin(#[case] text: &str, #[case] expected: InvalidOrigin) {
    assert_eq!(WebOrigin::parse(text).unwrap_err(), expected);
}

#[rstest]
#[case::path("https://app.example.com/costs")]
#[case::query("https://app.example.com?x=1")]
#[case::fragment("https://app.example.com#x")]
fn parse_refuses_more_than_an_origin_and_says_what_to_write(#[case] text: &str) {
    let error = WebOrigin::parse(text).unwrap_err();
    assert_eq!(error.to_string(), "write only scheme, host and port: https://app.example.com");
}
