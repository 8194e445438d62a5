//! Security headers of every response. A handler may set its own values.

use warp::{
    http::{HeaderName, HeaderValue, header},
    reply::Response,
};

/// Set unless the handler has set them.
const DEFAULTS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Isolates the window from a page that opened it (HTML standard section 7.1.3).
    (OPENER_POLICY, "same-origin"),
    // Other origins cannot load it as an image, a script and so on (Fetch standard section 3.7). It
    // does not apply to CORS requests of the dashboard; icons are for Portico's pages.
    (RESOURCE_POLICY, "same-origin"),
];

/// The policy of a page that every site may frame. Such a page gets no `X-Frame-Options`, which has no
/// value that permits it.
pub(crate) const FRAMEABLE: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors *");

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A year, as preload lists require (RFC 6797). Without `includeSubDomains`: other hosts of the domain
/// are not Portico's.
const HSTS: &str = "max-age=31536000";

/// Adds missing headers. `https`: whether Portico is served over https.
pub(crate) fn harden(mut response: Response, https: bool) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let framed = headers.get(header::CONTENT_SECURITY_POLICY) == Some(&FRAMEABLE);
    for (name, value) in DEFAULTS {
        if framed && name == header::X_FRAME_OPTIONS {
            continue;
        }
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if https {
        let name = header::STRICT_TRANSPORT_SECURITY;
        headers.insert(name, HeaderValue::from_static(HSTS));
    }
    response
}

#[cfg(test)]
mod tests {
    use warp::reply::Reply;

    use super::*;

    #[test]
    fn harden_adds_missing_headers_and_keeps_existing() {
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
    fn harden_lets_a_frameable_page_be_framed() {
        let mut response = warp::reply().into_response();
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, FRAMEABLE);
        let hardened = harden(response, false);
        assert!(!hardened.headers().contains_key(header::X_FRAME_OPTIONS));
        assert_eq!(hardened.headers()[header::CONTENT_SECURITY_POLICY], FRAMEABLE);
    }

    #[test]
    fn harden_sets_hsts_over_https() {
        let hardened = harden(warp::reply().into_response(), true);
        assert_eq!(hardened.headers()[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
    }
}
