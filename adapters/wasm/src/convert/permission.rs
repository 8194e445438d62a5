//! The uses of tokens that a plug-in asks for.

use portico_domain::provider::{
    CallError, FieldKind, Method, Permission, Placement, Principal, SecretHeader, SettingSpec,
    headers::{is_token, may_be_declared, may_hold_a_secret, may_hold_a_token},
    template::check_placeholders,
};

use super::{
    host,
    rules::{Checked, all_differ, at_most, broken, ensure, line, text, word},
};
use crate::bindings::wire;

pub(super) fn permission(it: wire::Permission, settings: &[SettingSpec]) -> Checked<Permission> {
    at_most(&it.scopes, 32, "scopes of a grant")?;
    at_most(&it.hosts, 16, "hosts of a grant")?;
    at_most(&it.paths, 16, "paths of a grant")?;
    at_most(&it.methods, 2, "methods of a grant")?;
    for pattern in &it.hosts {
        host::check(pattern, settings)?;
    }
    let scope = |scope| {
        let scope = word(scope, 512, "a scope of a grant")?;
        check_placeholders(&scope, settings, false).map_err(broken)?;
        Ok::<_, CallError>(scope)
    };
    at_most(&it.request_headers, 16, "request headers of a grant")?;
    at_most(&it.reply_headers, 16, "reply headers of a grant")?;
    at_most(&it.secret_headers, 4, "secret headers of a grant")?;
    let is_nobodys = it.principal == wire::Principal::Nobody;
    let secret_header = |it| secret_header(it, settings, is_nobodys);
    let filled = it.secret_headers.iter().map(|secret| &secret.header);
    let placed = match &it.placement {
        wire::Placement::Header(name) if !is_nobodys => Some(name),
        _ => None,
    };
    let filled = filled.chain(placed).map(|name| name.to_ascii_lowercase());
    all_differ(filled, "headers that the host fills")?;
    Ok(Permission {
        name: line(it.name, 64, "a grant's name")?,
        why: text(it.why, 1024, "why a grant is asked for")?,
        principal: match it.principal {
            wire::Principal::SignedInUser => Principal::SignedInUser,
            wire::Principal::Application => Principal::Application,
            wire::Principal::Nobody => Principal::Nobody,
        },
        scopes: it.scopes.into_iter().map(scope).collect::<Checked<_>>()?,
        hosts: it.hosts,
        paths: it.paths.into_iter().map(path).collect::<Checked<_>>()?,
        methods: it.methods.into_iter().map(method).collect(),
        placement: match it.placement {
            wire::Placement::Bearer => Placement::Bearer,
            wire::Placement::Prefix(prefix) => Placement::Prefix(scheme(prefix)?),
            wire::Placement::Basic => Placement::Basic,
            wire::Placement::Header(name) => Placement::Header(header(name)?),
        },
        request_headers: it.request_headers.into_iter().map(own).collect::<Checked<_>>()?,
        reply_headers: it.reply_headers.into_iter().map(own).collect::<Checked<_>>()?,
        secret_headers: it.secret_headers.into_iter().map(secret_header).collect::<Checked<_>>()?,
    })
}

pub(super) fn method(it: wire::Method) -> Method {
    match it {
        wire::Method::Get => Method::Get,
        wire::Method::Post => Method::Post,
    }
}

fn path(path: String) -> Checked<String> {
    let path = word(path, 512, "a path of a grant")?;
    ensure(path.starts_with('/'), "a path of a grant does not start with '/'")?;
    ensure(!path.contains(['?', '#']), "a path of a grant is more than a path")?;
    Ok(path)
}

/// A header that a request may carry or a reply be read for, in lower case.
fn own(name: String) -> Checked<String> {
    let name = name.to_ascii_lowercase();
    ensure(
        may_be_declared(&name),
        format_args!("a grant names the header {name:?}, which is the host's"),
    )?;
    Ok(name)
}

fn secret_header(
    it: wire::SecretHeader,
    settings: &[SettingSpec],
    is_nobodys: bool,
) -> Checked<SecretHeader> {
    let name = header(it.header)?;
    let kept = may_hold_a_secret(&name, is_nobodys);
    ensure(kept, "a grant puts a secret into a header that takes none")?;
    let of_secret =
        settings.iter().any(|spec| spec.key == it.setting && spec.kind == FieldKind::Secret);
    ensure(of_secret, "a grant fills a header with what is no secret setting of its own")?;
    let prefix = text(it.prefix, 64, "what stands before the secret of a header")?;
    ensure(prefix.is_ascii(), "what stands before the secret of a header is not ASCII")?;
    Ok(SecretHeader { setting: it.setting, header: name, prefix })
}

/// An authentication scheme (RFC 9110 section 11.1).
fn scheme(prefix: String) -> Checked<String> {
    ensure(is_token(&prefix), "a grant puts a prefix before its token that is no scheme")?;
    Ok(prefix)
}

fn header(name: String) -> Checked<String> {
    ensure(may_hold_a_token(&name), "a grant puts its token into a header that takes none")?;
    Ok(name)
}
