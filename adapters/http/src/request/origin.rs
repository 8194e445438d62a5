//! The page that a request comes from: one of Portico's, of the dashboard's, or another.

use portico_domain::return_to::Destinations;
use url::Url;
use warp::http::{HeaderMap, header};

/// The origins whose pages may call Portico, in the form of the header `Origin`.
pub(crate) fn allowed_origins(destinations: &Destinations) -> Vec<String> {
    destinations.origins().iter().map(url::Origin::ascii_serialization).collect()
}

/// Whether `Origin` is allowed to change state. A request without it is refused: every browser sends it
/// with a POST.
pub(crate) fn is_allowed_origin(headers: &HeaderMap, destinations: &Destinations) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else { return false };
    let allowed = allowed_origins(destinations);
    allowed.iter().any(|allowed| origin.as_bytes() == allowed.as_bytes())
}

/// Whether `Origin` is Portico's own.
pub(crate) fn is_own_origin(headers: &HeaderMap, destinations: &Destinations) -> bool {
    let own = destinations.portico().origin().ascii_serialization();
    single(headers, header::ORIGIN) == Some(own.as_str())
}

/// Whether a navigation began on a page of Portico's or of the dashboard's, by `Sec-Fetch-Site` and
/// `Referer`.
///
/// A page cannot forge these headers, but it can suppress `Referer`, and browsers send `Sec-Fetch-Site`
/// to https and loopback only (Fetch Metadata section 2). Without proof the result is `false`, and the
/// person is asked. Other hosts of the same site are not trusted: they may belong to somebody else.
pub(crate) fn is_own_page(headers: &HeaderMap, destinations: &Destinations) -> bool {
    let site = match headers.contains_key(SEC_FETCH_SITE) {
        true => Some(single(headers, SEC_FETCH_SITE).unwrap_or("unreadable")),
        false => None,
    };
    match site {
        Some("same-origin") => true,
        Some("same-site") | None => referrer(headers, destinations).is_some(),
        // The dashboard may be on another site. On Portico's own host it cannot be: a cross-site
        // request with that `Referer` was redirected by another site.
        Some("cross-site") => {
            let portico = destinations.portico().host_str();
            referrer(headers, destinations).is_some_and(|from| from.host_str() != portico)
        }
        Some(_) => false,
    }
}

/// The URL in `Referer`, if its origin is allowed.
fn referrer(headers: &HeaderMap, destinations: &Destinations) -> Option<Url> {
    let from = Url::parse(single(headers, header::REFERER)?).ok()?;
    destinations.origins().contains(&from.origin()).then_some(from)
}

/// The value of a header that is sent exactly once.
pub(crate) fn single(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    value.to_str().ok()
}

const SEC_FETCH_SITE: &str = "sec-fetch-site";

#[cfg(test)]
mod tests;
