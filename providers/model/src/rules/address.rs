//! Which addresses may be called: the one rule that every adapter and provider holds them to.

use url::{Host, Url};

/// Whether a token may travel to this address: over TLS, or without leaving the machine.
pub fn may_be_called(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => is_loopback(url),
        _ => false,
    }
}

/// Whether this address is on the machine itself.
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
    use super::*;

    #[test]
    fn tokens_travel_over_tls_or_stay_on_the_machine() {
        let may = |url: &str| may_be_called(&Url::parse(url).unwrap());
        for good in
            ["https://a.example", "http://127.0.0.1:4000", "http://localhost", "http://[::1]/x"]
        {
            assert!(may(good), "{good}");
        }
        for bad in [
            "http://a.example",
            "http://10.0.0.1",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://evil.localhost",
            "ftp://127.0.0.1",
            "data:x",
        ] {
            assert!(!may(bad), "{bad}");
        }
    }
}
