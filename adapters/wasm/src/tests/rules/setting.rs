//! Rules for settings.

use rstest::rstest;

use super::{Change, assert_refused, described, refused};
use crate::{
    bindings::wire::{self, Descriptor},
    testing::honest::setting,
};

#[rstest]
#[case::number_of_settings("32 are allowed", |it: &mut Descriptor| {
        let ask = |n| setting(&format!("a-{n}"), wire::FieldKind::Text);
        it.settings.extend((0..32).map(ask));
    })]
#[case::duplicate_key("settings' keys are the same", |it: &mut Descriptor| {
        it.settings.push(setting("issuer", wire::FieldKind::Text));
    })]
#[case::upper_case_key("a setting's key", |it: &mut Descriptor| it.settings[0].key = "Issuer".into())]
#[case::line_feed_in_label("a setting's label", |it: &mut Descriptor| it.settings[0].label = "a\nb".into())]
#[case::length_of_help("a setting's help", |it: &mut Descriptor| it.settings[0].help = "x".repeat(2049))]
#[case::length_of_default("a setting's default", |it: &mut Descriptor| it.settings[0].default = Some("x".repeat(2049)))]
#[case::no_choices("a choice of nothing", |it: &mut Descriptor| it.settings[0].kind = wire::FieldKind::Choice)]
#[case::number_of_choices("64 are allowed", |it: &mut Descriptor| {
        it.settings[0].kind = wire::FieldKind::Choice;
        it.settings[0].choices = vec!["a".into(); 65];
    })]
#[case::empty_choice("a choice of a setting", |it: &mut Descriptor| {
        it.settings[0].kind = wire::FieldKind::Choice;
        it.settings[0].choices = vec![String::new()];
    })]
fn setting_refuses_value_over_its_limit(#[case] rule: &str, #[case] change: Change) {
    assert_refused(rule, change);
}

#[test]
fn setting_refuses_reserved_key() {
    for key in [
        "client-id",
        "client-secret",
        "client-key-file",
        "allowed-tenants",
        "private-hosts",
        "tenant",
    ] {
        for kind in [wire::FieldKind::Text, wire::FieldKind::Secret] {
            let error = refused(|it| it.settings.push(setting(key, kind)));
            assert!(error.contains("a key of the host's"), "{key}: {error}");
        }
    }
    assert!(described(|it| it.settings.push(setting("tenant-id", wire::FieldKind::Text))).is_ok());
}

#[test]
fn setting_with_key_of_a_secret_needs_kind_secret() {
    let asks = |key: &'static str, kind| {
        move |it: &mut Descriptor| {
            let choices = if kind == wire::FieldKind::Choice { vec!["a".into()] } else { vec![] };
            it.settings.push(wire::SettingSpec { choices, ..setting(key, kind) });
        }
    };
    let others = [
        wire::FieldKind::Text,
        wire::FieldKind::Url,
        wire::FieldKind::Flag,
        wire::FieldKind::Choice,
    ];
    for key in ["api-key", "app-secret", "oauth-tokens", "db-password", "service-account-key"] {
        for kind in others {
            let error = refused(asks(key, kind));
            let rule = format!("its setting {key} is spelled like a secret and is of another kind");
            assert!(error.contains(&rule), "{error}");
        }
        assert!(described(asks(key, wire::FieldKind::Secret)).is_ok(), "{key}");
    }
    for kind in others {
        assert!(described(asks("key-vault", kind)).is_ok(), "{kind:?}");
    }
}

fn with_default(default: &str) -> impl FnOnce(&mut Descriptor) {
    move |it| {
        it.settings.insert(0, setting("region", wire::FieldKind::Text));
        it.settings.insert(1, setting("api-key", wire::FieldKind::Secret));
        it.settings[2].default = Some(default.into());
        it.settings.push(setting("later", wire::FieldKind::Text));
    }
}

#[rstest]
#[case::setting_as_label("https://id.{region}.example")]
#[case::no_setting("https://id.example")]
#[case::setting_as_segment("https://id.example/{region}")]
fn default_accepts_earlier_settings(#[case] default: &str) {
    assert!(described(with_default(default)).is_ok());
}

#[rstest]
#[case::later_setting("https://{later}.example", "{later} is no setting")]
#[case::itself("https://{issuer}.example", "{issuer} is no setting")]
#[case::secret("https://{api-key}.example", "{api-key} is a secret")]
#[case::tenant("https://{tenant}.example", "{tenant} is no setting")]
#[case::unknown_setting("https://{unheard-of}.example", "{unheard-of} is no setting")]
#[case::setting_as_port("https://a.example:{region}", "region")]
#[case::http("http://id.{region}.example", "https")]
#[case::no_url("no address", "address")]
fn default_refuses(#[case] default: &str, #[case] rule: &str) {
    let error = refused(with_default(default));
    assert!(error.contains(rule), "{error}");
}

#[test]
fn setting_refuses_default_that_is_no_choice() {
    let choice = |default: &'static str| {
        move |it: &mut Descriptor| {
            let mut spec = setting("region", wire::FieldKind::Choice);
            spec.choices = vec!["eu".into(), "us".into()];
            spec.default = Some(default.into());
            it.settings.push(spec);
        }
    };
    assert!(described(choice("us")).is_ok());
    assert!(refused(choice("moon")).contains("must be one of"));
}

#[test]
fn secret_setting_refuses_default() {
    let error = refused(|it| {
        let mut secret = setting("api-key", wire::FieldKind::Secret);
        secret.default = Some("known".into());
        it.settings.push(secret);
    });
    assert!(error.contains("has a default"), "{error}");
}

#[rstest]
#[case::host_of_issuer(|it: &mut Descriptor| {
    it.sign_in.endpoints = wire::Endpoints::Openid("https://{api-key}.example".into());
})]
#[case::path_of_issuer(|it: &mut Descriptor| {
    it.sign_in.endpoints = wire::Endpoints::Openid("{issuer}/{api-key}".into());
})]
#[case::scope_of_sign_in(|it: &mut Descriptor| it.sign_in.scopes = vec!["{api-key}".into()])]
#[case::scope_of_permission(|it: &mut Descriptor| {
    it.permissions[0].scopes = vec!["{api-key}/.default".into()];
})]
#[case::host(|it: &mut Descriptor| it.permissions[0].hosts = vec!["{api-key}".into()])]
#[case::label_of_host(|it: &mut Descriptor| {
    it.permissions[0].hosts = vec!["a.{api-key}.example".into()];
})]
fn template_refuses_secret_setting(#[case] change: Change) {
    let error = refused(|it| {
        it.settings.push(setting("api-key", wire::FieldKind::Secret));
        change(it);
    });
    assert!(error.contains("a secret"), "{error}");
}
