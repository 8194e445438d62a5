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
    let refused = |granted: &[&str]| conflicts([&reader], &ids(granted)).contains_key(&reader.id);
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
