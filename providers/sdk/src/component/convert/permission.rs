//! Permissions.

use portico_provider_model::{Method, Permission, Placement, Principal, SecretHeader};

use crate::component::bindings::wire;

pub(super) fn permission(it: Permission) -> wire::Permission {
    wire::Permission {
        name: it.name,
        why: it.why,
        principal: match it.principal {
            Principal::SignedInUser => wire::Principal::SignedInUser,
            Principal::Application => wire::Principal::Application,
            Principal::Nobody => wire::Principal::Nobody,
        },
        scopes: it.scopes,
        hosts: it.hosts,
        paths: it.paths,
        methods: it.methods.into_iter().map(method).collect(),
        placement: match it.placement {
            Placement::Bearer => wire::Placement::Bearer,
            Placement::Prefix(prefix) => wire::Placement::Prefix(prefix),
            Placement::Basic => wire::Placement::Basic,
            Placement::Header(name) => wire::Placement::Header(name),
        },
        request_headers: it.request_headers,
        reply_headers: it.reply_headers,
        secret_headers: it.secret_headers.into_iter().map(secret_header).collect(),
    }
}

fn secret_header(it: SecretHeader) -> wire::SecretHeader {
    wire::SecretHeader { setting: it.setting, header: it.header, prefix: it.prefix }
}

pub(super) fn method(it: Method) -> wire::Method {
    match it {
        Method::Get => wire::Method::Get,
        Method::Post => wire::Method::Post,
    }
}
