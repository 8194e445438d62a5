//! Addresses in settings, parsed and checked once.

use portico_provider_model::{ProviderError, Settings, address::may_be_called};
use url::Url;

/// The address in the setting `key`: https or loopback, without user, query and fragment.
pub fn required(settings: &Settings, key: &str) -> Result<Url, ProviderError> {
    optional(settings, key)?.ok_or_else(|| invalid(key, "is missing"))
}

/// As [`required`]; `None` if the setting has no value.
pub fn optional(settings: &Settings, key: &str) -> Result<Option<Url>, ProviderError> {
    match optional_with_query(settings, key)? {
        Some(url) if url.query().is_some() => Err(invalid(key, "must be an address without '?'")),
        url => Ok(url),
    }
}

/// As [`optional`]; the address may have a query.
pub fn optional_with_query(settings: &Settings, key: &str) -> Result<Option<Url>, ProviderError> {
    let text = settings.get(key).filter(|text| !text.is_empty());
    text.map(|text| parse(text).ok_or_else(|| invalid(key, MUST_BE))).transpose()
}

/// The address of `path` below `base`, which may have a path: `https://ghe.example/api/v3` and `/user`.
pub fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(None);
    url.set_fragment(None);
    url
}

const MUST_BE: &str = "must be an https address such as https://cloud.example (plain http on \
                       loopback only), without a user and without '#'";

fn invalid(key: &str, why: &str) -> ProviderError {
    ProviderError::Setting { key: key.into(), why: why.into() }
}

fn parse(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (may_be_called(&url) && is_bare).then_some(url)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn read(text: &str) -> Result<Url, ProviderError> {
        required(&Settings::from_iter([("url", text)]), "url")
    }

    #[rstest]
    #[case::https("https://a.example/x/")]
    #[case::loopback_v4("http://127.0.0.1:4000")]
    #[case::loopback_v6("http://[::1]:1/x")]
    fn required_takes(#[case] text: &str) {
        assert!(read(text).is_ok());
    }

    #[rstest]
    #[case::empty("")]
    #[case::word("nonsense")]
    #[case::no_scheme("a.example")]
    #[case::http("http://a.example")]
    #[case::ftp("ftp://a.example")]
    #[case::user("https://u:p@a.example")]
    #[case::query("https://a.example?x")]
    #[case::fragment("https://a.example#x")]
    #[case::loopback_as_label("http://127.0.0.1.evil.example")]
    fn required_refuses_and_names_setting(#[case] text: &str) {
        let error = read(text).unwrap_err();
        assert!(matches!(error, ProviderError::Setting { key, .. } if key == "url"));
    }

    #[test]
    fn optional_returns_none_without_value_and_refuses_invalid_value() {
        assert_eq!(optional(&Settings::default(), "url"), Ok(None));
        let query = Settings::from_iter([("url", "https://a.example/list?x=1")]);
        assert!(optional(&query, "url").is_err());
        assert!(optional_with_query(&query, "url").is_ok_and(|url| url.is_some()));
        let http = Settings::from_iter([("url", "http://a.example")]);
        assert!(optional_with_query(&http, "url").is_err());
    }

    #[rstest]
    #[case::no_path("https://a.example", "https://a.example/user")]
    #[case::path("https://a.example/api/v3", "https://a.example/api/v3/user")]
    #[case::trailing_slash(
        "http://127.0.0.1:4000/github/api/",
        "http://127.0.0.1:4000/github/api/user"
    )]
    #[case::query_and_fragment("https://a.example/api?x=1#y", "https://a.example/api/user")]
    fn below_appends_path_to_base(#[case] base: &str, #[case] expected: &str) {
        assert_eq!(below(&Url::parse(base).unwrap(), "/user").as_str(), expected);
    }
}
