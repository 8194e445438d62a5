//! Whose pages may call Portico: its own and the dashboard's.

use portico_domain::return_to::Destinations;
use url::Url;
use warp::http::{HeaderMap, header};

/// The origins whose pages may call Portico, as browsers write them.
pub(crate) fn spelled(destinations: &Destinations) -> Vec<String> {
    destinations.origins().iter().map(url::Origin::ascii_serialization).collect()
}

/// Whether a state-changing request comes from a page that may make it.
///
/// Every browser sends `Origin` with a POST; without one there is no telling, so there is no.
pub(crate) fn may_change_state(headers: &HeaderMap, destinations: &Destinations) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else { return false };
    let allowed = spelled(destinations);
    allowed.iter().any(|allowed| origin.as_bytes() == allowed.as_bytes())
}

/// Whether a request comes from a page of Portico's own.
pub(crate) fn is_own(headers: &HeaderMap, destinations: &Destinations) -> bool {
    let own = destinations.portico().origin().ascii_serialization();
    only(headers, header::ORIGIN) == Some(own.as_str())
}

/// Whether a navigation was begun on a page of Portico's or the dashboard's.
///
/// No page can set or forge these headers, but one can leave out `Referer`, and browsers send
/// `Sec-Fetch-Site` to https and this machine alone (Fetch Metadata section 2): without proof the
/// answer is no, and the person is asked. Another host of the same site is not trusted: it may be
/// somebody else's.
pub(crate) fn is_own_page(headers: &HeaderMap, destinations: &Destinations) -> bool {
    let site = match headers.contains_key(SEC_FETCH_SITE) {
        true => Some(only(headers, SEC_FETCH_SITE).unwrap_or("unreadable")),
        false => None,
    };
    match site {
        Some("same-origin") => true,
        Some("same-site") | None => referrer(headers, destinations).is_some(),
        // The dashboard may be of another site. Of Portico's own host it is not, and a request that
        // says so went by way of somebody else's.
        Some("cross-site") => {
            let portico = destinations.portico().host_str();
            referrer(headers, destinations).is_some_and(|from| from.host_str() != portico)
        }
        Some(_) => false,
    }
}

/// The page of Portico's or the dashboard's that `Referer` names.
fn referrer(headers: &HeaderMap, destinations: &Destinations) -> Option<Url> {
    let from = Url::parse(only(headers, header::REFERER)?).ok()?;
    destinations.origins().contains(&from.origin()).then_some(from)
}

/// The value of a header that stands once.
fn only(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    value.to_str().ok()
}

const SEC_FETCH_SITE: &str = "sec-fetch-site";

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

    fn begun(pairs: &[(&'static str, &'static str)], dashboard: &str) -> bool {
        let value = |(name, value): &(&'static str, &'static str)| {
            let name = warp::http::HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        };
        let mut headers = HeaderMap::new();
        pairs.iter().map(value).for_each(|(name, value)| {
            headers.append(name, value);
        });
        let url = |text: &str| Url::parse(text).unwrap();
        is_own_page(&headers, &Destinations::new(url("http://localhost:5000"), url(dashboard)))
    }

    #[test]
    fn a_navigation_that_proves_its_page_is_porticos_or_the_dashboards() {
        let beside = "http://localhost:3000/dashboard";
        let afar = "https://dashboard.example/";
        for (headers, dashboard) in [
            (vec![("sec-fetch-site", "same-origin")], beside),
            (vec![("referer", "http://localhost:5000/")], beside),
            (vec![("referer", "http://localhost:3000/costs?a=b")], beside),
            (vec![("sec-fetch-site", "same-site"), ("referer", "http://localhost:3000/")], beside),
            (
                vec![("sec-fetch-site", "cross-site"), ("referer", "https://dashboard.example/")],
                afar,
            ),
        ] {
            assert!(begun(&headers, dashboard), "{headers:?}");
        }
    }

    #[test]
    fn a_navigation_without_proof_or_from_elsewhere_is_not() {
        let beside = "http://localhost:3000/dashboard";
        for headers in [
            vec![],
            vec![("sec-fetch-site", "none")],
            vec![("sec-fetch-site", "same-site")],
            vec![("sec-fetch-site", "cross-site")],
            vec![("sec-fetch-site", "Same-Origin")],
            vec![("sec-fetch-site", "")],
            vec![("sec-fetch-site", "none"), ("referer", "http://localhost:5000/")],
            vec![("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
            vec![("sec-fetch-site", "cross-site"), ("referer", "http://localhost:3000/")],
            vec![("sec-fetch-site", "cross-site"), ("referer", "http://localhost:5000/")],
            vec![("referer", "http://evil.example/?http://localhost:5000/")],
            vec![("referer", "http://localhost:5000.evil.example/")],
            vec![("referer", "http://localhost:5000@evil.example/")],
            vec![("referer", "https://localhost:5000/")],
            vec![("referer", "http://localhost:5001/")],
            vec![("referer", "/dashboard")],
            vec![("referer", "http://localhost:5000/"), ("referer", "http://evil.example/")],
        ] {
            assert!(!begun(&headers, beside), "{headers:?}");
        }
    }

    #[test]
    fn only_porticos_own_pages_decide_what_becomes_of_a_login() {
        let own = |origins: &[&'static str]| {
            let values = origins.iter().map(|text| HeaderValue::from_static(text));
            let headers = values.map(|value| (header::ORIGIN, value)).collect();
            is_own(&headers, &samples::destinations())
        };
        assert!(own(&["http://localhost:5000"]));
        for others in [
            vec![],
            vec!["null"],
            vec!["http://localhost:3000"],
            vec!["http://evil.example"],
            vec!["http://localhost:5000", "http://localhost:5000"],
        ] {
            assert!(!own(&others), "{others:?}");
        }
    }
}
