//! Whether a request is a navigation of a person's, as browsers tell it (Fetch Metadata Request
//! Headers, and Nav Speculative Loading for what is fetched ahead).
//!
//! An image, a frame or a prefetch on anybody's page would begin logins in its visitors' names, and
//! a callback that is fetched ahead would spend its attempt. Top-level navigations from other sites
//! go on: that is how a dashboard sends people here, and an identity provider back. Browsers that
//! send none of these headers, and programs, go on too.

use warp::http::{HeaderMap, Method};

/// Headers that a navigation sends with this value and anything else with another.
const NAVIGATES: [(&str, &str); 2] =
    [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];

/// Headers in which browsers, now or once, say that nobody may ever look at the answer.
const AHEAD: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// What they say then.
const AHEAD_WORDS: [&str; 3] = ["prefetch", "prerender", "preview"];

/// Whether a person may be waiting for the answer to this request in a window of their own.
pub(crate) fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    let navigates =
        |(name, value): &(&str, &str)| headers.get_all(*name).iter().all(|sent| sent == value);
    *method == Method::GET && NAVIGATES.iter().all(navigates) && !is_ahead(headers)
}

fn is_ahead(headers: &HeaderMap) -> bool {
    let sent = AHEAD.iter().flat_map(|name| headers.get_all(*name));
    sent.map(|value| value.as_bytes().to_ascii_lowercase()).any(|value| {
        let value = String::from_utf8_lossy(&value);
        AHEAD_WORDS.iter().any(|word| value.contains(word))
    })
}

#[cfg(test)]
mod tests {
    use warp::http::{HeaderName, HeaderValue};

    use super::*;

    fn navigates(sent: &[(&'static str, &'static str)]) -> bool {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        is_navigation(&Method::GET, &sent.iter().map(pair).collect())
    }

    #[test]
    fn top_level_navigations_from_any_site_go_on() {
        for site in ["none", "same-origin", "same-site", "cross-site"] {
            let sent = [
                ("sec-fetch-site", site),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ];
            assert!(navigates(&sent), "{site}");
            assert!(navigates(&[&sent[..], &[("sec-fetch-user", "?1")]].concat()), "{site}");
        }
    }

    #[test]
    fn without_the_headers_a_request_goes_on() {
        assert!(navigates(&[]));
        assert!(navigates(&[("accept", "text/html")]));
        assert!(navigates(&[("sec-fetch-site", "cross-site")]));
        assert!(navigates(&[("purpose", "sign in")]));
    }

    #[test]
    fn what_a_page_embeds_or_asks_for_is_no_navigation() {
        for (mode, destination) in [
            ("no-cors", "image"),
            ("no-cors", "script"),
            ("no-cors", "style"),
            ("no-cors", "audio"),
            ("no-cors", "video"),
            ("no-cors", "track"),
            ("cors", "font"),
            ("cors", "empty"),
            ("no-cors", "empty"),
            ("same-origin", "empty"),
            ("same-origin", "worker"),
            ("websocket", "empty"),
            ("navigate", "iframe"),
            ("navigate", "frame"),
            ("navigate", "fencedframe"),
            ("navigate", "object"),
            ("navigate", "embed"),
            ("navigate", "image"),
            ("no-cors", "document"),
            ("navigate", ""),
            ("", "document"),
        ] {
            let sent = [("sec-fetch-mode", mode), ("sec-fetch-dest", destination)];
            assert!(!navigates(&sent), "{mode} {destination}");
        }
        // One of the two is enough, and of two that differ the wrong one.
        assert!(!navigates(&[("sec-fetch-mode", "no-cors")]));
        assert!(!navigates(&[("sec-fetch-dest", "image")]));
        assert!(!navigates(&[("sec-fetch-dest", "document"), ("sec-fetch-dest", "image")]));
    }

    #[test]
    fn what_is_fetched_ahead_is_no_navigation() {
        for (name, value) in [
            ("sec-purpose", "prefetch"),
            ("sec-purpose", "prefetch;prerender"),
            ("sec-purpose", "prefetch;anonymous-client-ip"),
            ("sec-purpose", "prerender"),
            ("purpose", "prefetch"),
            ("purpose", "Prefetch"),
            ("x-purpose", "preview"),
            ("x-moz", "prefetch"),
        ] {
            let sent =
                [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), (name, value)];
            assert!(!navigates(&sent), "{name}: {value}");
            assert!(!navigates(&[(name, value)]), "{name}: {value}");
        }
    }

    #[test]
    fn only_a_get_is_a_navigation() {
        for method in [Method::HEAD, Method::POST, Method::OPTIONS] {
            assert!(!is_navigation(&method, &HeaderMap::new()), "{method}");
        }
    }
}
