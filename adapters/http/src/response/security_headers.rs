//! The headers that every answer carries, unless its handler says something narrower.

use warp::{
    http::{HeaderName, HeaderValue, header},
    reply::Response,
};

/// Where a handler says nothing: not kept by anybody, nothing loaded for it, framed by nobody, and
/// its address told to nobody.
const UNLESS_SAID: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // A page that opened this one has no hold on its window (HTML standard section 7.1.3).
    (OPENER_POLICY, "same-origin"),
    // No other origin's page loads it as an image, script or the like (Fetch standard section 3.7).
    // What the dashboard reads with CORS is not held to this, and icons are for Portico's pages.
    (RESOURCE_POLICY, "same-origin"),
];

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A year, as browsers' preload lists ask for (RFC 6797). Other hosts of the domain are not
/// Portico's to speak for.
const HTTPS_ONLY: &str = "max-age=31536000";

/// Adds what is missing. `https`: whether browsers reach Portico by https.
pub(crate) fn harden(mut response: Response, https: bool) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, value) in UNLESS_SAID {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if https {
        let name = header::STRICT_TRANSPORT_SECURITY;
        headers.insert(name, HeaderValue::from_static(HTTPS_ONLY));
    }
    response
}

#[cfg(test)]
mod tests {
    use warp::reply::Reply;

    use super::*;

    #[test]
    fn what_a_handler_says_stays_and_what_it_leaves_out_is_added() {
        let mut response = warp::reply().into_response();
        let narrower = HeaderValue::from_static("sandbox");
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, narrower.clone());
        let hardened = harden(response, false);
        let headers = hardened.headers();
        assert_eq!(headers[header::CONTENT_SECURITY_POLICY], narrower);
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
        assert_eq!(headers[header::X_FRAME_OPTIONS], "DENY");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[OPENER_POLICY], "same-origin");
        assert_eq!(headers[RESOURCE_POLICY], "same-origin");
        assert!(!headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }

    #[test]
    fn over_https_a_browser_is_told_to_stay_there() {
        let hardened = harden(warp::reply().into_response(), true);
        assert_eq!(hardened.headers()[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
    }
}
