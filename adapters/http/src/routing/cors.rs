//! Which calls the pages of other origins may make (CORS, Fetch standard section 3.3).

use portico_domain::{return_to::Destinations, text::clean};
use warp::{
    filters::cors::Cors,
    http::{HeaderMap, HeaderValue, header},
};

use crate::{
    error::{ErrorCode, Failure, wrong_origin},
    request::{may_change_state, spelled},
    response::CORRELATION,
};

/// Lets the dashboard's pages call the API with the session cookie (CORS, Fetch standard section
/// 3.3). It has no say over navigations, whose `Origin` may be anybody's or `null`. Portico's own origin
/// is named too: browsers send `Origin` with their own POSTs as well.
pub(super) fn cors(destinations: &Destinations) -> Cors {
    let origins = spelled(destinations);
    warp::cors()
        .allow_origins(origins.iter().map(String::as_str))
        .allow_credentials(true)
        .allow_methods(METHODS)
        .allow_headers(HEADERS)
        .expose_headers(["link", "retry-after", CORRELATION.as_str()])
        .max_age(600_u32)
        .build()
}

/// What a page of the dashboard's may send.
const METHODS: [&str; 3] = ["GET", "POST", "DELETE"];
const HEADERS: [&str; 1] = ["content-type"];

/// What CORS found wrong with a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CorsFault<'a> {
    /// Its page is of another origin.
    Origin,
    /// Its page may not use this method.
    Method { sent: &'a [u8], allowed: String },
    /// Its page may not send this header.
    Header { sent: &'a [u8], allowed: String },
}

/// What is wrong with a request that [`cors`] has refused, for words alone.
pub(super) fn cors_fault<'a>(headers: &'a HeaderMap, destinations: &Destinations) -> CorsFault<'a> {
    if !may_change_state(headers, destinations) {
        return CorsFault::Origin;
    }
    let method = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD).map(HeaderValue::as_bytes);
    if let Some(sent) = method.filter(|sent| METHODS.iter().all(|it| it.as_bytes() != *sent)) {
        return CorsFault::Method { sent, allowed: METHODS.join(", ") };
    }
    let asked =
        headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).map_or(&[][..], |it| it.as_bytes());
    let mut asked = asked.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    let known = |sent: &[u8]| HEADERS.iter().any(|it| it.as_bytes().eq_ignore_ascii_case(sent));
    let sent = asked.find(|sent| !known(sent)).unwrap_or_default();
    CorsFault::Header { sent, allowed: HEADERS.join(", ") }
}

/// 403 for a request that [`cors`] has refused.
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
    fn cors_names_the_part_of_a_request_that_it_refused() {
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
