//! Parsers of URLs and hosts.

use portico_domain::address::may_be_called;
use url::{Host, Url};

/// An `http` or `https` URL.
pub(super) fn web_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            // The URL parser would accept a blank and encode it as a character of the path.
            && !text.contains(char::is_whitespace)
    });
    url.ok_or_else(|| "write a whole URL, such as https://portico.example.com".to_owned())
}

/// A URL of scheme, host and port only.
pub(super) fn base_url(text: &str) -> Result<Url, String> {
    let url = web_url(text)?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        let root = url.origin().ascii_serialization();
        return Err(format!("write only scheme, host and port: {root}"));
    }
    Ok(url)
}

/// The base URL of an identity provider or cloud; plain http is accepted for loopback addresses only.
pub(super) fn cloud_url(text: &str) -> Result<Url, String> {
    let url = base_url(text)?;
    if !may_be_called(&url) {
        return Err(
            "write https: secrets and tokens are sent there, and plain http is accepted for \
                    loopback addresses only"
                .into(),
        );
    }
    Ok(url)
}

/// Hosts with ports, comma separated, each normalised as in a URL.
pub(super) fn private_hosts(text: &str) -> Result<Vec<String>, String> {
    let hint = || {
        "write hosts with their ports, comma separated, such as keycloak.internal:8443 or \
         10.0.0.7:443"
            .to_owned()
    };
    let host = |text: &str| {
        let (host, port) = text.trim().rsplit_once(':')?;
        let port = port.parse::<u16>().ok().filter(|port| *port != 0)?;
        Some(format!("{}:{port}", Host::parse(host).ok()?))
    };
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split(',').map(|text| host(text).ok_or_else(hint)).collect()
}
