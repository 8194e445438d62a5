use url::{Host, Url};

use super::*;

/// The address that a URL parser reads from this notation.
fn parsed(host: &str) -> IpAddr {
    match Url::parse(&format!("https://{host}/")).unwrap().host() {
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
        other => panic!("{host} is no address: {other:?}"),
    }
}

fn assert_not_public(hosts: &[&str], kind: &str) {
    for host in hosts {
        assert_eq!(not_public(parsed(host)), Some(kind), "{host}");
    }
}

#[test]
fn not_public_covers_first_and_last_address_of_each_ipv4_network() {
    for (host, kind) in [
        ("0.0.0.0", "unspecified"),
        ("0.255.255.255", "unspecified"),
        ("10.0.0.0", "private"),
        ("10.255.255.255", "private"),
        ("100.64.0.0", "shared behind a carrier's NAT"),
        ("100.127.255.255", "shared behind a carrier's NAT"),
        ("127.0.0.0", "loopback"),
        ("127.255.255.255", "loopback"),
        ("168.63.129.16", "a metadata service's"),
        ("169.254.0.0", "link-local"),
        ("169.254.169.254", "link-local"),
        ("169.254.255.255", "link-local"),
        ("172.16.0.0", "private"),
        ("172.31.255.255", "private"),
        ("192.0.0.0", "reserved"),
        ("192.0.0.255", "reserved"),
        ("192.0.2.0", "for documentation"),
        ("192.0.2.255", "for documentation"),
        ("192.88.99.0", "reserved"),
        ("192.88.99.255", "reserved"),
        ("192.168.0.0", "private"),
        ("192.168.255.255", "private"),
        ("198.18.0.0", "for benchmarking"),
        ("198.19.255.255", "for benchmarking"),
        ("198.51.100.0", "for documentation"),
        ("198.51.100.255", "for documentation"),
        ("203.0.113.0", "for documentation"),
        ("203.0.113.255", "for documentation"),
        ("224.0.0.0", "multicast"),
        ("239.255.255.255", "multicast"),
        ("240.0.0.0", "reserved"),
        ("255.255.255.255", "reserved"),
    ] {
        assert_not_public(&[host], kind);
    }
}

#[test]
fn not_public_excludes_neighbours_of_each_ipv4_network() {
    for host in [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "168.63.129.15",
        "168.63.129.17",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
    ] {
        assert_eq!(not_public(parsed(host)), None, "{host}");
    }
}

#[test]
fn not_public_sees_through_ipv4_notations() {
    let loopback = ["2130706433", "0x7f.1", "0x7f000001", "017700000001", "127.1", "127.0.1"];
    assert_not_public(&loopback, "loopback");
    assert_not_public(&["127.0.0.1.", "%31%32%37.0.0.1", "１２７.0.0.1"], "loopback");
    assert_not_public(&["2852039166", "0xa9fea9fe", "0251.0376.0251.0376"], "link-local");
    assert_not_public(&["0", "0x0"], "unspecified");
    assert_not_public(&["0xa.1", "012.0.0.1", "10.1"], "private");
}

#[test]
fn not_public_covers_first_and_last_address_of_each_ipv6_network() {
    let last = |prefix: &str| format!("[{prefix}{}]", ":ffff".repeat(7));
    assert_not_public(&["[::]"], "unspecified");
    assert_not_public(&["[::1]", "[0:0:0:0:0:0:0:1]", "[::0.0.0.1]"], "loopback");
    assert_not_public(&["[2001::]", "[2001:0:1::]", "[2001:2::1]", "[2001:1ff::1]"], "reserved");
    assert_not_public(&["[2001:db8::]", "[2001:db8:ffff::1]"], "for documentation");
    assert_not_public(&["[3fff::]", "[3fff:fff:ffff::1]"], "for documentation");
    assert_not_public(&["[fc00::]", "[fd00:ec2::254]", &last("fdff")], "unique-local");
    assert_not_public(&["[fe80::]", "[fe80::a9fe:a9fe]", &last("febf")], "link-local");
    assert_not_public(&["[ff00::]", "[ff02::1]", &last("ffff")], "multicast");
}

#[test]
fn ipv6_outside_allocated_unicast_is_reserved() {
    for host in [
        "[::2]",
        "[::127.0.0.1]",          // IPv4-compatible, RFC 4291 section 2.5.5.1
        "[::ffff:0:127.0.0.1]",   // IPv4-translated, RFC 2765
        "[64:ff9b:1::127.0.0.1]", // NAT64 of a network's own, RFC 8215
        "[100::1]",               // discarded, RFC 6666
        "[1fff:ffff::1]",
        "[4000::1]",
        "[5f00::1]", // segment routing, RFC 9602
        "[fec0::1]", // site-local, RFC 3879
    ] {
        assert_not_public(&[host], "reserved");
    }
}

#[test]
fn not_public_excludes_neighbours_of_each_ipv6_network() {
    for host in [
        "[2000::1]",
        "[2001:200::1]",
        "[2001:db7:ffff::1]",
        "[2001:db9::1]",
        "[2606:4700::1111]",
        "[2a00:1450::1]",
        "[3ffe::1]",
        "[3fff:1000::1]",
    ] {
        assert_eq!(not_public(parsed(host)), None, "{host}");
    }
}

#[test]
fn ipv6_with_embedded_ipv4_is_classified_as_the_ipv4_address() {
    assert_not_public(&["[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]"], "link-local");
    assert_not_public(&["[::ffff:127.0.0.1]", "[::FFFF:7f00:1]"], "loopback");
    assert_not_public(&["[64:ff9b::10.0.0.1]", "[64:ff9b::a00:1]", "[2002:a00:1::1]"], "private");
    assert_not_public(&["[2002:7f00:1::]"], "loopback");
    for host in ["[::ffff:1.1.1.1]", "[64:ff9b::1.1.1.1]", "[2002:101:101::1]"] {
        assert_eq!(not_public(parsed(host)), None, "{host}");
    }
}
