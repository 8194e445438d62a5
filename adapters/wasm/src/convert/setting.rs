//! What a plug-in asks its operator for.

use portico_domain::provider::{FieldKind, SettingSpec};

use super::rules::{Checked, at_most, ensure, is_key, line, text};
use crate::bindings::wire;

pub(super) fn setting(it: wire::SettingSpec) -> Checked<SettingSpec> {
    let rule = "a setting's key is not 1 to 64 lower-case letters, digits or '-'";
    ensure(is_key(&it.key), rule)?;
    let kind = match it.kind {
        wire::FieldKind::Text => FieldKind::Text,
        wire::FieldKind::Url => FieldKind::Url,
        wire::FieldKind::Flag => FieldKind::Flag,
        wire::FieldKind::Choice => FieldKind::Choice(choices(it.choices)?),
    };
    Ok(SettingSpec {
        key: it.key,
        label: line(it.label, 128, "a setting's label")?,
        help: text(it.help, 2048, "a setting's help")?,
        kind,
        required: it.required,
        default: it.default.map(|value| text(value, 2048, "a setting's default")).transpose()?,
    })
}

fn choices(choices: Vec<String>) -> Checked<Vec<String>> {
    ensure(!choices.is_empty(), "a setting is a choice of nothing")?;
    at_most(&choices, 64, "choices of a setting")?;
    choices.into_iter().map(|choice| line(choice, 128, "a choice of a setting")).collect()
}
