use rstest::rstest;

use super::*;

fn named(names: &[&str]) -> Vec<(String, String)> {
    names.iter().map(|name| ((*name).to_owned(), "1".to_owned())).collect()
}

fn declared(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn refused_in_allows_common_and_declared_headers() {
    let common = named(&["Accept", "content-type", "Range", "x-ms-version", "x-github-api"]);
    assert_eq!(refused_in(&common, &[]), None);
    assert_eq!(refused_in(&named(&["x-version"]), &declared(&["X-Version"])), None);
    assert!(refused_in(&named(&["x-version"]), &[]).unwrap().contains("x-version"));
}

#[rstest]
#[case::authorization("Authorization")]
#[case::host("Host")]
#[case::declared_cookie("Cookie")]
#[case::undeclared("x-other")]
#[case::space("a b")]
#[case::space_after_prefix("x-ms-a b")]
#[case::empty("")]
fn refused_in_refuses(#[case] name: &str) {
    assert!(refused_in(&named(&[name]), &declared(&["X-Version", "Cookie"])).is_some());
}

#[test]
fn refused_in_refuses_line_break_without_repeating_the_value() {
    let folded = [("accept".to_owned(), "a\r\nhost: b".to_owned())];
    assert!(!refused_in(&folded, &[]).unwrap().contains("host"));
}

#[test]
fn split_returns_common_and_declared_headers_in_lower_case() {
    let headers = named(&["Link", "ETag", "X-Next-Cursor", "Set-Cookie", "x-other"]);
    let names = |declared: &[String]| {
        let (readable, withheld) = split(headers.clone(), declared);
        (readable.into_iter().map(|(name, _)| name).collect::<Vec<_>>(), withheld)
    };
    assert_eq!(names(&[]), (declared(&["link", "etag"]), declared(&["x-next-cursor"])));
    let both = declared(&["X-Next-Cursor", "Set-Cookie"]);
    assert_eq!(names(&both), (declared(&["link", "etag", "x-next-cursor"]), vec![]));
    let long = vec![("etag".to_owned(), "a".repeat(MAX_REPLY_HEADER_LEN + 1))];
    assert_eq!(split(long, &[]), (vec![], vec![]));
}

fn withheld(name: &str, value: &str) -> Vec<String> {
    split(vec![(name.to_owned(), value.to_owned())], &[]).1
}

#[rstest]
#[case::cursor("X-Next-Cursor", "abc")]
#[case::next_page("opc-next-page", "2")]
#[case::continuation("x-ms-continuationtoken", "t")]
#[case::underscores("x_next_link", "https://a.example")]
#[case::more("x-has-more", "true")]
#[case::partial("x-github-sso", "partial-results; organizations=1")]
fn split_names_withheld_header_of_partial_list(#[case] name: &str, #[case] value: &str) {
    assert_eq!(withheld(name, value), [name.to_ascii_lowercase()]);
}

#[rstest]
#[case::empty("x-next-cursor", " ")]
#[case::no_more("x-has-more", "false")]
#[case::total("x-total-pages", "3")]
#[case::current_page("x-page", "1")]
#[case::word_within_another("x-nextish", "1")]
#[case::other("date", "now")]
#[case::not_withheld("x-next-page", "2")]
fn split_does_not_name(#[case] name: &str, #[case] value: &str) {
    assert_eq!(withheld(name, value), [""; 0]);
}

#[test]
fn connection_headers_hold_neither_token_nor_secret() {
    for name in ["Host", "content-type", "Cookie", "TE", "", "a b", &"a".repeat(65)] {
        assert!(!may_hold_a_token(name) && !may_be_declared(name), "{name}");
        assert!(!may_hold_a_secret(name, true), "{name}");
    }
}

#[test]
fn reserved_headers_cannot_be_declared() {
    for name in ["X-HTTP-Method-Override", "x-forwarded-for", "Sec-Fetch-Site", "Cookie2"] {
        assert!(!may_be_declared(name) && !may_hold_a_secret(name, true), "{name}");
    }
}

#[test]
fn other_headers_can_be_declared_and_hold_secrets() {
    for name in ["x-api-key", "X-Total", "Notion-Version"] {
        assert!(may_be_declared(name) && may_hold_a_secret(name, false), "{name}");
    }
}

#[test]
fn authorization_holds_token_and_secret_only_without_token() {
    assert!(may_hold_a_token("Authorization") && !may_be_declared("Authorization"));
    assert!(may_hold_a_secret("Authorization", true));
    assert!(!may_hold_a_secret("Authorization", false));
}
