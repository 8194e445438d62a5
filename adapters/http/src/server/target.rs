//! Whether a request says as clearly as HTTP wants whom it is for (RFC 9112 section 3.2). One that
//! does not may be read in two ways by two servers.

use std::net::Ipv6Addr;

use hyper::Version;
use warp::http::{HeaderMap, Uri, header};

/// Whether the target and the `Host` of a request are what they must be: one `Host` that is a host
/// with or without a port, which HTTP/1.0 alone may leave out, also beside a target that names the
/// host itself.
pub(super) fn is_clear(version: Version, target: &Uri, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => is_host(host.as_bytes()),
        (None, None) => version < Version::HTTP_11,
        _ => false,
    };
    let scheme = target.scheme_str().is_none_or(|it| matches!(it, "http" | "https"));
    let authority = target.authority().is_none_or(|it| is_host(it.as_str().as_bytes()));
    host && scheme && authority
}

/// `uri-host [":" port]` (RFC 3986 section 3.2). An empty host names nothing that is served by HTTP
/// (RFC 9110 section 4.2.1).
fn is_host(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else { return false };
        let port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return port && address.parse::<Ipv6Addr>().is_ok();
    }
    match text.split_once(':') {
        Some((name, port)) => is_name(name) && is_port(port),
        None => is_name(text),
    }
}

fn is_port(text: &str) -> bool {
    let digits = text.bytes().all(|it| it.is_ascii_digit());
    text.is_empty() || (digits && text.len() <= 5 && text.parse::<u16>().is_ok())
}

/// A registered name or an IPv4 address: unreserved characters, escapes and sub-delimiters.
fn is_name(text: &str) -> bool {
    let allowed = |it: u8| it.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&it);
    let mut bytes = text.bytes();
    let mut any = false;
    while let Some(byte) = bytes.next() {
        any = true;
        let hex = |it: Option<u8>| it.is_some_and(|it| it.is_ascii_hexdigit());
        let fits =
            if byte == b'%' { hex(bytes.next()) && hex(bytes.next()) } else { allowed(byte) };
        if !fits {
            return false;
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use warp::http::HeaderValue;

    use super::*;

    fn clear(version: Version, target: &str, hosts: &[&[u8]]) -> bool {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, HeaderValue::from_bytes(host).unwrap());
        }
        is_clear(version, &target.parse().unwrap(), &headers)
    }

    #[test]
    fn a_request_names_one_host_which_only_an_old_one_leaves_out() {
        for target in
            ["/", "/api/session?x=http://a", "http://portico/", "https://portico:443/x", "*"]
        {
            assert!(clear(Version::HTTP_11, target, &[b"portico"]), "{target}");
            assert!(!clear(Version::HTTP_11, target, &[]), "{target}");
            assert!(clear(Version::HTTP_10, target, &[]), "{target}");
            for version in [Version::HTTP_10, Version::HTTP_11] {
                assert!(!clear(version, target, &[b"portico", b"portico"]), "{target}");
                assert!(!clear(version, target, &[b"portico", b"evil"]), "{target}");
                assert!(!clear(version, target, &[b"por tico"]), "{target}");
            }
        }
        for target in ["ftp://portico/", "http://user@portico/", "javascript://portico/"] {
            assert!(!clear(Version::HTTP_11, target, &[b"portico"]), "{target}");
        }
    }

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        for host in [
            "portico",
            "portico.example.com",
            "portico.example.com.",
            "localhost:5000",
            "portico:",
            "127.0.0.1:80",
            "[::1]",
            "[::1]:5000",
            "[2001:db8::1]:",
            "xn--dgs.example",
            "a_b",
            "%41",
        ] {
            assert!(clear(Version::HTTP_11, "/", &[host.as_bytes()]), "{host}");
        }
        for host in [
            &b""[..],
            b":80",
            b"a b",
            b"a/b",
            b"a?b",
            b"a#b",
            b"user@a",
            b"a:b",
            b"a:80:80",
            b"a:65536",
            b"a:123456",
            b"a:-1",
            b"a:+1",
            b"[::1",
            b"::1",
            b"[]",
            b"[::1]x",
            b"[::1]:x",
            b"[1.2.3.4]",
            b"a,b c",
            b"a\\b",
            b"a\tb",
            b"a\xff",
            b"%4",
            b"%zz",
            b"<a>",
            b"http://a",
            b"a\"",
        ] {
            assert!(!clear(Version::HTTP_11, "/", &[host]), "{host:?}");
        }
    }
}
