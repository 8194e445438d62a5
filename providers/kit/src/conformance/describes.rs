//! Does it describe itself so that an operator and a person understand it?

use std::collections::BTreeSet;

use portico_domain::{
    provider::{Descriptor, FieldKind, SettingSpec, Settings, template::check_placeholders},
    text::is_plain,
};

use super::rule::DescriptorRule;
use crate::fixtures::made_up;

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
        name: "leaves-secrets-to-the-host",
        sentence: "a setting that is named like a secret is of the kind secret, and none is Portico's",
        remedy: "make an API key a setting of the kind secret: Portico keeps it and puts it on \
                 requests. Leave client-id, client-secret, allowed-tenants, private-hosts and tenant \
                 to Portico",
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
    if !is_plain(&it.name, 60) {
        return Some(format!("the name is {:?}", it.name));
    }
    (!is_plain(&it.account_noun, 30)).then(|| format!("the noun is {:?}", it.account_noun))
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
    let mut said = Settings::default();
    for (at, spec) in it.settings.iter().enumerate() {
        if matches!(&spec.kind, FieldKind::Choice(words) if words.is_empty()) {
            return Some(format!("the setting {} is a choice of nothing", spec.key));
        }
        let default = spec.default.as_deref().unwrap_or_default();
        if let Err(why) = check_placeholders(default, &it.settings[..at], false) {
            return Some(format!("the default of {}: {why}", spec.key));
        }
        if spec.default.is_none() {
            said = said.iter().chain([(spec.key.as_str(), made_up(spec).as_str())]).collect();
        }
        let spec = std::slice::from_ref(spec);
        said = match said.complete(spec) {
            Ok(complete) => complete,
            Err(refused) => return Some(format!("its own default is refused: {refused}")),
        };
    }
    None
}

const OF_PORTICO: [&str; 5] =
    ["client-id", "client-secret", "allowed-tenants", "private-hosts", "tenant"];
const LIKE_SECRETS: [&str; 6] =
    ["secret", "password", "private-key", "access-token", "api-key", "api-token"];

fn secrets(it: &Descriptor) -> Option<String> {
    it.settings.iter().find_map(|SettingSpec { key, kind, .. }| {
        if OF_PORTICO.contains(&key.as_str()) {
            return Some(format!("the setting {key} is Portico's own"));
        }
        let open = LIKE_SECRETS.iter().any(|word| key.contains(word)) && *kind != FieldKind::Secret;
        open.then(|| format!("the setting {key} is of a kind that the provider is told"))
    })
}

fn people(it: &Descriptor) -> Option<String> {
    let people = it.people.as_ref()?;
    let places = [&people.subject].into_iter().chain(&people.tenant);
    let mut places = places.chain(&people.display_name).chain(&people.username);
    if let Some(odd) = places.find(|at| !at.starts_with('/')) {
        return Some(format!("{odd:?} is no JSON Pointer"));
    }
    let passing = ["mail", "name", "login", "upn", "phone"];
    let lower = people.subject.to_ascii_lowercase();
    let found = passing.iter().any(|word| lower.contains(word));
    found.then(|| format!("a person is what stands at {}", people.subject))
}
