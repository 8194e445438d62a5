//! Whether browsers send the session cookie with requests of a dashboard's pages.

use url::{Host, Url};

/// A warning if the dashboard is on another site than Portico. The session cookie is `SameSite=Lax`, so
/// browsers send it with requests of pages of the same site only (RFC 6265bis section 5.2): to other
/// dashboards, nobody would be signed in.
pub(super) fn cross_site_warning(base: &Url, dashboard: &Url) -> Option<String> {
    (!are_same_site(base, dashboard)).then(|| {
        let place = site(base).map_or_else(
            || base.origin().ascii_serialization(),
            |domain| format!("{domain} or its subdomains, over {}", base.scheme()),
        );
        format!(
            "the dashboard {dashboard} is on another site than Portico ({base}), so browsers do not \
             send the session cookie with requests of its pages: serve both from {place}, or let the \
             dashboard's own server forward /api"
        )
    })
}

/// Whether two URLs are schemefully same site (HTML Standard section 7.1.1): the same scheme, and the same
/// host or registrable domain. Ports do not matter.
fn are_same_site(one: &Url, other: &Url) -> bool {
    let sites = || Some(site(one)? == site(other)?);
    one.scheme() == other.scheme() && (one.host() == other.host() || sites().unwrap_or_default())
}

/// The registrable domain. IP addresses and public suffixes such as `azurewebsites.net` or `localhost` have
/// none.
fn site(url: &Url) -> Option<&str> {
    match url.host()? {
        Host::Domain(name) => psl::domain_str(name),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::subdomains("https://portico.example.com", "https://dashboard.example.com/x", true)]
    #[case::domain_and_subdomain("https://example.com", "https://a.b.example.com:8443", true)]
    #[case::below_co_uk("https://a.example.co.uk", "https://b.example.co.uk", true)]
    #[case::ports_of_localhost("http://localhost:5000", "http://localhost:3000/dashboard", true)]
    #[case::ports_of_address("http://127.0.0.1:5000", "http://127.0.0.1:3000", true)]
    #[case::same_host("https://a.azurewebsites.net", "https://a.azurewebsites.net/x", true)]
    #[case::domains("https://portico.example.com", "https://dashboard.example.net", false)]
    #[case::domains_in_co_uk("https://a.co.uk", "https://b.co.uk", false)]
    #[case::hosts_of_azure("https://a.azurewebsites.net", "https://b.azurewebsites.net", false)]
    #[case::hosts_of_github("https://a.github.io", "https://b.github.io", false)]
    #[case::schemes("https://example.com", "http://example.com", false)]
    #[case::localhost_and_address("http://localhost:5000", "http://127.0.0.1:3000", false)]
    #[case::addresses("http://10.0.0.1", "http://10.0.0.2", false)]
    fn are_same_site_compares_scheme_and_registrable_domain(
        #[case] one: &str,
        #[case] other: &str,
        #[case] expected: bool,
    ) {
        let [one, other] = [one, other].map(|url| Url::parse(url).unwrap());
        assert_eq!(are_same_site(&one, &other), expected);
    }

    #[test]
    fn cross_site_warning_names_dashboard_and_remedy() {
        let url = |text| Url::parse(text).unwrap();
        let (base, dashboard) = (url("https://portico.a.example"), url("https://b.example"));
        let warning = cross_site_warning(&base, &dashboard).unwrap();
        assert!(warning.contains("https://b.example/ is on another site"), "{warning}");
        assert!(warning.contains("from a.example or its subdomains, over https"), "{warning}");
    }
}
