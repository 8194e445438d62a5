//! Classifies IP addresses: requests go to public addresses only, unless the operator exempts a host.
//!
//! The tables follow IANA's registries of special-purpose addresses (RFC 6890); each row names its
//! source. Globally reachable blocks without a cloud in them (relays, IETF anycast) are listed too.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Network, prefix length, kind.
type Table<Address> = &'static [(Address, u32, &'static str)];

const NOT_PUBLIC_V4: Table<Ipv4Addr> = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8, "unspecified"), // RFC 791 section 3.2
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),    // RFC 1918
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared behind a carrier's NAT"), // RFC 6598
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),  // RFC 1122 section 3.2.1.3
    // Azure's platform, to a machine of its own: "What is IP address 168.63.129.16?", Microsoft.
    (Ipv4Addr::new(168, 63, 129, 16), 32, "a metadata service's"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"), // RFC 3927; 169.254.169.254 in it
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),     // RFC 1918
    (Ipv4Addr::new(192, 0, 0, 0), 24, "reserved"),     // RFC 6890 section 2.1
    (Ipv4Addr::new(192, 0, 2, 0), 24, "for documentation"), // RFC 5737
    (Ipv4Addr::new(192, 88, 99, 0), 24, "reserved"),   // RFC 7526
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),    // RFC 1918
    (Ipv4Addr::new(198, 18, 0, 0), 15, "for benchmarking"), // RFC 2544
    (Ipv4Addr::new(198, 51, 100, 0), 24, "for documentation"), // RFC 5737
    (Ipv4Addr::new(203, 0, 113, 0), 24, "for documentation"), // RFC 5737
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),     // RFC 5771
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),      // RFC 1112 section 4, RFC 919
];

const NOT_PUBLIC_V6: Table<Ipv6Addr> = &[
    (Ipv6Addr::UNSPECIFIED, 128, "unspecified"), // RFC 4291 section 2.5.2
    (Ipv6Addr::LOCALHOST, 128, "loopback"),      // RFC 4291 section 2.5.3
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "reserved"), // RFC 2928; Teredo in it
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "for documentation"), // RFC 3849
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "for documentation"), // RFC 9637
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "unique-local"), // RFC 4193; fd00:ec2::254
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local"), // RFC 4291 section 2.5.6
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast"), // RFC 4291 section 2.7
];

/// The kind of an address that is not public; `None` for a public address.
pub(crate) fn not_public(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => not_public_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(address) => not_public_v4(address),
            None => not_public_v6(address),
        },
    }
}

fn not_public_v4(address: Ipv4Addr) -> Option<&'static str> {
    let differs = |network: Ipv4Addr| address.to_bits() ^ network.to_bits();
    let row = NOT_PUBLIC_V4.iter().find(|(net, bits, _)| differs(*net).leading_zeros() >= *bits);
    row.map(|(.., kind)| *kind)
}

fn not_public_v6(address: Ipv6Addr) -> Option<&'static str> {
    let differs = |network: Ipv6Addr| address.to_bits() ^ network.to_bits();
    let row = NOT_PUBLIC_V6.iter().find(|(net, bits, _)| differs(*net).leading_zeros() >= *bits);
    // All allocated global unicast addresses are in 2000::/3 (IANA, RFC 4291 section 2.4).
    let is_allocated = address.segments()[0] >> 13 == 1;
    row.map(|(.., kind)| *kind).or((!is_allocated).then_some("reserved"))
}

/// The IPv4 address that packets to this IPv6 address are delivered to.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let (high, low) = match address.segments() {
        // IPv4-mapped (RFC 4291 section 2.5.5.2), NAT64 (RFC 6052 section 2.1), 6to4 (RFC 3056).
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => (high, low),
        _ => return None,
    };
    Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
}

#[cfg(test)]
mod tests;
