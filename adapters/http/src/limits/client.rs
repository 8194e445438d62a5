//! Which address a request comes from, when proxies stand in front.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use ipnet::IpNet;
use warp::http::HeaderMap;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The networks of the proxies in front of Portico. What anybody else says in `X-Forwarded-For` is
/// their own invention.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Proxies of these networks.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whoever is behind the proxies: each appends the address that it was called from, so the
    /// last that is no trusted proxy's is the client's.
    ///
    /// The header is read from its end, element by element, and no further than to that client:
    /// whatever stands before was sent by the client, and may be any bytes.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let hops = lines.flat_map(|line| line.as_bytes().rsplit(|it| *it == b','));
        // Recipients ignore empty elements of a list (RFC 9110 section 5.6.1.2).
        for hop in hops.map(<[u8]>::trim_ascii).filter(|hop| !hop.is_empty()) {
            if !self.trust(client) {
                break;
            }
            // A proxy that does not say whom it was called by answers for them.
            let Some(address) = address(hop) else { break };
            client = address;
        }
        client
    }

    /// Whether this address is a proxy's.
    pub(super) fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// `192.0.2.1`, `2001:db8::1`, `[2001:db8::1]`, in quotes (RFC 7239 section 6), with a port or a
/// zone, as proxies write them; `None` for `unknown`, names that hide an address, and all else.
fn address(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?;
    let hop = hop.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(hop);
    let address: IpAddr = if let Some(rest) = hop.strip_prefix('[') {
        let (bare, port) = rest.split_once(']')?;
        if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
            return None;
        }
        v6(bare)?.into()
    } else if let Some((bare, port)) = hop.split_once(':').filter(|(_, port)| !port.contains(':')) {
        if !is_port(port) {
            return None;
        }
        Ipv4Addr::from_str(bare).ok()?.into()
    } else if hop.contains(':') {
        v6(hop)?.into()
    } else {
        Ipv4Addr::from_str(hop).ok()?.into()
    };
    Some(address.to_canonical())
}

/// An IPv6 address. A zone (RFC 4007 section 11) names an interface of the proxy's.
fn v6(text: &str) -> Option<Ipv6Addr> {
    let bare = text.split_once('%').map_or(text, |(bare, _)| bare);
    Ipv6Addr::from_str(bare).ok()
}

/// A number, or a word that hides one (RFC 7239 section 6.2).
fn is_port(text: &str) -> bool {
    let hidden = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'_' | b'-');
    match text.strip_prefix('_') {
        Some(rest) => !rest.is_empty() && rest.bytes().all(hidden),
        None => text.len() <= 5 && text.bytes().all(|it| it.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use warp::http::HeaderValue;

    use super::*;

    fn client(peer: &str, said: &[&str]) -> String {
        let bytes: Vec<_> = said.iter().map(|it| it.as_bytes()).collect();
        client_of(peer, &bytes)
    }

    fn client_of(peer: &str, said: &[&[u8]]) -> String {
        let networks = ["10.0.0.0/8", "fd00::/8"].map(|it| it.parse().unwrap());
        let mut headers = HeaderMap::new();
        for line in said {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line).unwrap());
        }
        TrustedProxies::new(networks.to_vec()).client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(client("198.51.100.7", &["192.0.2.1"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["192.0.2.1"]), "192.0.2.1");
        assert_eq!(client("::ffff:10.0.0.1", &["192.0.2.1"]), "192.0.2.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn what_a_client_invents_stands_before_what_the_proxies_saw() {
        assert_eq!(client("10.0.0.1", &["1.1.1.1, 192.0.2.1"]), "192.0.2.1");
        assert_eq!(client("10.0.0.1", &["1.1.1.1", "192.0.2.1"]), "192.0.2.1");
        assert_eq!(client("10.0.0.1", &["1.1.1.1, 192.0.2.1, fd00::2"]), "192.0.2.1");
        assert_eq!(client("10.0.0.1", &["10.0.0.9, 192.0.2.1, 10.0.0.2"]), "192.0.2.1");
        assert_eq!(client("10.0.0.1", &["1.1.1.1", "192.0.2.1, 10.0.0.3", "fd00::2"]), "192.0.2.1");
    }

    #[test]
    fn no_byte_before_it_takes_a_proxys_own_element_away() {
        for invented in
            [&b"\xff"[..], b"\x80\xc3\x28", "Łódź".as_bytes(), b"\"", b"[", b"a;b=\"c", b"\t"]
        {
            let line = [invented, b", 192.0.2.1"].concat();
            assert_eq!(client_of("10.0.0.1", &[&line]), "192.0.2.1", "{invented:?}");
            assert_eq!(
                client_of("10.0.0.1", &[invented, b"192.0.2.1"]),
                "192.0.2.1",
                "{invented:?}"
            );
            let two = [invented, b", 192.0.2.1"].concat();
            assert_eq!(client_of("10.0.0.1", &[&two, b"10.0.0.2"]), "192.0.2.1", "{invented:?}");
        }
    }

    #[test]
    fn an_address_is_read_in_every_spelling() {
        for (said, address) in [
            ("192.0.2.1:4711", "192.0.2.1"),
            ("192.0.2.1:", "192.0.2.1"),
            ("192.0.2.1:_hidden", "192.0.2.1"),
            ("\"192.0.2.1:80\"", "192.0.2.1"),
            ("2001:DB8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:80", "2001:db8::1"),
            ("\"[2001:db8::1]:80\"", "2001:db8::1"),
            ("[2001:db8::1%25eth0]:80", "2001:db8::1"),
            ("2001:db8::1%eth0", "2001:db8::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("[::ffff:192.0.2.1]:80", "192.0.2.1"),
            (" \t192.0.2.1\t ", "192.0.2.1"),
            ("192.0.2.1,", "192.0.2.1"),
            ("1.1.1.1,,192.0.2.1, ,", "192.0.2.1"),
        ] {
            assert_eq!(client("10.0.0.1", &[said]), address, "{said}");
        }
    }

    #[test]
    fn a_proxy_that_names_nobody_answers_for_whoever_called_it() {
        for said in [
            "unknown",
            "_hidden",
            "_SEVKISEK",
            "unix:",
            "localhost",
            "192.0.2",
            "192.0.2.256",
            "192.0.2.1:80:80",
            "192.0.2.1:x",
            "192.0.2.1:123456",
            "[192.0.2.1]",
            "[2001:db8::1",
            "[2001:db8::1]80",
            "for=192.0.2.1",
            "192.0.2.1 192.0.2.2",
            "\"192.0.2.1",
        ] {
            assert_eq!(client("10.0.0.1", &[&format!("192.0.2.9, {said}")]), "10.0.0.1", "{said}");
        }
        assert_eq!(client("10.0.0.1", &["192.0.2.9, unknown, 10.0.0.2"]), "10.0.0.2");
    }
}
