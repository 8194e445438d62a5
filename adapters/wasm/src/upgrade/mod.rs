//! Converts values of interface 1.0.0 to 2.0.0, so that the rest of this crate handles one version.
//!
//! Fields that are new in 2.0.0 get values with the behaviour of 1.0.0: a permission declares no
//! headers and has the default ones. 1.0.0 returns the sign-in per call instead of declaring it:
//! [`sign_in`] makes a declaration of it once the settings are known.

mod identity;
mod listing;
pub(crate) mod sign_in;

pub(crate) use self::{
    identity::identity,
    listing::{step, to_v1_response},
};
use crate::bindings::{v1::exports::portico::provider::provider as v1, wire};

pub(crate) use self::v1::{Identity as V1Identity, SignIn as V1SignIn};

/// The descriptor, with a sign-in that no login can use: it is not declared yet.
pub(crate) fn descriptor(it: v1::Descriptor) -> wire::Descriptor {
    wire::Descriptor {
        id: it.id,
        name: it.name,
        version: it.version,
        icon: it.icon,
        account_noun: it.account_noun,
        settings: it.settings.into_iter().map(setting).collect(),
        sign_in: undeclared(),
        people: it.people.map(|people| wire::People {
            subject: people.subject,
            tenant: people.tenant,
            display_name: vec![],
            username: vec![],
        }),
        permissions: it.grants.into_iter().map(permission).collect(),
        capabilities: vec![],
        extra: it.extra,
    }
}

fn undeclared() -> wire::SignIn {
    wire::SignIn {
        endpoints: wire::Endpoints::Openid(String::new()),
        default_tenant: None,
        scopes: vec![],
        scope_separator: wire::ScopeSeparator::Space,
        parameters: vec![],
        token_encoding: wire::TokenEncoding::Form,
        client_auth: wire::ClientAuth::None,
        token_reply: vec![],
        user_records: vec![],
        extra: vec![],
    }
}

fn setting(it: v1::SettingSpec) -> wire::SettingSpec {
    wire::SettingSpec {
        key: it.key,
        label: it.label,
        help: it.help,
        kind: match it.kind {
            v1::FieldKind::Text => wire::FieldKind::Text,
            v1::FieldKind::Url => wire::FieldKind::Url,
            v1::FieldKind::Choice => wire::FieldKind::Choice,
            v1::FieldKind::Flag => wire::FieldKind::Flag,
        },
        choices: it.choices,
        required: it.required,
        default: it.default,
    }
}

fn permission(it: v1::Grant) -> wire::Permission {
    wire::Permission {
        name: it.name,
        why: it.why,
        principal: match it.principal {
            v1::Principal::SignedInUser => wire::Principal::SignedInUser,
            v1::Principal::Application => wire::Principal::Application,
        },
        scopes: it.scopes,
        hosts: it.hosts,
        paths: it.paths,
        methods: it.methods.into_iter().map(method).collect(),
        placement: match it.placement {
            v1::Placement::Bearer => wire::Placement::Bearer,
            v1::Placement::Header(name) => wire::Placement::Header(name),
        },
        request_headers: vec![],
        reply_headers: vec![],
        secret_headers: vec![],
    }
}

fn method(it: v1::Method) -> wire::Method {
    match it {
        v1::Method::Get => wire::Method::Get,
        v1::Method::Post => wire::Method::Post,
    }
}

pub(crate) fn to_v1_identity(it: &wire::Person) -> v1::Identity {
    v1::Identity {
        subject: it.subject.clone(),
        tenant: it.tenant.clone(),
        display_name: it.display_name.clone(),
        username: it.username.clone(),
        extra: vec![],
    }
}

pub(crate) fn problem(it: v1::Problem) -> wire::Problem {
    match it {
        v1::Problem::Setting(pair) => wire::Problem::Setting(pair),
        v1::Problem::Unexpected(text) => wire::Problem::Unexpected(text),
        v1::Problem::Refused(pair) => wire::Problem::Refused(pair),
        v1::Problem::Challenge(claims) => wire::Problem::Challenge(claims),
        v1::Problem::Other(pair) => wire::Problem::Other(pair),
    }
}
