//! The networks that the logins of an address are counted in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The number of networks, each of another width, that an address is counted in.
pub(super) const WIDTHS: usize = 3;

/// The networks of an address, the widest first: /16, /24 and /32 of IPv4; /32, /48 and /64 of IPv6,
/// the sizes that a provider, a site and one network of a site are assigned.
pub(super) fn networks(client: IpAddr) -> [IpAddr; WIDTHS] {
    match client {
        IpAddr::V4(address) => [16, 24, 32].map(|length| v4(address, length)),
        IpAddr::V6(address) => [32, 48, 64].map(|length| v6(address, length)),
    }
}

/// The next wider network around this one. `width` is its index in [`networks`]; `None` for the widest.
pub(super) fn wider(network: IpAddr, width: usize) -> Option<IpAddr> {
    networks(network).get(width.checked_sub(1)?).copied()
}

fn v4(address: Ipv4Addr, length: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & !(u32::MAX.unbounded_shr(length))))
}

fn v6(address: Ipv6Addr, length: u32) -> IpAddr {
    IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !(u128::MAX >> length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> [String; WIDTHS] {
        networks(text.parse().unwrap()).map(|network| network.to_string())
    }

    #[test]
    fn networks_are_of_three_widths() {
        assert_eq!(of("192.0.2.77"), ["192.0.0.0", "192.0.2.0", "192.0.2.77"]);
        let v6 = of("2001:db8:1:2:3:4:5:6");
        assert_eq!(v6, ["2001:db8::", "2001:db8:1::", "2001:db8:1:2::"]);
    }

    #[test]
    fn wider_returns_the_network_before() {
        for address in ["192.0.2.77", "2001:db8:1:2:3:4:5:6"] {
            let [widest, middle, narrow] = networks(address.parse().unwrap());
            assert_eq!(wider(narrow, 2), Some(middle));
            assert_eq!(wider(middle, 1), Some(widest));
            assert_eq!(wider(widest, 0), None);
        }
    }
}
