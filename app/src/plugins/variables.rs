//! Which variable belongs to which plug-in: `MY_OIDC_ISSUER` is the setting `issuer` of `my-oidc`
//! and the setting `oidc-issuer` of `my`. What an operator wrote for one must not be told to the
//! other, so where two would read one variable, neither is loaded.

use std::collections::{BTreeMap, BTreeSet};

use portico_domain::{identity::ProviderId, provider::Descriptor};

use crate::config::variables;

/// Why some of these plug-ins must not be loaded, by their ids.
pub(super) fn shared<'a>(
    plugins: impl IntoIterator<Item = &'a Descriptor>,
) -> BTreeMap<ProviderId, String> {
    let mut readers: BTreeMap<String, BTreeSet<&ProviderId>> = BTreeMap::new();
    for descriptor in plugins {
        for variable in variables(descriptor) {
            readers.entry(variable).or_default().insert(&descriptor.id);
        }
    }
    let mut faults = BTreeMap::new();
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
        shared(plugins).into_keys().map(|id| id.to_string()).collect()
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
    fn plugins_with_variables_of_their_own_are_loaded() {
        let plugins = [descriptor("my", &["issuer"]), descriptor("my-oidc", &["issuer"])];
        assert_eq!(refused(&plugins), [""; 0]);
    }
}
