//! Permissions: hosts, paths, methods and headers, and where tokens and secrets are placed.

use std::{collections::BTreeSet, net::IpAddr};

use portico_domain::provider::{
    Descriptor, FieldKind, Permission, Placement, Principal, SecretHeader,
    headers::{is_token, may_be_declared, may_hold_a_secret, may_hold_a_token},
};

use super::rule::DescriptorRule;

pub(super) const RULES: &[DescriptorRule] = &[
    DescriptorRule {
        name: "explains-its-permissions",
        sentence: "it asks for at least one permission, and each has its own name and a reason",
        remedy: "add a permission for what is listed, and tell the operator in `why` what it is for",
        violation: unexplained,
    },
    DescriptorRule {
        name: "permissions-are-whole",
        sentence: "every permission names hosts, paths and methods",
        remedy: "name at least one host, one path that begins with '/', and one method; a token goes \
                 nowhere else",
        violation: |it| it.permissions.iter().find_map(incomplete),
    },
    DescriptorRule {
        name: "permissions-name-hosts",
        sentence: "every host of a permission is a host's name, a domain's wildcard or a setting",
        remedy: "write cloud.example, *.cloud.example, or {key} for the address in a setting: no \
                 scheme, no path, no address of a machine, and no wildcard for a whole top domain",
        violation: invalid_host,
    },
    DescriptorRule {
        name: "places-tokens-well",
        sentence: "a token goes into a header that may hold one",
        remedy: "use a bearer token, another scheme, or a header of the cloud's own such as \
                 x-api-token",
        violation: |it| it.permissions.iter().find_map(misplaced_token),
    },
    DescriptorRule {
        name: "places-secrets-well",
        sentence: "every secret setting has a header that the host fills with it, and every such \
                   header a secret setting",
        remedy: "name the setting in `secret-headers` of the permission whose requests need it; a \
                 secret has no other use, because no provider gets its value",
        violation: misplaced_secret,
    },
    DescriptorRule {
        name: "declares-headers-of-its-own",
        sentence: "no permission names a header that is the host's",
        remedy: "leave Host, Authorization, Cookie, Set-Cookie and the headers of the connection to \
                 the host",
        violation: |it| it.permissions.iter().find_map(reserved_header),
    },
];

fn unexplained(it: &Descriptor) -> Option<String> {
    let mut names = BTreeSet::new();
    if it.permissions.is_empty() {
        return Some("it asks for no permission, so it can list nothing".into());
    }
    it.permissions.iter().find_map(|permission| {
        if permission.name.trim().is_empty() || !names.insert(&permission.name) {
            return Some(format!("the name {:?} is empty or used twice", permission.name));
        }
        permission
            .why
            .trim()
            .is_empty()
            .then(|| format!("the permission {} has no reason", permission.name))
    })
}

fn incomplete(permission: &Permission) -> Option<String> {
    let name = &permission.name;
    if permission.hosts.is_empty() || permission.paths.is_empty() || permission.methods.is_empty() {
        return Some(format!("the permission {name} lacks a host, a path or a method"));
    }
    let invalid =
        permission.paths.iter().find(|path| !path.starts_with('/') || path.contains(['?', '#']));
    invalid.map(|path| format!("the permission {name} has the path {path:?}"))
}

fn invalid_host(it: &Descriptor) -> Option<String> {
    it.permissions.iter().find_map(|permission| {
        let mut hosts = permission.hosts.iter();
        let (host, why) = hosts.find_map(|host| Some((host, why_invalid(host, it)?)))?;
        Some(format!("the permission {} has the host {host:?}: {why}", permission.name))
    })
}

fn why_invalid(host: &str, it: &Descriptor) -> Option<String> {
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
        return Some("it is not a valid host name".into());
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Some("the port is not a number".into());
    }
    if domain.parse::<IpAddr>().is_ok() || domain == "localhost" {
        return Some("it is a single machine; take it from a setting".into());
    }
    (labels.len() < 2).then(|| "it is a whole top-level domain".into())
}

fn misplaced_token(permission: &Permission) -> Option<String> {
    let name = &permission.name;
    match &permission.placement {
        Placement::Bearer | Placement::Basic => None,
        Placement::Prefix(scheme) => {
            (!is_token(scheme)).then(|| format!("the permission {name} has the scheme {scheme:?}"))
        }
        Placement::Header(header) => (!may_hold_a_token(header))
            .then(|| format!("the permission {name} puts its token into the header {header:?}")),
    }
}

fn misplaced_secret(it: &Descriptor) -> Option<String> {
    let is_secret = |key: &str| {
        it.settings.iter().any(|spec| spec.key == key && spec.kind == FieldKind::Secret)
    };
    let filled = it.permissions.iter().flat_map(|permission| &permission.secret_headers);
    let misplaced = it.permissions.iter().find_map(|permission| {
        let without_token = permission.principal == Principal::Nobody;
        let mut secrets = permission.secret_headers.iter();
        secrets.find(|it| !is_secret(&it.setting) || !may_hold_a_secret(&it.header, without_token))
    });
    if let Some(SecretHeader { setting, header, .. }) = misplaced {
        return Some(format!("the setting {setting} is put into the header {header:?}"));
    }
    let secrets = it.settings.iter().filter(|spec| spec.kind == FieldKind::Secret);
    let unused = secrets.into_iter().find(|spec| filled.clone().all(|it| it.setting != spec.key));
    unused.map(|spec| format!("no header has the secret setting {}", spec.key))
}

fn reserved_header(permission: &Permission) -> Option<String> {
    let mut names = permission.request_headers.iter().chain(&permission.reply_headers);
    let reserved = names.find(|name| !may_be_declared(name))?;
    Some(format!("the permission {} names the header {reserved:?}", permission.name))
}
