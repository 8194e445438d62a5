//! The lines about settings, and where secrets are sent.

use portico_domain::provider::{Descriptor, FieldKind, SettingSpec};

use super::{FilledTemplates, Line, all_shown, permissions::secret, quoted, shown};

pub(super) fn lines(it: &Descriptor, filled: &FilledTemplates) -> Vec<Line> {
    it.settings.iter().map(|spec| line(it, spec, filled)).collect()
}

fn line(it: &Descriptor, spec: &SettingSpec, filled: &FilledTemplates) -> Line {
    let SettingSpec { key, label, help, .. } = spec;
    let needed = match (&spec.default, spec.required) {
        (Some(default), _) => format!("by default {}", filled.text(default)),
        (None, true) => "required".into(),
        (None, false) => "may be left out".into(),
    };
    let words = match &spec.kind {
        FieldKind::Secret => format!(
            "The secret {} ({}; {needed}): {} Portico stores it, and the plug-in never gets it. {}",
            shown(key),
            quoted(label),
            quoted(help),
            places(it, key),
        ),
        kind => format!(
            "The setting {} ({}; {}; {needed}): {}",
            shown(key),
            quoted(label),
            kind_of(kind),
            quoted(help),
        ),
    };
    Line::new(format!("setting {key}"), words)
}

/// The headers that contain a secret.
fn places(it: &Descriptor, key: &str) -> String {
    let mut places = Vec::new();
    for permission in &it.permissions {
        let headers = permission.secret_headers.iter().filter(|header| header.setting == key);
        let name = quoted(&permission.name);
        let hosts = all_shown(&permission.hosts);
        places.extend(headers.map(|it| format!("{} to {hosts} under {name}", secret(it))));
    }
    match places.as_slice() {
        [] => "It is sent nowhere.".into(),
        places => format!("It is sent as {}.", places.join(", and as ")),
    }
}

fn kind_of(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Text => "a text".into(),
        FieldKind::Url => "an address".into(),
        FieldKind::Choice(words) => format!("one of {}", all_shown(words)),
        FieldKind::Flag => "true or false".into(),
        FieldKind::Secret => "a secret".into(),
    }
}
