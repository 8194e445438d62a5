use rstest::rstest;

use super::*;

fn reply(status: u16) -> Reply {
    Reply { status, headers: vec![], body: String::new() }
}

fn next(link: &str) -> Option<String> {
    let mut reply = reply(200);
    reply.headers = vec![("link".into(), link.into())];
    match next_link(&reply) {
        Next::Link(link) => Some(link),
        _ => None,
    }
}

#[rstest]
#[case::first(
    r#"<https://a.example/2>; rel="next", <https://a.example/9>; rel="last""#,
    "https://a.example/2"
)]
#[case::last(
    r#"<https://a.example/1>; rel="prev", <https://a.example/3>; rel="next""#,
    "https://a.example/3"
)]
#[case::unquoted("<u>;rel=next", "u")]
#[case::spaces_and_upper_case(r#"<u>; REL = "Next""#, "u")]
#[case::two_relation_types(r#"<u>; rel="last next""#, "u")]
#[case::link_within_title(
    r#"<a,b;c>; title="x, <y>; rel=\"next\""; rel="prev", <u>; rel="next""#,
    "u"
)]
#[case::separators_in_address(r#"<u?a=1,2;b>; title="ż"; rel="next""#, "u?a=1,2;b")]
fn next_link_finds_relation_type_next(#[case] header: &str, #[case] expected: &str) {
    assert_eq!(next(header).as_deref(), Some(expected));
}

#[rstest]
#[case::empty("")]
#[case::comma(",")]
#[case::opening_bracket("<")]
#[case::closing_bracket(">")]
#[case::unclosed_address("<u")]
#[case::no_parameter("<u>")]
#[case::no_equals_sign("<u>; rel")]
#[case::no_value("<u>; rel=")]
#[case::other_relation(r#"<u>; rel="prev""#)]
#[case::next_as_prefix(r#"<u>; rel="nextish""#)]
#[case::other_parameter(r#"<u>; notrel="next""#)]
#[case::within_title(r#"<u>; title="rel=next""#)]
#[case::unclosed_title(r#"<u>; title="; rel=next"#)]
#[case::second_rel(r#"<u>; rel="prev"; rel="next""#)]
#[case::no_address("rel=next")]
#[case::unclosed_escape("\"\\")]
fn next_link_is_nothing_for(#[case] header: &str) {
    assert_eq!(next(header), None);
}

#[test]
fn next_page_sets_parameter_and_is_nothing_if_empty() {
    let mut reply = reply(200);
    assert_eq!(next_page(&reply, "page"), Next::Nothing);
    reply.headers = vec![("x-next-page".into(), "2".into())];
    assert_eq!(next_page(&reply, "page"), Next::Parameter("page", "2".into()));
    reply.headers = vec![("x-next-page".into(), " ".into())];
    assert_eq!(next_page(&reply, "page"), Next::Nothing);
}

#[test]
fn retry_after_reads_whole_seconds_of_429_and_503_only() {
    let wait = |status, value: &str| {
        let mut reply = reply(status);
        reply.headers = vec![("retry-after".into(), value.into())];
        retry_after(&reply).map(|wait| wait.as_secs())
    };
    for status in [429, 503] {
        for (value, seconds) in [("0", 0), ("2", 2), (" 10 ", 10), ("3600", 3600)] {
            assert_eq!(wait(status, value), Some(seconds), "{value}");
        }
    }
    for invalid in
        ["", "-1", "+1", "1.5", "x", "99999999999999999999", "Fri, 31 Dec 1999 23:59:59 GMT"]
    {
        assert_eq!(wait(429, invalid), None, "{invalid}");
    }
    for status in [200, 403, 500, 502] {
        assert_eq!(wait(status, "2"), None, "{status}");
    }
    assert_eq!(retry_after(&reply(429)), None);
}
