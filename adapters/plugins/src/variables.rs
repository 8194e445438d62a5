//! Which variable belongs to which plug-in: `MY_OIDC_ISSUER` is the setting `issuer` of `my-oidc`
//! and the setting `oidc-issuer` of `my`. What an operator wrote for one must not be told to the
//! other, so where two would read one variable, neither is loaded; and what begins as the variables
//! of a plug-in that was granted do is its own, whether it can be loaded now or not.

use std::collections::{BTreeMap, BTreeSet};

use portico_domain::{identity::ProviderId, provider::Descriptor};

use crate::settings::{variable, variables};

/// Why some of these plug-ins must not be loaded, by their ids, where those in `granted` were granted
/// or serve.
pub(super) fn shared<'a>(
    plugins: impl IntoIterator<Item = &'a Descriptor>,
    granted: &BTreeSet<ProviderId>,
) -> BTreeMap<ProviderId, String> {
    let mut faults = BTreeMap::new();
    let mut readers: BTreeMap<String, BTreeSet<&ProviderId>> = BTreeMap::new();
    for descriptor in plugins {
        if let Some(why) = of_another(descriptor, granted) {
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

/// Why a plug-in must not be loaded: one of its variables belongs to one of these.
pub fn of_another(descriptor: &Descriptor, granted: &BTreeSet<ProviderId>) -> Option<String> {
    let others = granted.iter().filter(|id| may_share(id, &descriptor.id));
    let begins: Vec<_> = others.map(|id| (id, variable(id, ""))).collect();
    let (reads, owner) = variables(descriptor).into_iter().find_map(|reads| {
        let own = variable(&descriptor.id, "");
        let owner =
            begins.iter().find(|(_, begin)| begin.len() > own.len() && reads.starts_with(begin));
        owner.map(|(id, _)| (reads.clone(), *id))
    })?;
    Some(format!(
        "it reads the variable {reads}, which belongs to {owner}: rename one of them, or remove one."
    ))
}

/// Whether two plug-ins may read one variable, whatever their settings are called: the name of one begins
/// as the other's whole name does.
pub(super) fn may_share(one: &ProviderId, other: &ProviderId) -> bool {
    let begins = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.starts_with('-'))
    };
    begins(one.as_str(), other.as_str()) || begins(other.as_str(), one.as_str())
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
        shared(plugins, &BTreeSet::new()).into_keys().map(|id| id.to_string()).collect()
    }

    #[test]
    fn two_plugins_that_read_one_variable_are_both_refused() {
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
    fn a_plugin_that_reads_the_variable_of_one_that_was_granted_is_refused_though_that_is_not_loaded()
     {
        let ids = |ids: &[&str]| ids.iter().map(|id| ProviderId::parse(*id).unwrap()).collect();
        let reader = descriptor("my", &["oidc-code"]);
        let refused = |granted: &[&str]| shared([&reader], &ids(granted)).contains_key(&reader.id);
        assert!(refused(&["my-oidc"]) && refused(&["my", "my-oidc", "other"]));
        for granted in [&["my"][..], &["other"], &["my-oid"], &["my-oidc-code"], &[]] {
            assert!(!refused(granted), "{granted:?}");
        }
        // The variables of the longer name are its own.
        let owner = descriptor("my-oidc", &["code"]);
        assert!(shared([&owner], &ids(&["my", "my-oidc"])).is_empty());
    }

    #[test]
    fn plugins_with_variables_of_their_own_are_loaded() {
        let plugins = [descriptor("my", &["issuer"]), descriptor("my-oidc", &["issuer"])];
        assert_eq!(refused(&plugins), [""; 0]);
    }

    #[test]
    fn plug_ins_of_which_one_may_read_the_others_variables_wait_for_each_other() {
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
