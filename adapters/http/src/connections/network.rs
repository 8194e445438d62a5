//! The networks that an address is counted in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The network that a provider assigns to one customer: an IPv4 address, or an IPv6 /64.
pub(crate) fn narrow(address: IpAddr) -> IpAddr {
    masked(address, 32, 64)
}

/// The network of a site with many addresses: an IPv4 /24, or an IPv6 /48.
pub(crate) fn wide(address: IpAddr) -> IpAddr {
    masked(address, 24, 48)
}

fn masked(address: IpAddr, v4_prefix: u32, v6_prefix: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(it) => Ipv4Addr::from_bits(it.to_bits() & (u32::MAX << (32 - v4_prefix))).into(),
        IpAddr::V6(it) => {
            Ipv6Addr::from_bits(it.to_bits() & (u128::MAX << (128 - v6_prefix))).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::ipv4("192.0.2.7", "192.0.2.7", "192.0.2.0")]
    #[case::ipv4_mapped("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.0")]
    #[case::ipv6("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", "2001:db8:1::")]
    fn narrow_and_wide_mask_the_address(
        #[case] address: IpAddr,
        #[case] narrow_network: IpAddr,
        #[case] wide_network: IpAddr,
    ) {
        assert_eq!(narrow(address), narrow_network);
        assert_eq!(wide(address), wide_network);
    }
}
