//! Addresses that an operator writes, read once into what cannot be wrong.

use portico_provider_model::{ProviderError, Settings, address::may_be_called};
use url::Url;

/// The address in the setting `key`: https, or http of this machine, and nothing but an address.
pub fn required(settings: &Settings, key: &str) -> Result<Url, ProviderError> {
    optional(settings, key)?.ok_or_else(|| wrong(key, "is missing"))
}

/// As [`required`], where the setting may be left out.
pub fn optional(settings: &Settings, key: &str) -> Result<Option<Url>, ProviderError> {
    match optional_with_query(settings, key)? {
        Some(url) if url.query().is_some() => Err(wrong(key, "must be an address without '?'")),
        url => Ok(url),
    }
}

/// As [`optional`], for an address that may have a query of its own.
pub fn optional_with_query(settings: &Settings, key: &str) -> Result<Option<Url>, ProviderError> {
    let text = settings.get(key).filter(|text| !text.is_empty());
    text.map(|text| parse(text).ok_or_else(|| wrong(key, MUST_BE))).transpose()
}

/// What is at `path` below `base`, wherever the base is: `https://ghe.example/api/v3` and `/user`.
pub fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(None);
    url.set_fragment(None);
    url
}

const MUST_BE: &str = "must be an https address such as https://cloud.example (plain http on \
                       loopback only), without a user and without '#'";

fn wrong(key: &str, why: &str) -> ProviderError {
    ProviderError::Setting { key: key.into(), why: why.into() }
}

fn parse(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (may_be_called(&url) && is_bare).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Url, ProviderError> {
        required(&Settings::from_iter([("url", text)]), "url")
    }

    #[test]
    fn an_address_is_https_or_of_this_machine_and_nothing_more() {
        for good in ["https://a.example/x/", "http://127.0.0.1:4000", "http://[::1]:1/x"] {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "nonsense",
            "a.example",
            "http://a.example",
            "ftp://a.example",
            "https://u:p@a.example",
            "https://a.example?x",
            "https://a.example#x",
            "http://127.0.0.1.evil.example",
        ] {
            let refused = read(bad).unwrap_err();
            assert!(matches!(refused, ProviderError::Setting { key, .. } if key == "url"), "{bad}");
        }
    }

    #[test]
    fn what_may_be_left_out_and_is_wrong_is_refused_all_the_same() {
        assert_eq!(optional(&Settings::default(), "url"), Ok(None));
        let query = Settings::from_iter([("url", "https://a.example/list?x=1")]);
        assert!(optional(&query, "url").is_err());
        assert!(optional_with_query(&query, "url").is_ok_and(|url| url.is_some()));
        let wrong = Settings::from_iter([("url", "http://a.example")]);
        assert!(optional_with_query(&wrong, "url").is_err());
    }

    #[test]
    fn a_path_goes_below_a_base_with_or_without_one() {
        for (base, url) in [
            ("https://a.example", "https://a.example/user"),
            ("https://a.example/api/v3", "https://a.example/api/v3/user"),
            ("http://127.0.0.1:4000/github/api/", "http://127.0.0.1:4000/github/api/user"),
            ("https://a.example/api?x=1#y", "https://a.example/api/user"),
        ] {
            assert_eq!(below(&Url::parse(base).unwrap(), "/user").as_str(), url);
        }
    }
}
