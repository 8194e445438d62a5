//! The descriptor.

use portico_provider_model::{Capability, Descriptor, FieldKind, SettingSpec, SubjectMapping};

use super::{permission::permission, sign_in::sign_in};
use crate::component::bindings::wire;

pub(in crate::component) fn descriptor(it: Descriptor) -> wire::Descriptor {
    wire::Descriptor {
        id: it.id.as_str().into(),
        name: it.name,
        version: it.version,
        icon: it.icon,
        account_noun: it.account_noun,
        settings: it.settings.into_iter().map(setting).collect(),
        sign_in: sign_in(it.sign_in),
        people: it.people.map(people),
        permissions: it.permissions.into_iter().map(permission).collect(),
        capabilities: it.capabilities.into_iter().map(capability).collect(),
        extra: vec![],
    }
}

fn people(it: SubjectMapping) -> wire::People {
    wire::People {
        subject: it.subject,
        tenant: it.tenant,
        display_name: it.display_name,
        username: it.username,
    }
}

fn setting(it: SettingSpec) -> wire::SettingSpec {
    let (kind, choices) = match it.kind {
        FieldKind::Text => (wire::FieldKind::Text, vec![]),
        FieldKind::Url => (wire::FieldKind::Url, vec![]),
        FieldKind::Choice(values) => (wire::FieldKind::Choice, values),
        FieldKind::Flag => (wire::FieldKind::Flag, vec![]),
        FieldKind::Secret => (wire::FieldKind::Secret, vec![]),
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

fn capability(it: Capability) -> wire::Capability {
    wire::Capability { name: it.name, kind: it.kind, why: it.why, extra: it.extra }
}
