//! Whether a request is a top-level navigation (Fetch Metadata Request Headers; Nav Speculative Loading
//! for prefetches).
//!
//! An image, a frame or a prefetch on any page could otherwise begin logins for its visitors, and a
//! prefetched callback would spend its login attempt. Cross-site navigations are accepted: a dashboard
//! sends people here, and an identity provider sends them back. So are requests without these headers,
//! from programs and from browsers that do not send them.

use warp::http::{HeaderMap, Method};

/// The values that these headers have in a navigation, and in nothing else.
const NAVIGATION: [(&str, &str); 2] =
    [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];

/// Headers that mark prefetches and previews, obsolete ones included.
const PREFETCH_HEADERS: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// Parts of their values.
const PREFETCH_VALUES: [&str; 3] = ["prefetch", "prerender", "preview"];

/// Whether the response is shown to a person in a window of its own.
pub(crate) fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    let matches =
        |(name, value): &(&str, &str)| headers.get_all(*name).iter().all(|sent| sent == value);
    *method == Method::GET && NAVIGATION.iter().all(matches) && !is_prefetch(headers)
}

fn is_prefetch(headers: &HeaderMap) -> bool {
    let sent = PREFETCH_HEADERS.iter().flat_map(|name| headers.get_all(*name));
    sent.map(|value| value.as_bytes().to_ascii_lowercase()).any(|value| {
        let value = String::from_utf8_lossy(&value);
        PREFETCH_VALUES.iter().any(|part| value.contains(part))
    })
}

#[cfg(test)]
mod tests;
