//! Interface 0.1.0 in the words of 1.0.0, so that the rest of this crate speaks one.
//!
//! What 0.1.0 had no word for is filled so that it allows what it allowed: a grant without methods
//! covers both, people may stand anywhere in their claims. What 1.0.0 has no use for is dropped.

mod listing;
mod sign_in;

pub(crate) use self::{
    listing::{step, to_old_response},
    sign_in::sign_in,
};
use crate::bindings::{v0::exports::portico::provider::provider as old, wire};

/// A descriptor, and which interface it was given in.
pub(crate) enum Described {
    V1(wire::Descriptor),
    /// Of 0.1.0, which says that people sign in and not where their identity stands.
    V0 {
        descriptor: wire::Descriptor,
        signs_in: bool,
    },
}

pub(crate) fn descriptor(it: old::Descriptor) -> Described {
    let descriptor = wire::Descriptor {
        id: it.id,
        name: it.name,
        version: it.version,
        icon: it.icon,
        account_noun: it.account_noun,
        people: None,
        settings: it.settings.into_iter().map(setting).collect(),
        grants: it.grants.into_iter().map(grant).collect(),
        extra: it.extra,
    };
    Described::V0 { descriptor, signs_in: it.signs_in }
}

fn setting(it: old::SettingSpec) -> wire::SettingSpec {
    wire::SettingSpec {
        key: it.key,
        label: it.label,
        help: it.help,
        kind: match it.kind {
            old::FieldKind::Text => wire::FieldKind::Text,
            old::FieldKind::Url => wire::FieldKind::Url,
            old::FieldKind::Choice => wire::FieldKind::Choice,
            old::FieldKind::Flag => wire::FieldKind::Flag,
        },
        choices: it.choices,
        required: it.required,
        default: it.default,
    }
}

fn grant(it: old::Grant) -> wire::Grant {
    wire::Grant {
        name: it.name,
        why: it.why,
        principal: match it.principal {
            old::Principal::SignedInUser => wire::Principal::SignedInUser,
            old::Principal::Application => wire::Principal::Application,
        },
        scopes: it.scopes,
        hosts: it.hosts,
        paths: it.paths,
        methods: vec![wire::Method::Get, wire::Method::Post],
        placement: match it.placement {
            old::Placement::Bearer => wire::Placement::Bearer,
            old::Placement::Header(name) => wire::Placement::Header(name),
        },
    }
}

pub(crate) fn identity(it: old::Identity) -> wire::Identity {
    wire::Identity {
        subject: it.subject,
        tenant: it.tenant,
        display_name: it.display_name,
        username: it.username,
        extra: it.extra,
    }
}

pub(crate) fn to_old_identity(it: &wire::Identity) -> old::Identity {
    let it = it.clone();
    old::Identity {
        subject: it.subject,
        tenant: it.tenant,
        display_name: it.display_name,
        username: it.username,
        extra: it.extra,
    }
}

pub(crate) fn problem(it: old::Problem) -> wire::Problem {
    match it {
        old::Problem::Setting(pair) => wire::Problem::Setting(pair),
        old::Problem::Unexpected(text) => wire::Problem::Unexpected(text),
        old::Problem::Refused(pair) => wire::Problem::Refused(pair),
        old::Problem::Challenge(claims) => wire::Problem::Challenge(claims),
        old::Problem::Other(pair) => wire::Problem::Other(pair),
    }
}
