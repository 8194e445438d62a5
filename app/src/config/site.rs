//! Whether a dashboard's pages can use the session that Portico keeps.

use url::{Host, Url};

/// What to say of a dashboard of another site than Portico's. Browsers send Portico's cookie, which is
/// `SameSite=Lax`, with what the pages of Portico's own site fetch, and with no other's (RFC 6265bis
/// section 5.2): the dashboard would be told that nobody is signed in.
pub(super) fn cross_site_warning(base: &Url, dashboard: &Url) -> Option<String> {
    (!are_same_site(base, dashboard)).then(|| {
        let site = site(base).map_or_else(
            || base.origin().ascii_serialization(),
            |site| format!("{} of {site}", base.scheme()),
        );
        format!(
            "the dashboard {dashboard} is of another site than Portico ({base}), so browsers keep \
             the session's cookie from what its pages fetch: put both on {site}, or let the \
             dashboard's own server pass /api on"
        )
    })
}

/// Whether two addresses are of one site: of one scheme, and of hosts below one domain that somebody
/// can register. Ports do not matter (HTML Standard section 7.1.1, "schemefully same site").
fn are_same_site(one: &Url, other: &Url) -> bool {
    let sites = || Some(site(one)? == site(other)?);
    one.scheme() == other.scheme() && (one.host() == other.host() || sites().unwrap_or_default())
}

/// The domain that its owner registered. An address of numbers has none, and a name that is a public
/// suffix as a whole, such as `azurewebsites.net` or `localhost`, is a site by itself.
fn site(url: &Url) -> Option<&str> {
    match url.host()? {
        Host::Domain(name) => psl::domain_str(name),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        are_same_site(&Url::parse(one).unwrap(), &Url::parse(other).unwrap())
    }

    #[test]
    fn are_same_site_is_true_below_one_registrable_domain() {
        for (one, other) in [
            ("https://portico.example.com", "https://dashboard.example.com/x"),
            ("https://example.com", "https://a.b.example.com:8443"),
            ("https://a.example.co.uk", "https://b.example.co.uk"),
            ("http://localhost:5000", "http://localhost:3000/dashboard"),
            ("http://127.0.0.1:5000", "http://127.0.0.1:3000"),
            ("https://a.azurewebsites.net", "https://a.azurewebsites.net/x"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn are_same_site_is_false_for_other_domain_or_scheme() {
        for (one, other) in [
            ("https://portico.example.com", "https://dashboard.example.net"),
            ("https://a.co.uk", "https://b.co.uk"),
            ("https://portico.azurewebsites.net", "https://dashboard.azurewebsites.net"),
            ("https://a.github.io", "https://b.github.io"),
            ("https://example.com", "http://example.com"),
            ("http://localhost:5000", "http://127.0.0.1:3000"),
            ("http://10.0.0.1", "http://10.0.0.2"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn cross_site_warning_names_dashboard_and_remedy() {
        let url = |text| Url::parse(text).unwrap();
        let said = cross_site_warning(&url("https://portico.a.example"), &url("https://b.example"));
        let said = said.unwrap();
        assert!(said.contains("https://b.example/ is of another site"), "{said}");
        assert!(said.contains("put both on https of a.example"), "{said}");
    }
}
