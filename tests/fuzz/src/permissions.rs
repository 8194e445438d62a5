//! Permissions: the addresses to which a token may be sent.

use portico_domain::{
    provider::{Method, Permission, Principal, Settings},
    testing::samples,
};
use url::Url;

use crate::text;

/// Four lines: a host, a path prefix, the setting `region`, and a URL. A covered URL is at the
/// permission's host and below its path, also for a server that decodes and normalises the path.
pub fn permissions(data: &[u8]) {
    let mut lines = text(data).unwrap_or_default().splitn(4, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (host, path, region, url) = (line(), line(), line(), line());
    let Ok(url) = Url::parse(url) else { return };
    let permission = Permission {
        hosts: vec![host.into()],
        paths: vec![path.into()],
        ..samples::permission("fuzzed", Principal::Application)
    };
    check_coverage(&permission, &url);

    let filled = permission.with_settings(&Settings::from_iter([("region", region)]));
    let host_pattern = &filled.hosts[0];
    if host_pattern != host && host != "{region}" {
        let marks = |text: &str| text.matches(['*', ':', '/', '@', '?', '#']).count();
        assert_eq!(marks(host_pattern), marks(host), "a setting adds a delimiter: {host_pattern}");
    }
    check_coverage(&filled, &url);
}

fn check_coverage(permission: &Permission, url: &Url) {
    assert!(!permission.covers(Method::Post, url), "a permission for GET covers POST");
    if !permission.covers(Method::Get, url) {
        return;
    }
    let (host_pattern, prefix) = (&permission.hosts[0], &permission.paths[0]);
    let (host, base) = host_pattern.split_at(host_pattern.find('/').unwrap_or(host_pattern.len()));
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let authority = url.host_str().unwrap().to_owned() + &port;
    match host.strip_prefix("*.") {
        Some(domain) => {
            let label = authority.strip_suffix(domain).unwrap().strip_suffix('.').unwrap();
            assert!(!label.is_empty(), "{authority} is not below {domain}");
        }
        None => assert_eq!(authority, host),
    }
    let expected = normalised_segments(&format!("{}{prefix}", base.trim_end_matches('/')));
    let reached = normalised_segments(url.path());
    assert!(reached.starts_with(&expected), "{url} is at {reached:?} and not below {expected:?}");
}

/// The non-empty segments after percent-decoding once, with backslashes as slashes and dot segments
/// resolved.
fn normalised_segments(path: &str) -> Vec<Vec<u8>> {
    let mut segments: Vec<Vec<u8>> = Vec::new();
    for segment in percent_decoded(path).split(|byte| matches!(byte, b'/' | b'\\')) {
        // Java servers remove path parameters (`;…`) before they resolve dot segments.
        match segment.split(|byte| *byte == b';').next().unwrap_or_default() {
            b"" | b"." => {}
            b".." => drop(segments.pop()),
            _ => segments.push(segment.to_vec()),
        }
    }
    segments
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::new(), 0);
    while let Some(byte) = bytes.get(at) {
        let escaped =
            (*byte == b'%').then(|| Some((digit(bytes.get(at + 1))?, digit(bytes.get(at + 2))?)));
        match escaped.flatten() {
            Some((high, low)) => {
                decoded.push(u8::try_from(high * 16 + low).unwrap());
                at += 3;
            }
            None => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    decoded
}
