//! Grants: which token may go where.

use portico_domain::{
    provider::{Method, Permission, Principal, Settings},
    testing::samples,
};
use url::Url;

use crate::text;

/// Four lines: a host, a prefix of paths, the setting `region`, and an address. What a grant
/// covers is at the host that it names and below the path that it names, also for a server that
/// decodes the path and walks it.
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
    holds(&permission, &url);

    let filled = permission.with_settings(&Settings::from_iter([("region", region)]));
    let place = &filled.hosts[0];
    if place != host && host != "{region}" {
        let marks = |text: &str| text.matches(['*', ':', '/', '@', '?', '#']).count();
        assert_eq!(marks(place), marks(host), "a setting brought more than a name: {place}");
    }
    holds(&filled, &url);
}

fn holds(permission: &Permission, url: &Url) {
    assert!(!permission.covers(Method::Post, url), "a grant to read covers a write");
    if !permission.covers(Method::Get, url) {
        return;
    }
    let (place, prefix) = (&permission.hosts[0], &permission.paths[0]);
    let (host, base) = place.split_at(place.find('/').unwrap_or(place.len()));
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let authority = url.host_str().unwrap().to_owned() + &port;
    match host.strip_prefix("*.") {
        Some(domain) => {
            let label = authority.strip_suffix(domain).unwrap().strip_suffix('.').unwrap();
            assert!(!label.is_empty(), "{authority} is not below {domain}");
        }
        None => assert_eq!(authority, host),
    }
    let wanted = walked(&format!("{}{prefix}", base.trim_end_matches('/')));
    let reached = walked(url.path());
    assert!(reached.starts_with(&wanted), "{url} is at {reached:?} and not below {wanted:?}");
}

/// The segments that a server ends at which decodes a path once, takes backslashes for slashes, and
/// follows its dots; empty ones do not count.
fn walked(path: &str) -> Vec<Vec<u8>> {
    let mut segments: Vec<Vec<u8>> = Vec::new();
    for segment in decoded(path).split(|byte| matches!(byte, b'/' | b'\\')) {
        // Java's servers drop what stands behind a semicolon before they look at the dots.
        match segment.split(|byte| *byte == b';').next().unwrap_or_default() {
            b"" | b"." => {}
            b".." => drop(segments.pop()),
            _ => segments.push(segment.to_vec()),
        }
    }
    segments
}

fn decoded(text: &str) -> Vec<u8> {
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
