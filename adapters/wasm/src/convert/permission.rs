//! The permissions that a plug-in declares.

use portico_domain::provider::{
    FieldKind, Method, Permission, Placement, Principal, SecretHeader, SettingSpec,
    headers::{is_token, may_be_declared, may_hold_a_secret, may_hold_a_token},
    template::check_placeholders,
};

use super::{
    host,
    rules::{Checked, all_differ, at_most, broken, ensure, line, text, visible_ascii},
};
use crate::bindings::wire;

/// Converts without validation; names of request and reply headers become lower case.
pub(super) fn permission(it: wire::Permission) -> Permission {
    let lower = |names: Vec<String>| names.iter().map(|name| name.to_ascii_lowercase()).collect();
    let secret_header = |it: wire::SecretHeader| SecretHeader {
        setting: it.setting,
        header: it.header,
        prefix: it.prefix,
    };
    Permission {
        name: it.name,
        why: it.why,
        principal: match it.principal {
            wire::Principal::SignedInUser => Principal::SignedInUser,
            wire::Principal::Application => Principal::Application,
            wire::Principal::Nobody => Principal::Nobody,
        },
        scopes: it.scopes,
        hosts: it.hosts,
        paths: it.paths,
        methods: it.methods.into_iter().map(method).collect(),
        placement: match it.placement {
            wire::Placement::Bearer => Placement::Bearer,
            wire::Placement::Prefix(prefix) => Placement::Prefix(prefix),
            wire::Placement::Basic => Placement::Basic,
            wire::Placement::Header(name) => Placement::Header(name),
        },
        request_headers: lower(it.request_headers),
        reply_headers: lower(it.reply_headers),
        secret_headers: it.secret_headers.into_iter().map(secret_header).collect(),
    }
}

pub(super) fn method(it: wire::Method) -> Method {
    match it {
        wire::Method::Get => Method::Get,
        wire::Method::Post => Method::Post,
    }
}

/// Validates all permissions of a plug-in with these settings.
pub(crate) fn check_all(permissions: &[Permission], settings: &[SettingSpec]) -> Checked<()> {
    at_most(permissions, 16, "grants")?;
    all_differ(permissions.iter().map(|one| &one.name), "grants' names")?;
    permissions.iter().try_for_each(|one| check(one, settings))
}

fn check(it: &Permission, settings: &[SettingSpec]) -> Checked<()> {
    at_most(&it.scopes, 32, "scopes of a grant")?;
    at_most(&it.hosts, 16, "hosts of a grant")?;
    at_most(&it.paths, 16, "paths of a grant")?;
    at_most(&it.methods, 2, "methods of a grant")?;
    line(&it.name, 64, "a grant's name")?;
    text(&it.why, 1024, "why a grant is asked for")?;
    it.hosts.iter().try_for_each(|pattern| host::check(pattern, settings))?;
    for scope in &it.scopes {
        visible_ascii(scope, 512, "a scope of a grant")?;
        check_placeholders(scope, settings, false).map_err(broken)?;
    }
    it.paths.iter().try_for_each(|path| check_path(path))?;
    check_headers(it, settings)
}

fn check_headers(it: &Permission, settings: &[SettingSpec]) -> Checked<()> {
    at_most(&it.request_headers, 16, "request headers of a grant")?;
    at_most(&it.reply_headers, 16, "reply headers of a grant")?;
    at_most(&it.secret_headers, 4, "secret headers of a grant")?;
    let has_no_token = it.principal == Principal::Nobody;
    let of_secrets = it.secret_headers.iter().map(|secret| &secret.header);
    let of_token = match &it.placement {
        Placement::Header(name) if !has_no_token => Some(name),
        _ => None,
    };
    let set_by_host = of_secrets.chain(of_token).map(|name| name.to_ascii_lowercase());
    all_differ(set_by_host, "headers that the host fills")?;
    match &it.placement {
        Placement::Prefix(prefix) => check_scheme(prefix)?,
        Placement::Header(name) => check_header(name)?,
        Placement::Bearer | Placement::Basic => {}
    }
    it.request_headers.iter().chain(&it.reply_headers).try_for_each(|name| check_declared(name))?;
    it.secret_headers.iter().try_for_each(|it| check_secret(it, settings, has_no_token))
}

fn check_path(path: &str) -> Checked<()> {
    visible_ascii(path, 512, "a path of a grant")?;
    ensure(path.starts_with('/'), "a path of a grant does not start with '/'")?;
    ensure(!path.contains(['?', '#']), "a path of a grant is more than a path")
}

/// A header that the plug-in sets in requests or reads from replies.
fn check_declared(name: &str) -> Checked<()> {
    ensure(
        may_be_declared(name),
        format_args!("a grant names the header {name:?}, which is the host's"),
    )
}

fn check_secret(it: &SecretHeader, settings: &[SettingSpec], has_no_token: bool) -> Checked<()> {
    check_header(&it.header)?;
    let may_hold = may_hold_a_secret(&it.header, has_no_token);
    ensure(may_hold, "a grant puts a secret into a header that takes none")?;
    let is_secret =
        settings.iter().any(|spec| spec.key == it.setting && spec.kind == FieldKind::Secret);
    ensure(is_secret, "a grant fills a header with what is no secret setting of its own")?;
    text(&it.prefix, 64, "what stands before the secret of a header")?;
    ensure(it.prefix.is_ascii(), "what stands before the secret of a header is not ASCII")
}

/// An authentication scheme (RFC 9110 section 11.1).
fn check_scheme(prefix: &str) -> Checked<()> {
    ensure(is_token(prefix), "a grant puts a prefix before its token that is no scheme")
}

fn check_header(name: &str) -> Checked<()> {
    ensure(may_hold_a_token(name), "a grant puts its token into a header that takes none")
}
