//! The client's address behind trusted proxies (`X-Forwarded-For`).

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use ipnet::IpNet;
use warp::http::HeaderMap;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The networks of the proxies in front of Portico. `X-Forwarded-For` of any other peer is ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Trusts the proxies in these networks.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// The client's address: each proxy appends the address of its peer, so the client's is the last
    /// one that belongs to no trusted proxy.
    ///
    /// The header is read from its end, up to the client's address. Everything before was sent by the
    /// client and may be any bytes.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let hops = lines.flat_map(|line| line.as_bytes().rsplit(|it| *it == b','));
        // Recipients ignore empty elements of a list (RFC 9110 section 5.6.1.2).
        for hop in hops.map(<[u8]>::trim_ascii).filter(|hop| !hop.is_empty()) {
            if !self.contains(client) {
                break;
            }
            // A proxy that hides its peer's address is taken for the client.
            let Some(address) = address(hop) else { break };
            client = address;
        }
        client
    }

    /// Whether the address belongs to a trusted proxy.
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Parses `192.0.2.1`, `2001:db8::1` or `[2001:db8::1]`, optionally quoted (RFC 7239 section 6), with
/// a port or a zone. `None` for `unknown`, obfuscated identifiers and anything else.
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

/// An IPv6 address. A zone (RFC 4007 section 11) is dropped: it names an interface of the proxy.
fn v6(text: &str) -> Option<Ipv6Addr> {
    let bare = text.split_once('%').map_or(text, |(bare, _)| bare);
    Ipv6Addr::from_str(bare).ok()
}

/// A port number, or an obfuscated one (RFC 7239 section 6.2).
fn is_port(text: &str) -> bool {
    let is_obfuscated = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'_' | b'-');
    match text.strip_prefix('_') {
        Some(rest) => !rest.is_empty() && rest.bytes().all(is_obfuscated),
        None => text.len() <= 5 && text.bytes().all(|it| it.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests;
