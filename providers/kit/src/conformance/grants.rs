//! Does it say what each token is for, and ask for no more than it can name?

use std::{collections::BTreeSet, net::IpAddr};

use portico_domain::provider::{Descriptor, Grant, Placement};

use super::rule::DescriptorRule;

pub(super) const RULES: &[DescriptorRule] = &[
    DescriptorRule {
        name: "explains-its-grants",
        sentence: "it asks for at least one grant, and every grant has a name of its own and a why",
        remedy: "add a grant for what is listed, and say in `why` what it is for, to whoever grants it",
        complaint: explained,
    },
    DescriptorRule {
        name: "grants-are-whole",
        sentence: "every grant names hosts, paths and methods",
        remedy: "name at least one host, one path that begins with '/', and one method; a token goes \
                 nowhere else",
        complaint: |it| it.grants.iter().find_map(whole),
    },
    DescriptorRule {
        name: "grants-name-hosts",
        sentence: "every host of a grant is a host's name, a domain's wildcard or a setting",
        remedy: "write cloud.example, *.cloud.example, or {key} for the address in a setting: no \
                 scheme, no path, no address of a machine, and no wildcard for a whole top domain",
        complaint: hosts,
    },
    DescriptorRule {
        name: "places-tokens-well",
        sentence: "a token goes into a header that may hold one",
        remedy: "use a bearer token, or a header of the cloud's own such as x-api-token",
        complaint: |it| it.grants.iter().find_map(placed),
    },
];

fn explained(it: &Descriptor) -> Option<String> {
    let mut names = BTreeSet::new();
    if it.grants.is_empty() {
        return Some("it asks for no grant, and so could list nothing".into());
    }
    it.grants.iter().find_map(|grant| {
        if grant.name.trim().is_empty() || !names.insert(&grant.name) {
            return Some(format!("the name {:?} is no name of its own", grant.name));
        }
        grant.why.trim().is_empty().then(|| format!("the grant {} has no why", grant.name))
    })
}

fn whole(grant: &Grant) -> Option<String> {
    let name = &grant.name;
    if grant.hosts.is_empty() || grant.paths.is_empty() || grant.methods.is_empty() {
        return Some(format!("the grant {name} lacks a host, a path or a method"));
    }
    let odd = grant.paths.iter().find(|path| !path.starts_with('/') || path.contains(['?', '#']));
    odd.map(|path| format!("the grant {name} has the path {path:?}"))
}

fn hosts(it: &Descriptor) -> Option<String> {
    it.grants.iter().find_map(|grant| {
        let mut hosts = grant.hosts.iter();
        let (host, why) = hosts.find_map(|host| Some((host, complaint(host, it)?)))?;
        Some(format!("the grant {} has the host {host:?}: {why}", grant.name))
    })
}

fn complaint(host: &str, it: &Descriptor) -> Option<String> {
    for key in host.split('{').skip(1) {
        let key = key.split('}').next().unwrap_or_default();
        if !it.settings.iter().any(|spec| spec.key == key) {
            return Some(format!("there is no setting {key:?}"));
        }
    }
    if host.starts_with('{') && host.ends_with('}') {
        return None;
    }
    let (name, port) =
        host.rsplit_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let domain = name.strip_prefix("*.").unwrap_or(name);
    let labels: Vec<_> = domain.split('.').collect();
    let in_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-{}".contains(c);
    if labels.iter().any(|label| label.is_empty() || !label.chars().all(in_label)) {
        return Some("that is not how a host is written".into());
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Some("the port is no number".into());
    }
    if domain.parse::<IpAddr>().is_ok() || domain == "localhost" {
        return Some("that is one machine; take it from a setting".into());
    }
    (labels.len() < 2).then(|| "that is a whole top domain".into())
}

fn placed(grant: &Grant) -> Option<String> {
    let Placement::Header(header) = &grant.placement else { return None };
    let lower = header.to_ascii_lowercase();
    let in_name = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let taken = ["host", "cookie", "content-length", "transfer-encoding", "connection"];
    let bad = lower.is_empty() || !lower.bytes().all(in_name) || taken.contains(&lower.as_str());
    bad.then(|| format!("the grant {} puts its token into the header {header:?}", grant.name))
}
