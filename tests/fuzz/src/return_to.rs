//! The `return_to` parameter.

use http::HeaderValue;
use portico_domain::return_to::Destinations;
use url::Url;

use crate::text;

/// Any `return_to` resolves to an allowed origin, and a browser parses the `Location` as the URL
/// that was checked.
pub fn return_to(data: &[u8]) {
    let Some(requested) = text(data) else { return };
    for (portico, dashboard) in [
        ("http://localhost:5000", "http://localhost:3000/dashboard"),
        ("https://portico.example", "https://app.example/dashboard"),
    ] {
        let (portico, dashboard) = (Url::parse(portico).unwrap(), Url::parse(dashboard).unwrap());
        let destinations = Destinations::new(portico.clone(), dashboard.clone());
        let target = destinations.resolve(Some(requested)).url().clone();
        assert!(destinations.origins().contains(&target.origin()), "{target}");
        assert!(target.username().is_empty() && target.password().is_none(), "{target}");
        assert!(HeaderValue::from_str(target.as_str()).is_ok(), "{target}");
        assert!(target.as_str().bytes().all(|b| b.is_ascii_graphic() && b != b'\\'), "{target}");
        assert_eq!(
            portico.join(target.as_str()).unwrap(),
            target,
            "the browser parses another URL"
        );
        // Resolving is idempotent.
        if target.origin() == dashboard.origin() && target.as_str().len() <= 2_048 {
            assert_eq!(destinations.resolve(Some(target.as_str())).url(), &target);
        }
    }
}
