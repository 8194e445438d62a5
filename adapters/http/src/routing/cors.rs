//! CORS: calls that pages of other origins may make (Fetch standard section 3.3).

use portico_domain::{return_to::Destinations, text::clean};
use warp::{
    filters::cors::Cors,
    http::{HeaderMap, HeaderValue, header},
};

use crate::{
    error::{ErrorCode, Failure, wrong_origin},
    request::{allowed_origins, is_allowed_origin},
    response::CORRELATION,
};

/// Allows the dashboard's pages to call the API with the session cookie. Portico's own origin is
/// allowed too: browsers send `Origin` with same-origin POSTs. CORS must not apply to navigations,
/// whose `Origin` may be any, or `null`.
pub(super) fn cors(destinations: &Destinations) -> Cors {
    let origins = allowed_origins(destinations);
    warp::cors()
        .allow_origins(origins.iter().map(String::as_str))
        .allow_credentials(true)
        .allow_methods(METHODS)
        .allow_headers(HEADERS)
        .expose_headers(["link", "retry-after", CORRELATION.as_str()])
        .max_age(600_u32)
        .build()
}

/// Methods and headers allowed to pages of the dashboard.
const METHODS: [&str; 3] = ["GET", "POST", "DELETE"];
const HEADERS: [&str; 1] = ["content-type"];

/// Why CORS refused a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CorsFault<'a> {
    /// The origin is not allowed.
    Origin,
    /// The method is not allowed.
    Method { sent: &'a [u8], allowed: String },
    /// The header is not allowed.
    Header { sent: &'a [u8], allowed: String },
}

/// Why [`cors`] refused a request, for the message.
pub(super) fn cors_fault<'a>(headers: &'a HeaderMap, destinations: &Destinations) -> CorsFault<'a> {
    if !is_allowed_origin(headers, destinations) {
        return CorsFault::Origin;
    }
    let method = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD).map(HeaderValue::as_bytes);
    if let Some(sent) = method.filter(|sent| METHODS.iter().all(|it| it.as_bytes() != *sent)) {
        return CorsFault::Method { sent, allowed: METHODS.join(", ") };
    }
    let requested =
        headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).map_or(&[][..], |it| it.as_bytes());
    let mut requested = requested.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    let allowed = |sent: &[u8]| HEADERS.iter().any(|it| it.as_bytes().eq_ignore_ascii_case(sent));
    let sent = requested.find(|sent| !allowed(sent)).unwrap_or_default();
    CorsFault::Header { sent, allowed: HEADERS.join(", ") }
}

/// The failure (403) of a request that [`cors`] refused.
pub(super) fn refused(headers: &HeaderMap, destinations: &Destinations) -> Failure {
    let shown = |sent: &[u8]| clean(&String::from_utf8_lossy(sent), 100);
    let (code, sent, allowed) = match cors_fault(headers, destinations) {
        CorsFault::Origin => return wrong_origin(headers),
        CorsFault::Method { sent, allowed } => (ErrorCode::WrongMethod, sent, allowed),
        CorsFault::Header { sent, allowed } => (ErrorCode::WrongHeader, sent, allowed),
    };
    Failure::with(code, &[("sent", &shown(sent)), ("allowed", &allowed)])
}

#[cfg(test)]
mod tests {
    use portico_domain::testing::samples;

    use super::*;

    #[test]
    fn cors_fault_names_refused_origin_method_or_header() {
        let fault = |pairs: &[(&'static str, &'static str)]| {
            let pair = |(name, value): &(&'static str, &'static str)| {
                (warp::http::HeaderName::from_static(name), HeaderValue::from_static(value))
            };
            let headers = pairs.iter().map(pair).collect();
            format!("{:?}", cors_fault(&headers, &samples::destinations()))
        };
        let own = ("origin", "http://localhost:3000");
        let (method, header) = ("access-control-request-method", "access-control-request-headers");
        let shown = |bytes: &str| format!("{:?}", bytes.as_bytes());
        assert_eq!(fault(&[("origin", "null"), (method, "PUT")]), "Origin");
        let put = fault(&[own, (method, "PUT"), (header, "x-a")]);
        assert!(put.starts_with("Method") && put.contains(&shown("PUT")), "{put}");
        let other = fault(&[own, (method, "POST"), (header, "Content-Type, x-a,x-b")]);
        assert!(other.starts_with("Header") && other.contains(&shown("x-a")), "{other}");
    }
}
