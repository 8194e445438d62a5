//! Who a provider is.

use portico_domain::provider::{
    Descriptor, FieldKind, Grant, Method, People, Placement, Principal, SettingSpec,
};

use crate::guest::bindings::wire;

pub(in crate::guest) fn descriptor(it: Descriptor) -> wire::Descriptor {
    wire::Descriptor {
        id: it.id.as_str().into(),
        name: it.name,
        version: it.version,
        icon: it.icon,
        account_noun: it.account_noun,
        people: it.people.and_then(people),
        settings: it.settings.into_iter().map(setting).collect(),
        grants: it.grants.into_iter().map(grant).collect(),
        extra: vec![],
    }
}

/// This version has no word for people who may stand anywhere: such a provider signs nobody in.
fn people(it: People) -> Option<wire::People> {
    match it {
        People::At { subject, tenant } => Some(wire::People { subject, tenant }),
        People::Anywhere => None,
    }
}

fn setting(it: SettingSpec) -> wire::SettingSpec {
    let (kind, choices) = match it.kind {
        FieldKind::Text => (wire::FieldKind::Text, vec![]),
        FieldKind::Url => (wire::FieldKind::Url, vec![]),
        FieldKind::Choice(words) => (wire::FieldKind::Choice, words),
        FieldKind::Flag => (wire::FieldKind::Flag, vec![]),
    };
    wire::SettingSpec {
        key: it.key,
        label: it.label,
        help: it.help,
        kind,
        choices,
        required: it.required,
        default: it.default,
    }
}

fn grant(it: Grant) -> wire::Grant {
    wire::Grant {
        name: it.name,
        why: it.why,
        principal: match it.principal {
            Principal::SignedInUser => wire::Principal::SignedInUser,
            Principal::Application => wire::Principal::Application,
        },
        scopes: it.scopes,
        hosts: it.hosts,
        paths: it.paths,
        methods: it.methods.into_iter().map(method).collect(),
        placement: match it.placement {
            Placement::Bearer => wire::Placement::Bearer,
            Placement::Header(name) => wire::Placement::Header(name),
        },
    }
}

pub(super) fn method(it: Method) -> wire::Method {
    match it {
        Method::Get => wire::Method::Get,
        Method::Post => wire::Method::Post,
    }
}
