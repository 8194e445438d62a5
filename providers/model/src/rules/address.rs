//! The rule for addresses that may be called.

use url::{Host, Url};

/// Whether a token may be sent to this address: over TLS, or to a loopback address.
pub fn may_be_called(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => is_loopback(url),
        _ => false,
    }
}

/// Whether the host is a loopback address or `localhost`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::https("https://a.example")]
    #[case::loopback_v4("http://127.0.0.1:4000")]
    #[case::localhost("http://localhost")]
    #[case::loopback_v6("http://[::1]/x")]
    fn may_be_called_takes_https_and_loopback(#[case] url: &str) {
        assert!(may_be_called(&Url::parse(url).unwrap()));
    }

    #[rstest]
    #[case::http("http://a.example")]
    #[case::private_address("http://10.0.0.1")]
    #[case::loopback_as_label("http://127.0.0.1.evil.example")]
    #[case::localhost_as_label("http://localhost.evil.example")]
    #[case::below_localhost("http://evil.localhost")]
    #[case::ftp("ftp://127.0.0.1")]
    #[case::data("data:x")]
    fn may_be_called_refuses_other_than_https_or_loopback(#[case] url: &str) {
        assert!(!may_be_called(&Url::parse(url).unwrap()));
    }
}
