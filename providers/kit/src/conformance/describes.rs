//! Does it describe itself so that an operator and a person understand it?

use std::collections::BTreeSet;

use portico_domain::{
    provider::{Descriptor, FieldKind, People, SettingSpec, Settings},
    text::clean,
};

use super::rule::DescriptorRule;

pub(super) const RULES: &[DescriptorRule] = &[
    DescriptorRule {
        name: "names-itself",
        sentence: "it has a name for a button and a noun for what it lists",
        remedy: "give the descriptor a name such as \"Example Cloud\" and a noun such as \"project\", \
                 each one short line",
        complaint: names,
    },
    DescriptorRule {
        name: "has-a-semantic-version",
        sentence: "its version is a semantic version",
        remedy: "write the version as MAJOR.MINOR.PATCH, such as 1.0.0",
        complaint: |it| {
            let refused = semver::Version::parse(&it.version).err();
            refused.map(|error| format!("the version is {:?}: {error}", it.version))
        },
    },
    DescriptorRule {
        name: "icon-is-an-svg",
        sentence: "its icon, where it has one, is a small SVG of shapes alone",
        remedy: "leave the icon out, or draw it with paths and other plain shapes, colours as \
                 attributes, and no style, reference, gradient, text or script",
        complaint: icon,
    },
    DescriptorRule {
        name: "explains-its-settings",
        sentence: "every setting has a key of its own, a label and help",
        remedy: "give each setting a key of lower-case letters, digits and '-', a label, and a help \
                 that says what to write and where to find it",
        complaint: settings,
    },
    DescriptorRule {
        name: "defaults-are-allowed",
        sentence: "every default is a value that the setting takes",
        remedy: "give a choice its words, and each setting a default of its own kind",
        complaint: defaults,
    },
    DescriptorRule {
        name: "asks-for-no-secret",
        sentence: "no setting is a secret",
        remedy: "take the setting out: Portico keeps the client's id and secret and puts tokens on \
                 requests; a provider never sees either",
        complaint: secrets,
    },
    DescriptorRule {
        name: "points-to-people",
        sentence: "who a person is stands at a place that does not change with them",
        remedy: "name the JSON Pointer of a stable number, such as /sub or /id; never an address or \
                 a name, which can pass to somebody else",
        complaint: people,
    },
];

fn names(it: &Descriptor) -> Option<String> {
    let fit = |text: &str, longest| !text.is_empty() && clean(text, longest) == text;
    if !fit(&it.name, 60) {
        return Some(format!("the name is {:?}", it.name));
    }
    (!fit(&it.account_noun, 30)).then(|| format!("the noun is {:?}", it.account_noun))
}

fn icon(it: &Descriptor) -> Option<String> {
    let refused = portico_provider_icon::sanitise(it.icon.as_deref()?).err()?;
    Some(format!("the icon is not shown: {refused}"))
}

fn settings(it: &Descriptor) -> Option<String> {
    let mut keys = BTreeSet::new();
    it.settings.iter().find_map(|spec| {
        let SettingSpec { key, label, help, .. } = spec;
        let in_key = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if key.is_empty() || !key.bytes().all(in_key) {
            return Some(format!("the setting {key:?} has a key that is none"));
        }
        if !keys.insert(key) {
            return Some(format!("the setting {key} stands there twice"));
        }
        let empty = |text: &str| text.trim().is_empty();
        if empty(label) {
            return Some(format!("the setting {key} has no label"));
        }
        empty(help).then(|| format!("the setting {key} has no help"))
    })
}

fn defaults(it: &Descriptor) -> Option<String> {
    it.settings.iter().find_map(|spec| {
        if matches!(&spec.kind, FieldKind::Choice(words) if words.is_empty()) {
            return Some(format!("the setting {} is a choice of nothing", spec.key));
        }
        let optional = SettingSpec { required: false, ..spec.clone() };
        let refused = Settings::default().complete(&[optional]).err()?;
        Some(format!("its own default is refused: {refused}"))
    })
}

fn secrets(it: &Descriptor) -> Option<String> {
    let held = ["secret", "password", "private-key", "client-id", "access-token", "api-key"];
    let keys = it.settings.iter().map(|spec| &spec.key);
    let found = keys.into_iter().find(|key| held.iter().any(|word| key.contains(word)));
    found.map(|key| format!("it asks for {key}"))
}

fn people(it: &Descriptor) -> Option<String> {
    let Some(People::At { subject, tenant }) = &it.people else { return None };
    let places = [Some(subject), tenant.as_ref()];
    if let Some(odd) = places.into_iter().flatten().find(|at| !at.starts_with('/')) {
        return Some(format!("{odd:?} is no JSON Pointer"));
    }
    let passing = ["mail", "name", "login", "upn", "phone"];
    let lower = subject.to_ascii_lowercase();
    let found = passing.iter().any(|word| lower.contains(word));
    found.then(|| format!("a person is what stands at {subject}"))
}
