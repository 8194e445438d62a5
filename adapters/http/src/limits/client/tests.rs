use rstest::rstest;
use warp::http::HeaderValue;

use super::*;

fn client(peer: &str, lines: &[&str]) -> String {
    let bytes: Vec<_> = lines.iter().map(|it| it.as_bytes()).collect();
    client_of(peer, &bytes)
}

/// The client behind proxies of 10.0.0.0/8 and fd00::/8.
fn client_of(peer: &str, lines: &[&[u8]]) -> String {
    let networks = ["10.0.0.0/8", "fd00::/8"].map(|it| it.parse().unwrap());
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line).unwrap());
    }
    TrustedProxies::new(networks.to_vec()).client(peer.parse().unwrap(), &headers).to_string()
}

#[rstest]
#[case::untrusted_peer("198.51.100.7", &["192.0.2.1"], "198.51.100.7")]
#[case::trusted_peer("10.0.0.1", &["192.0.2.1"], "192.0.2.1")]
#[case::ipv4_mapped_peer("::ffff:10.0.0.1", &["192.0.2.1"], "192.0.2.1")]
#[case::no_header("10.0.0.1", &[], "10.0.0.1")]
fn client_reads_forwarded_for_of_trusted_proxies_only(
    #[case] peer: &str,
    #[case] lines: &[&str],
    #[case] expected: &str,
) {
    assert_eq!(client(peer, lines), expected);
}

#[rstest]
#[case::one_line(&["1.1.1.1, 192.0.2.1"])]
#[case::two_lines(&["1.1.1.1", "192.0.2.1"])]
#[case::two_proxies(&["1.1.1.1, 192.0.2.1, fd00::2"])]
#[case::forged_proxy_address(&["10.0.0.9, 192.0.2.1, 10.0.0.2"])]
#[case::three_proxies_on_three_lines(&["1.1.1.1", "192.0.2.1, 10.0.0.3", "fd00::2"])]
fn client_is_last_address_outside_the_proxies(#[case] lines: &[&str]) {
    assert_eq!(client("10.0.0.1", lines), "192.0.2.1");
}

#[rstest]
#[case::byte_ff(b"\xff")]
#[case::broken_utf8(b"\x80\xc3\x28")]
#[case::utf8("Łódź".as_bytes())]
#[case::quote(b"\"")]
#[case::bracket(b"[")]
#[case::open_quoted_string(b"a;b=\"c")]
#[case::tab(b"\t")]
fn client_ignores_bytes_before_the_element_of_the_proxy(#[case] forged: &[u8]) {
    let line = [forged, b", 192.0.2.1"].concat();
    assert_eq!(client_of("10.0.0.1", &[&line]), "192.0.2.1");
    assert_eq!(client_of("10.0.0.1", &[forged, b"192.0.2.1"]), "192.0.2.1");
    assert_eq!(client_of("10.0.0.1", &[&line, b"10.0.0.2"]), "192.0.2.1");
}

#[rstest]
#[case::port("192.0.2.1:4711", "192.0.2.1")]
#[case::empty_port("192.0.2.1:", "192.0.2.1")]
#[case::obfuscated_port("192.0.2.1:_hidden", "192.0.2.1")]
#[case::quoted("\"192.0.2.1:80\"", "192.0.2.1")]
#[case::ipv6("2001:DB8::1", "2001:db8::1")]
#[case::ipv6_brackets("[2001:db8::1]", "2001:db8::1")]
#[case::ipv6_port("[2001:db8::1]:80", "2001:db8::1")]
#[case::ipv6_quoted("\"[2001:db8::1]:80\"", "2001:db8::1")]
#[case::ipv6_zone_and_port("[2001:db8::1%25eth0]:80", "2001:db8::1")]
#[case::ipv6_zone("2001:db8::1%eth0", "2001:db8::1")]
#[case::ipv4_mapped("::ffff:192.0.2.1", "192.0.2.1")]
#[case::ipv4_mapped_port("[::ffff:192.0.2.1]:80", "192.0.2.1")]
#[case::whitespace(" \t192.0.2.1\t ", "192.0.2.1")]
#[case::empty_element("192.0.2.1,", "192.0.2.1")]
#[case::empty_elements("1.1.1.1,,192.0.2.1, ,", "192.0.2.1")]
fn client_parses_every_spelling_of_an_address(#[case] line: &str, #[case] expected: &str) {
    assert_eq!(client("10.0.0.1", &[line]), expected);
}

#[rstest]
#[case::unknown("unknown")]
#[case::obfuscated("_hidden")]
#[case::obfuscated_upper_case("_SEVKISEK")]
#[case::unix_socket("unix:")]
#[case::name("localhost")]
#[case::three_octets("192.0.2")]
#[case::octet_out_of_range("192.0.2.256")]
#[case::two_ports("192.0.2.1:80:80")]
#[case::port_is_a_word("192.0.2.1:x")]
#[case::port_too_long("192.0.2.1:123456")]
#[case::ipv4_in_brackets("[192.0.2.1]")]
#[case::open_bracket("[2001:db8::1")]
#[case::port_without_colon("[2001:db8::1]80")]
#[case::forwarded_syntax("for=192.0.2.1")]
#[case::two_addresses("192.0.2.1 192.0.2.2")]
#[case::open_quote("\"192.0.2.1")]
fn client_is_the_proxy_if_it_names_no_address(#[case] element: &str) {
    assert_eq!(client("10.0.0.1", &[&format!("192.0.2.9, {element}")]), "10.0.0.1");
}

#[test]
fn client_is_the_first_proxy_that_names_no_address() {
    assert_eq!(client("10.0.0.1", &["192.0.2.9, unknown, 10.0.0.2"]), "10.0.0.2");
}
