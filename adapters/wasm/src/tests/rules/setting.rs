//! Rules of settings.

use super::{Change, described, each_refused, refused};
use crate::{bindings::wire, testing::honest::setting};

#[test]
fn a_setting_is_bounded_in_every_part() {
    let cases: [(&str, Change); 9] = [
        ("32 are allowed", |it| {
            let ask = |n| setting(&format!("a-{n}"), wire::FieldKind::Text);
            it.settings.extend((0..32).map(ask));
        }),
        ("settings' keys are the same", |it| {
            it.settings.push(setting("issuer", wire::FieldKind::Text));
        }),
        ("a setting's key", |it| it.settings[0].key = "Issuer".into()),
        ("a setting's label", |it| it.settings[0].label = "a\nb".into()),
        ("a setting's help", |it| it.settings[0].help = "x".repeat(2049)),
        ("a setting's default", |it| it.settings[0].default = Some("x".repeat(2049))),
        ("a choice of nothing", |it| it.settings[0].kind = wire::FieldKind::Choice),
        ("64 are allowed", |it| {
            it.settings[0].kind = wire::FieldKind::Choice;
            it.settings[0].choices = vec!["a".into(); 65];
        }),
        ("a choice of a setting", |it| {
            it.settings[0].kind = wire::FieldKind::Choice;
            it.settings[0].choices = vec![String::new()];
        }),
    ];
    each_refused(&cases);
}

#[test]
fn a_key_of_the_hosts_is_refused() {
    for key in ["client-id", "client-secret", "allowed-tenants", "private-hosts", "tenant"] {
        for kind in [wire::FieldKind::Text, wire::FieldKind::Secret] {
            let said = refused(|it| it.settings.push(setting(key, kind)));
            assert!(said.contains("a key of the host's"), "{key}: {said}");
        }
    }
    assert!(described(|it| it.settings.push(setting("tenant-id", wire::FieldKind::Text))).is_ok());
}

#[test]
fn a_key_that_is_spelled_like_a_secret_is_of_the_kind_secret() {
    let asks = |key: &'static str, kind| {
        move |it: &mut wire::Descriptor| {
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
            let said = refused(asks(key, kind));
            let rule = format!("its setting {key} is spelled like a secret and is of another kind");
            assert!(said.contains(&rule), "{said}");
        }
        assert!(described(asks(key, wire::FieldKind::Secret)).is_ok(), "{key}");
    }
    for kind in others {
        assert!(described(asks("key-vault", kind)).is_ok(), "{kind:?}");
    }
}

#[test]
fn a_default_is_made_of_the_settings_before_it() {
    let with_default = |default: &'static str| {
        move |it: &mut wire::Descriptor| {
            it.settings.insert(0, setting("region", wire::FieldKind::Text));
            it.settings.insert(1, setting("api-key", wire::FieldKind::Secret));
            it.settings[2].default = Some(default.into());
            it.settings.push(setting("later", wire::FieldKind::Text));
        }
    };
    for good in ["https://id.{region}.example", "https://id.example", "https://id.example/{region}"]
    {
        assert!(described(with_default(good)).is_ok(), "{good}");
    }
    for (bad, rule) in [
        ("https://{later}.example", "{later} is no setting"),
        ("https://{issuer}.example", "{issuer} is no setting"),
        ("https://{api-key}.example", "{api-key} is a secret"),
        ("https://{tenant}.example", "{tenant} is no setting"),
        ("https://{unheard-of}.example", "{unheard-of} is no setting"),
        ("https://a.example:{region}", "region"),
        ("http://id.{region}.example", "https"),
        ("no address", "address"),
    ] {
        let said = refused(with_default(bad));
        assert!(said.contains(rule), "{bad}: {said}");
    }
}

#[test]
fn a_default_is_one_of_the_choices() {
    let choice = |default: &'static str| {
        move |it: &mut wire::Descriptor| {
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
fn a_secret_has_no_default_and_stands_in_no_template() {
    let said = refused(|it| {
        let mut secret = setting("api-key", wire::FieldKind::Secret);
        secret.default = Some("known".into());
        it.settings.push(secret);
    });
    assert!(said.contains("has a default"), "{said}");
    let places: [Change; 6] = [
        |it| it.sign_in.endpoints = wire::Endpoints::Openid("https://{api-key}.example".into()),
        |it| it.sign_in.endpoints = wire::Endpoints::Openid("{issuer}/{api-key}".into()),
        |it| it.sign_in.scopes = vec!["{api-key}".into()],
        |it| it.permissions[0].scopes = vec!["{api-key}/.default".into()],
        |it| it.permissions[0].hosts = vec!["{api-key}".into()],
        |it| it.permissions[0].hosts = vec!["a.{api-key}.example".into()],
    ];
    for place in places {
        let said = refused(|it| {
            it.settings.push(setting("api-key", wire::FieldKind::Secret));
            place(it);
        });
        assert!(said.contains("a secret"), "{said}");
    }
}
