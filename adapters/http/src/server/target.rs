//! Whether a request names its host unambiguously (RFC 9112 section 3.2). Two servers may interpret
//! an ambiguous one differently (request smuggling, cache poisoning).

use std::net::Ipv6Addr;

use hyper::Version;
use warp::http::{HeaderMap, Uri, header};

/// Whether target and `Host` are valid: exactly one `Host`, a host with or without a port. It may be
/// missing in HTTP/1.0 only, and is also required with a target in absolute form.
pub(super) fn is_unambiguous(version: Version, target: &Uri, headers: &HeaderMap) -> bool {
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

/// `uri-host [":" port]` (RFC 3986 section 3.2). An empty host is invalid in HTTP (RFC 9110 section
/// 4.2.1).
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

/// A registered name or an IPv4 address: unreserved characters, percent-encoding, sub-delimiters.
fn is_name(text: &str) -> bool {
    let allowed = |it: u8| it.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&it);
    let mut bytes = text.bytes();
    let mut is_empty = true;
    while let Some(byte) = bytes.next() {
        is_empty = false;
        let hex = |it: Option<u8>| it.is_some_and(|it| it.is_ascii_hexdigit());
        let valid =
            if byte == b'%' { hex(bytes.next()) && hex(bytes.next()) } else { allowed(byte) };
        if !valid {
            return false;
        }
    }
    !is_empty
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use warp::http::HeaderValue;

    use super::*;

    fn unambiguous(version: Version, target: &str, hosts: &[&[u8]]) -> bool {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, HeaderValue::from_bytes(host).unwrap());
        }
        is_unambiguous(version, &target.parse().unwrap(), &headers)
    }

    #[rstest]
    fn is_unambiguous_requires_one_host_but_not_in_http_1_0(
        #[values("/", "/api/session?x=http://a", "http://portico/", "https://portico:443/x", "*")]
        target: &str,
    ) {
        assert!(unambiguous(Version::HTTP_11, target, &[b"portico"]));
        assert!(!unambiguous(Version::HTTP_11, target, &[]));
        assert!(unambiguous(Version::HTTP_10, target, &[]));
        for version in [Version::HTTP_10, Version::HTTP_11] {
            assert!(!unambiguous(version, target, &[b"portico", b"portico"]));
            assert!(!unambiguous(version, target, &[b"portico", b"evil"]));
            assert!(!unambiguous(version, target, &[b"por tico"]));
        }
    }

    #[rstest]
    fn is_unambiguous_refuses_target_of_another_scheme_or_with_user(
        #[values("ftp://portico/", "http://user@portico/", "javascript://portico/")] target: &str,
    ) {
        assert!(!unambiguous(Version::HTTP_11, target, &[b"portico"]));
    }

    #[rstest]
    #[case::name("portico")]
    #[case::domain("portico.example.com")]
    #[case::trailing_dot("portico.example.com.")]
    #[case::port("localhost:5000")]
    #[case::empty_port("portico:")]
    #[case::ipv4_port("127.0.0.1:80")]
    #[case::ipv6("[::1]")]
    #[case::ipv6_port("[::1]:5000")]
    #[case::ipv6_empty_port("[2001:db8::1]:")]
    #[case::punycode("xn--dgs.example")]
    #[case::underscore("a_b")]
    #[case::percent_encoding("%41")]
    fn is_unambiguous_accepts_host(#[case] host: &str) {
        assert!(unambiguous(Version::HTTP_11, "/", &[host.as_bytes()]));
    }

    #[rstest]
    #[case::empty(b"")]
    #[case::port_only(b":80")]
    #[case::space(b"a b")]
    #[case::slash(b"a/b")]
    #[case::question_mark(b"a?b")]
    #[case::number_sign(b"a#b")]
    #[case::user(b"user@a")]
    #[case::port_is_a_word(b"a:b")]
    #[case::two_ports(b"a:80:80")]
    #[case::port_out_of_range(b"a:65536")]
    #[case::port_too_long(b"a:123456")]
    #[case::negative_port(b"a:-1")]
    #[case::port_with_plus(b"a:+1")]
    #[case::open_bracket(b"[::1")]
    #[case::ipv6_without_brackets(b"::1")]
    #[case::empty_brackets(b"[]")]
    #[case::text_after_bracket(b"[::1]x")]
    #[case::ipv6_port_is_a_word(b"[::1]:x")]
    #[case::ipv4_in_brackets(b"[1.2.3.4]")]
    #[case::list(b"a,b c")]
    #[case::backslash(b"a\\b")]
    #[case::tab(b"a\tb")]
    #[case::byte_ff(b"a\xff")]
    #[case::short_percent_encoding(b"%4")]
    #[case::percent_encoding_not_hex(b"%zz")]
    #[case::angle_brackets(b"<a>")]
    #[case::url(b"http://a")]
    #[case::quote(b"a\"")]
    fn is_unambiguous_refuses_host(#[case] host: &[u8]) {
        assert!(!unambiguous(Version::HTTP_11, "/", &[host]));
    }
}
