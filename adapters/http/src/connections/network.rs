//! Which addresses are counted together.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What one customer of a provider has: an IPv4 address, or 64 bits of IPv6.
pub(crate) fn narrow(address: IpAddr) -> IpAddr {
    masked(address, 32, 64)
}

/// What somebody with many addresses may have: a /24 of IPv4, a /48 of IPv6.
pub(crate) fn wide(address: IpAddr) -> IpAddr {
    masked(address, 24, 48)
}

fn masked(address: IpAddr, v4: u32, v6: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(it) => Ipv4Addr::from_bits(it.to_bits() & (u32::MAX << (32 - v4))).into(),
        IpAddr::V6(it) => Ipv6Addr::from_bits(it.to_bits() & (u128::MAX << (128 - v6))).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_as_large_as_one_customer_has_and_as_somebody_with_many_addresses_has() {
        for (address, one, many) in [
            ("192.0.2.7", "192.0.2.7", "192.0.2.0"),
            ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.0"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", "2001:db8:1::"),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(narrow(address), one.parse::<IpAddr>().unwrap());
            assert_eq!(wide(address), many.parse::<IpAddr>().unwrap());
        }
    }
}
