//! Whether and where a list goes on: a token goes with the request.

use url::Url;

use crate::paging::{Next, wording::Cut};

/// The host takes a longer address for a provider's fault, and fails the login; in bytes.
const MAX_URL_LEN: usize = 8 << 10;

/// The next page after `latest`, which must be one of the list that `first` began.
pub(super) fn follow(next: Next, latest: &Url, first: &Url) -> Result<Option<Url>, Cut> {
    let mut url = match next {
        Next::Nothing => return Ok(None),
        Next::Unclear => return Err(Cut::NextPage),
        Next::Link(link) => latest.join(&link).map_err(|_| Cut::NextPage)?,
        Next::Parameter(name, value) => with_parameter(latest, name, &value),
    };
    url.set_fragment(None);
    let is_next = url.as_str().len() <= MAX_URL_LEN && is_below(&url, first);
    if is_next { Ok(Some(url)) } else { Err(Cut::NextPage) }
}

fn with_parameter(url: &Url, name: &str, value: &str) -> Url {
    let mut next = url.clone();
    let others = url.query_pairs().filter(|(other, _)| other != name);
    next.query_pairs_mut().clear().extend_pairs(others).append_pair(name, value);
    next
}

/// At the same origin, at the same path or below it.
fn is_below(url: &Url, first: &Url) -> bool {
    let rest = url.path().strip_prefix(first.path().trim_end_matches('/'));
    let path = url.path().to_ascii_lowercase();
    // What a cloud could take for a step upwards.
    let is_plain = !["%2e", "%2f", "%5c"].iter().any(|escape| path.contains(escape));
    url.origin() == first.origin()
        && is_plain
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        && url.username().is_empty()
        && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "https://a.example/base/list?size=2";
    const LATEST: &str = "https://a.example/base/list?size=2&page=4&page=5#x";

    fn followed(next: Next) -> Result<Option<String>, Cut> {
        let (latest, first) = (Url::parse(LATEST).unwrap(), Url::parse(FIRST).unwrap());
        Ok(follow(next, &latest, &first)?.map(String::from))
    }

    #[test]
    fn a_link_is_followed_within_the_list_absolute_or_relative() {
        for (link, url) in [
            ("https://a.example/base/list?page=6#y", "https://a.example/base/list?page=6"),
            ("https://a.example:443/base/list/", "https://a.example/base/list/"),
            ("/base/list/6", "https://a.example/base/list/6"),
            ("?page=6", "https://a.example/base/list?page=6"),
            ("list?page=6", "https://a.example/base/list?page=6"),
            ("//a.example/base/list?p", "https://a.example/base/list?p"),
        ] {
            assert_eq!(followed(Next::Link(link.into())), Ok(Some(url.into())), "{link}");
        }
    }

    #[test]
    fn a_link_to_anywhere_else_is_not_followed() {
        for link in [
            "https://evil.example/base/list",
            "https://a.example.evil.example/base/list",
            "https://a.example@evil.example/base/list",
            "https://user:secret@a.example/base/list",
            "http://a.example/base/list",
            "https://a.example:8443/base/list",
            "https://a.example/base/list/../other",
            "https://a.example/base/list/%2e%2e/other",
            "https://a.example/base/list/..%2fother",
            "https://a.example/base/list-evil",
            "https://a.example/base/listing",
            "https://a.example/base",
            "/list",
            "..",
            "//evil.example/base/list",
            "\\\\evil.example\\base\\list",
            "file:///base/list",
            "javascript:alert(1)",
            "https://",
        ] {
            assert_eq!(followed(Next::Link(link.into())), Err(Cut::NextPage), "{link}");
        }
        assert_eq!(followed(Next::Unclear), Err(Cut::NextPage));
        assert_eq!(followed(Next::Nothing), Ok(None));
    }

    #[test]
    fn an_address_that_the_host_would_refuse_is_not_asked_for() {
        let long = "x".repeat(1 << 20);
        assert_eq!(followed(Next::Parameter("page", long.clone())), Err(Cut::NextPage));
        assert_eq!(followed(Next::Link(format!("?page={long}"))), Err(Cut::NextPage));
        let most = MAX_URL_LEN - "https://a.example/base/list?page=".len();
        assert!(followed(Next::Link(format!("?page={}", "x".repeat(most)))).is_ok());
        assert!(followed(Next::Link(format!("?page={}", "x".repeat(most + 1)))).is_err());
    }

    #[test]
    fn a_parameter_takes_the_place_of_its_former_self() {
        let next = followed(Next::Parameter("page", "a b&c=d#".into())).unwrap().unwrap();
        assert_eq!(next, "https://a.example/base/list?size=2&page=a+b%26c%3Dd%23");
    }
}
