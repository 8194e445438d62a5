//! Whose pages may call Portico: its own and the dashboard's.

use portico_domain::return_to::Destinations;
use warp::{
    filters::cors::Cors,
    http::{HeaderMap, header},
};

/// Lets the dashboard's pages call the API with the session cookie (CORS, Fetch standard section
/// 3.3). Portico's own origin is named too: browsers send `Origin` with their own POSTs as well.
pub(crate) fn cors(destinations: &Destinations) -> Cors {
    let origins = destinations.origins().map(|origin| origin.ascii_serialization());
    warp::cors()
        .allow_origins(origins.iter().map(String::as_str))
        .allow_credentials(true)
        .allow_methods(["GET", "POST", "DELETE"])
        .allow_headers(["content-type"])
        .expose_headers(["link", "retry-after"])
        .max_age(600_u32)
        .build()
}

/// Whether a state-changing request comes from a page that may make it.
///
/// Every browser sends `Origin` with a POST; without one there is no telling, so there is no.
pub(crate) fn may_change_state(headers: &HeaderMap, destinations: &Destinations) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else { return false };
    let allowed = destinations.origins().map(|origin| origin.ascii_serialization());
    allowed.iter().any(|allowed| origin.as_bytes() == allowed.as_bytes())
}

#[cfg(test)]
mod tests {
    use portico_domain::testing::samples;
    use warp::http::HeaderValue;

    use super::*;

    fn may(origins: &[&'static str]) -> bool {
        let values = origins.iter().map(|text| HeaderValue::from_static(text));
        let headers = values.map(|value| (header::ORIGIN, value)).collect();
        may_change_state(&headers, &samples::destinations())
    }

    #[test]
    fn only_porticos_pages_and_the_dashboards_may_change_state() {
        assert!(may(&["http://localhost:5000"]));
        assert!(may(&["http://localhost:3000"]));
        for others in [
            vec![],
            vec!["null"],
            vec!["http://evil.example"],
            vec!["https://localhost:5000"],
            vec!["http://localhost:5001"],
            vec!["http://localhost:5000.evil.example"],
            vec!["http://localhost:5000", "http://evil.example"],
        ] {
            assert!(!may(&others), "{others:?}");
        }
    }
}
