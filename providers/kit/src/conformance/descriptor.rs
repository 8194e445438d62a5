//! The descriptor: names, version, icon, settings and the places of a person's identity.

use std::collections::BTreeSet;

use portico_domain::{
    provider::{Descriptor, FieldKind, SettingSpec, Settings, template::check_placeholders},
    text::is_plain,
};

use super::rule::DescriptorRule;
use crate::fixtures::sample_value;

pub(super) const RULES: &[DescriptorRule] = &[
    DescriptorRule {
        name: "names-itself",
        sentence: "it has a name for a button and a noun for what it lists",
        remedy: "give the descriptor a name such as \"Example Cloud\" and a noun such as \"project\", \
                 each one short line",
        violation: unusable_name,
    },
    DescriptorRule {
        name: "has-a-semantic-version",
        sentence: "its version is a semantic version",
        remedy: "write the version as MAJOR.MINOR.PATCH, such as 1.0.0",
        violation: |it| {
            let error = semver::Version::parse(&it.version).err()?;
            Some(format!("the version is {:?}: {error}", it.version))
        },
    },
    DescriptorRule {
        name: "icon-is-an-svg",
        sentence: "its icon, if it has one, is a small SVG of shapes alone",
        remedy: "leave the icon out, or draw it with paths and other plain shapes, colours as \
                 attributes, and no style, reference, gradient, text or script",
        violation: refused_icon,
    },
    DescriptorRule {
        name: "explains-its-settings",
        sentence: "every setting has a key of its own, a label and help",
        remedy: "give each setting a key of lower-case letters, digits and '-', a label, and a help \
                 that says what to write and where to find it",
        violation: unexplained_setting,
    },
    DescriptorRule {
        name: "defaults-are-allowed",
        sentence: "every default is a value that the setting accepts",
        remedy: "give a choice its values, and each setting a default of its own kind",
        violation: refused_default,
    },
    DescriptorRule {
        name: "leaves-secrets-to-the-host",
        sentence: "a setting that is named like a secret is of the kind secret, and no setting has a \
                   name that Portico reserves",
        remedy: "make an API key a setting of the kind secret: Portico stores it and adds it to \
                 requests. client-id, client-secret, client-key-file, allowed-tenants, private-hosts and tenant are \
                 reserved",
        violation: exposed_secret,
    },
    DescriptorRule {
        name: "points-to-people",
        sentence: "the subject is a JSON Pointer to an identifier that never changes and is never \
                   given to another person",
        remedy: "name the JSON Pointer of a stable identifier, such as /sub or /id; never an e-mail \
                 address or a name, which can pass to somebody else",
        violation: unstable_subject,
    },
];

fn unusable_name(it: &Descriptor) -> Option<String> {
    if !is_plain(&it.name, 60) {
        return Some(format!("the name is {:?}", it.name));
    }
    (!is_plain(&it.account_noun, 30)).then(|| format!("the noun is {:?}", it.account_noun))
}

fn refused_icon(it: &Descriptor) -> Option<String> {
    let error = portico_provider_icon::sanitise(it.icon.as_deref()?).err()?;
    Some(format!("the icon is not shown: {error}"))
}

fn unexplained_setting(it: &Descriptor) -> Option<String> {
    let mut keys = BTreeSet::new();
    it.settings.iter().find_map(|spec| {
        let SettingSpec { key, label, help, .. } = spec;
        let in_key = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if key.is_empty() || !key.bytes().all(in_key) {
            return Some(format!("the setting {key:?} has an invalid key"));
        }
        if !keys.insert(key) {
            return Some(format!("the setting {key} is declared twice"));
        }
        let empty = |text: &str| text.trim().is_empty();
        if empty(label) {
            return Some(format!("the setting {key} has no label"));
        }
        empty(help).then(|| format!("the setting {key} has no help"))
    })
}

fn refused_default(it: &Descriptor) -> Option<String> {
    let mut settings = Settings::default();
    for (index, spec) in it.settings.iter().enumerate() {
        if matches!(&spec.kind, FieldKind::Choice(values) if values.is_empty()) {
            return Some(format!("the setting {} is a choice without values", spec.key));
        }
        let default = spec.default.as_deref().unwrap_or_default();
        if let Err(why) = check_placeholders(default, &it.settings[..index], false) {
            return Some(format!("the default of {}: {why}", spec.key));
        }
        if spec.default.is_none() {
            let sample = sample_value(spec);
            settings = settings.iter().chain([(spec.key.as_str(), sample.as_str())]).collect();
        }
        settings = match settings.complete(std::slice::from_ref(spec)) {
            Ok(complete) => complete,
            Err(error) => return Some(format!("its own default is refused: {error}")),
        };
    }
    None
}

/// Keys of settings that every provider has in Portico's own configuration.
const RESERVED_KEYS: [&str; 6] =
    ["client-id", "client-secret", "client-key-file", "allowed-tenants", "private-hosts", "tenant"];
/// Parts of keys by which a setting is taken for a secret.
const SECRET_KEY_PARTS: [&str; 6] =
    ["secret", "password", "private-key", "access-token", "api-key", "api-token"];

fn exposed_secret(it: &Descriptor) -> Option<String> {
    it.settings.iter().find_map(|SettingSpec { key, kind, .. }| {
        if RESERVED_KEYS.contains(&key.as_str()) {
            return Some(format!("the setting {key} is reserved for Portico"));
        }
        let is_exposed =
            SECRET_KEY_PARTS.iter().any(|part| key.contains(part)) && *kind != FieldKind::Secret;
        is_exposed.then(|| format!("the setting {key} is of a kind that the provider can read"))
    })
}

fn unstable_subject(it: &Descriptor) -> Option<String> {
    let people = it.people.as_ref()?;
    let places = [&people.subject].into_iter().chain(&people.tenant);
    let mut places = places.chain(&people.display_name).chain(&people.username);
    if let Some(invalid) = places.find(|pointer| !pointer.starts_with('/')) {
        return Some(format!("{invalid:?} is not a JSON Pointer"));
    }
    let reassignable = ["mail", "name", "login", "upn", "phone"];
    let lower = people.subject.to_ascii_lowercase();
    let found = reassignable.iter().any(|part| lower.contains(part));
    found.then(|| format!("the subject is the value at {}", people.subject))
}
