//! The check of links to a next page. The request for it carries a token, so a link must not lead out
//! of the list.

use url::Url;

use crate::paging::{Next, incomplete::Incomplete};

/// The longest URL, in bytes. The host fails the login of a provider with a longer one.
const MAX_URL_LEN: usize = 8 << 10;

/// The URL of the page after `latest`. It must be at the origin of `first` and at or below its path.
pub(super) fn follow(next: Next, latest: &Url, first: &Url) -> Result<Option<Url>, Incomplete> {
    let mut url = match next {
        Next::Nothing => return Ok(None),
        Next::Unclear => return Err(Incomplete::NextPage),
        Next::Link(link) => latest.join(&link).map_err(|_| Incomplete::NextPage)?,
        Next::Parameter(name, value) => with_parameter(latest, name, &value),
    };
    url.set_fragment(None);
    let is_allowed = url.as_str().len() <= MAX_URL_LEN && is_below(&url, first);
    if is_allowed { Ok(Some(url)) } else { Err(Incomplete::NextPage) }
}

fn with_parameter(url: &Url, name: &str, value: &str) -> Url {
    let mut next = url.clone();
    let others = url.query_pairs().filter(|(other, _)| other != name);
    next.query_pairs_mut().clear().extend_pairs(others).append_pair(name, value);
    next
}

/// Whether `url` is at the origin of `first` and at or below its path.
fn is_below(url: &Url, first: &Url) -> bool {
    let rest = url.path().strip_prefix(first.path().trim_end_matches('/'));
    let path = url.path().to_ascii_lowercase();
    // A cloud may resolve these to a path above the list.
    let is_plain = !["%2e", "%2f", "%5c"].iter().any(|escape| path.contains(escape));
    url.origin() == first.origin()
        && is_plain
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        && url.username().is_empty()
        && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const FIRST: &str = "https://a.example/base/list?size=2";
    const LATEST: &str = "https://a.example/base/list?size=2&page=4&page=5#x";

    fn followed(next: Next) -> Result<Option<String>, Incomplete> {
        let (latest, first) = (Url::parse(LATEST).unwrap(), Url::parse(FIRST).unwrap());
        Ok(follow(next, &latest, &first)?.map(String::from))
    }

    #[rstest]
    #[case::absolute("https://a.example/base/list?page=6#y", "https://a.example/base/list?page=6")]
    #[case::default_port("https://a.example:443/base/list/", "https://a.example/base/list/")]
    #[case::path("/base/list/6", "https://a.example/base/list/6")]
    #[case::query("?page=6", "https://a.example/base/list?page=6")]
    #[case::relative_path("list?page=6", "https://a.example/base/list?page=6")]
    #[case::no_scheme("//a.example/base/list?p", "https://a.example/base/list?p")]
    fn follow_takes_link_below_the_first_page(#[case] link: &str, #[case] expected: &str) {
        assert_eq!(followed(Next::Link(link.into())), Ok(Some(expected.into())));
    }

    #[rstest]
    #[case::other_host("https://evil.example/base/list")]
    #[case::host_as_prefix("https://a.example.evil.example/base/list")]
    #[case::host_as_user("https://a.example@evil.example/base/list")]
    #[case::user("https://user:secret@a.example/base/list")]
    #[case::http("http://a.example/base/list")]
    #[case::other_port("https://a.example:8443/base/list")]
    #[case::dot_segment("https://a.example/base/list/../other")]
    #[case::encoded_dots("https://a.example/base/list/%2e%2e/other")]
    #[case::encoded_slash("https://a.example/base/list/..%2fother")]
    #[case::path_with_hyphen("https://a.example/base/list-evil")]
    #[case::path_as_prefix("https://a.example/base/listing")]
    #[case::path_above("https://a.example/base")]
    #[case::other_path("/list")]
    #[case::parent("..")]
    #[case::no_scheme("//evil.example/base/list")]
    #[case::backslashes("\\\\evil.example\\base\\list")]
    #[case::file("file:///base/list")]
    #[case::javascript("javascript:alert(1)")]
    #[case::no_host("https://")]
    fn follow_refuses_link(#[case] link: &str) {
        assert_eq!(followed(Next::Link(link.into())), Err(Incomplete::NextPage));
    }

    #[test]
    fn follow_refuses_unclear_and_ends_at_nothing() {
        assert_eq!(followed(Next::Unclear), Err(Incomplete::NextPage));
        assert_eq!(followed(Next::Nothing), Ok(None));
    }

    #[test]
    fn follow_refuses_url_over_max_len() {
        let long = "x".repeat(1 << 20);
        assert_eq!(followed(Next::Parameter("page", long.clone())), Err(Incomplete::NextPage));
        assert_eq!(followed(Next::Link(format!("?page={long}"))), Err(Incomplete::NextPage));
        let most = MAX_URL_LEN - "https://a.example/base/list?page=".len();
        assert!(followed(Next::Link(format!("?page={}", "x".repeat(most)))).is_ok());
        assert!(followed(Next::Link(format!("?page={}", "x".repeat(most + 1)))).is_err());
    }

    #[test]
    fn follow_replaces_parameter_of_same_name() {
        let next = followed(Next::Parameter("page", "a b&c=d#".into())).unwrap().unwrap();
        assert_eq!(next, "https://a.example/base/list?size=2&page=a+b%26c%3Dd%23");
    }
}
