//! The uses of tokens that a plug-in asks for.

use portico_domain::provider::{Grant, Method, Placement, Principal, SettingSpec};

use super::{
    host,
    rules::{Checked, at_most, ensure, is_token, line, text, word},
};
use crate::bindings::wire;

/// Headers that say where a request goes, how it is framed or who a browser is: never a token's.
const NO_PLACE: [&str; 9] = [
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

pub(super) fn grant(it: wire::Grant, settings: &[SettingSpec]) -> Checked<Grant> {
    at_most(&it.scopes, 32, "scopes of a grant")?;
    at_most(&it.hosts, 16, "hosts of a grant")?;
    at_most(&it.paths, 16, "paths of a grant")?;
    at_most(&it.methods, 2, "methods of a grant")?;
    for pattern in &it.hosts {
        host::check(pattern, settings)?;
    }
    let scope = |scope| word(scope, 512, "a scope of a grant");
    Ok(Grant {
        name: line(it.name, 64, "a grant's name")?,
        why: text(it.why, 1024, "why a grant is asked for")?,
        principal: match it.principal {
            wire::Principal::SignedInUser => Principal::SignedInUser,
            wire::Principal::Application => Principal::Application,
        },
        scopes: it.scopes.into_iter().map(scope).collect::<Checked<_>>()?,
        hosts: it.hosts,
        paths: it.paths.into_iter().map(path).collect::<Checked<_>>()?,
        methods: it.methods.into_iter().map(method).collect(),
        placement: match it.placement {
            wire::Placement::Bearer => Placement::Bearer,
            wire::Placement::Header(name) => Placement::Header(header(name)?),
        },
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

fn header(name: String) -> Checked<String> {
    let kept = is_token(&name) && !NO_PLACE.contains(&name.to_ascii_lowercase().as_str());
    ensure(kept, "a grant puts its token into a header that takes none")?;
    Ok(name)
}
