//! Conflicts between the environment variables of plug-ins: `MY_OIDC_ISSUER` is the setting `issuer` of
//! `my-oidc` and the setting `oidc-issuer` of `my`. A plug-in must not receive a value meant for another
//! one, so of two plug-ins that would read one variable neither is loaded. Variables with the prefix of a
//! granted plug-in belong to it, whether it can be loaded or not.

use std::collections::{BTreeMap, BTreeSet};

use portico_domain::{identity::ProviderId, provider::Descriptor};

use crate::settings::{variable, variables};

/// The plug-ins that must not be loaded, each with the reason; `granted` are granted or offered.
pub(super) fn conflicts<'a>(
    plugins: impl IntoIterator<Item = &'a Descriptor>,
    granted: &BTreeSet<ProviderId>,
) -> BTreeMap<ProviderId, String> {
    let mut faults = BTreeMap::new();
    let mut readers: BTreeMap<String, BTreeSet<&ProviderId>> = BTreeMap::new();
    for descriptor in plugins {
        if let Some(why) = conflict(descriptor, granted) {
            faults.insert(descriptor.id.clone(), why);
        }
        for variable in variables(descriptor) {
            readers.entry(variable).or_default().insert(&descriptor.id);
        }
    }
    for (variable, ids) in readers.iter().filter(|(_, ids)| ids.len() > 1) {
        for id in ids {
            let others = ids.iter().filter(|other| *other != id);
            let others: Vec<_> = others.map(|other| other.as_str()).collect();
            let others = others.join(", ");
            faults.entry((*id).clone()).or_insert_with(|| {
                format!(
                    "it reads the variable {variable}, which belongs to {others} too: rename one of \
                     them, or remove one."
                )
            });
        }
    }
    faults
}

/// Why a plug-in must not be loaded: one of its variables belongs to one of `granted`.
pub fn conflict(descriptor: &Descriptor, granted: &BTreeSet<ProviderId>) -> Option<String> {
    let others = granted.iter().filter(|id| may_share(id, &descriptor.id));
    let prefixes: Vec<_> = others.map(|id| (id, variable(id, ""))).collect();
    let (reads, owner) = variables(descriptor).into_iter().find_map(|reads| {
        let own = variable(&descriptor.id, "");
        let owner =
            prefixes.iter().find(|(_, it)| it.len() > own.len() && reads.starts_with(it.as_str()));
        owner.map(|(id, _)| (reads.clone(), *id))
    })?;
    Some(format!(
        "it reads the variable {reads}, which belongs to {owner}: rename one of them, or remove one."
    ))
}

/// Whether two plug-ins may read one variable, depending on their settings: one id is a prefix of the
/// other, followed by a hyphen.
pub(super) fn may_share(one: &ProviderId, other: &ProviderId) -> bool {
    let extends = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.starts_with('-'))
    };
    extends(one.as_str(), other.as_str()) || extends(other.as_str(), one.as_str())
}

#[cfg(test)]
mod tests {
    use portico_domain::{
        provider::{FieldKind, SettingSpec},
        testing::samples,
    };

    use super::*;

    fn descriptor(id: &str, keys: &[&str]) -> Descriptor {
        let spec = |key: &&str| SettingSpec {
            key: (*key).into(),
            label: "It".into(),
            help: String::new(),
            kind: FieldKind::Text,
            required: false,
            default: None,
        };
        Descriptor {
            id: ProviderId::parse(id).unwrap(),
            settings: keys.iter().map(spec).collect(),
            ..samples::descriptor()
        }
    }

    fn refused(plugins: &[Descriptor]) -> Vec<String> {
        conflicts(plugins, &BTreeSet::new()).into_keys().map(|id| id.to_string()).collect()
    }

    #[test]
    fn conflicts_refuses_both_plugins_that_read_one_variable() {
        for (one, other) in [
            (descriptor("my", &["oidc-issuer"]), descriptor("my-oidc", &["issuer"])),
            (descriptor("my", &["oidc-client-secret"]), descriptor("my-oidc", &[])),
            (descriptor("my", &["oidc-client-secret-file"]), descriptor("my-oidc", &[])),
        ] {
            let apart = descriptor("third", &["issuer"]);
            assert_eq!(refused(&[one, apart, other]), ["my", "my-oidc"]);
        }
    }

    #[test]
    fn conflicts_refuses_variable_of_a_granted_plugin_that_is_not_loaded() {
        let ids = |ids: &[&str]| ids.iter().map(|id| ProviderId::parse(*id).unwrap()).collect();
        let reader = descriptor("my", &["oidc-code"]);
        let refused =
            |granted: &[&str]| conflicts([&reader], &ids(granted)).contains_key(&reader.id);
        assert!(refused(&["my-oidc"]) && refused(&["my", "my-oidc", "other"]));
        for granted in [&["my"][..], &["other"], &["my-oid"], &["my-oidc-code"], &[]] {
            assert!(!refused(granted), "{granted:?}");
        }
        // Variables with the longer prefix belong to the longer id.
        let owner = descriptor("my-oidc", &["code"]);
        assert!(conflicts([&owner], &ids(&["my", "my-oidc"])).is_empty());
    }

    #[test]
    fn conflicts_is_empty_without_a_shared_variable() {
        let plugins = [descriptor("my", &["issuer"]), descriptor("my-oidc", &["issuer"])];
        assert_eq!(refused(&plugins), [""; 0]);
    }

    #[test]
    fn may_share_is_symmetric_and_true_for_hyphenated_prefixes_only() {
        let share = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|id| ProviderId::parse(id).unwrap());
            (may_share(&one, &other), may_share(&other, &one))
        };
        assert_eq!(share("my", "my-oidc"), (true, true));
        assert_eq!(share("a-b", "a-b-c"), (true, true));
        for (one, other) in [("my", "my"), ("my", "mine"), ("oidc", "my-oidc"), ("a-b", "a-c")] {
            assert_eq!(share(one, other), (false, false), "{one} {other}");
        }
    }
}
