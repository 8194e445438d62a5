//! Plug-ins with an invalid descriptor, which are refused before an operator is asked for consent.

use super::{Hostile, When, changed, honest};
use crate::bindings::wire;

pub(super) fn all() -> Vec<Hostile> {
    let all = [names(), settings(), urls(), tenants(), people(), permissions()];
    all.into_iter().flatten().collect()
}

/// A plug-in whose descriptor is changed by `change`.
fn with_descriptor(
    name: &'static str,
    breaks: &'static str,
    change: impl FnOnce(&mut wire::Descriptor),
) -> Hostile {
    changed(name, When::Load, breaks, |it| change(&mut it.descriptor))
}

fn names() -> Vec<Hostile> {
    vec![
        with_descriptor("breaks-its-id", "lower-case letters, digits or '-'", |it| {
            it.id = "Azure\r\nSet-Cookie: a=b".into();
        }),
        with_descriptor("hides-in-its-name", "visible characters", |it| {
            it.name = "Azure\u{202e}".into()
        }),
        with_descriptor("has-a-megabyte-of-name", "visible characters", |it| {
            it.name = "n".repeat(1 << 20)
        }),
        with_descriptor("has-no-version", "semantic version", |it| it.version = "newest".into()),
    ]
}

fn settings() -> Vec<Hostile> {
    let secret = || honest::setting("api-key", wire::FieldKind::Secret);
    vec![
        with_descriptor("asks-a-thousand-settings", "32 are allowed", |it| {
            let ask = |n| honest::setting(&format!("setting-{n}"), wire::FieldKind::Text);
            it.settings.extend((0..1000).map(ask));
        }),
        with_descriptor("asks-for-the-client-secret", "a key of the host's", |it| {
            it.settings.push(honest::setting("client-secret", wire::FieldKind::Text));
        }),
        with_descriptor("asks-for-the-tenant", "a key of the host's", |it| {
            it.settings.push(honest::setting("tenant", wire::FieldKind::Text));
        }),
        with_descriptor("knows-a-secret", "has a default", move |it| {
            it.settings.push(wire::SettingSpec { default: Some("known".into()), ..secret() });
        }),
        with_descriptor("defaults-to-a-later-setting", "no setting that it asks for", |it| {
            it.settings[0].default = Some("https://{region}.example".into());
            it.settings.push(honest::setting("region", wire::FieldKind::Text));
        }),
        with_descriptor("defaults-to-a-secret", "is a secret", move |it| {
            let shown = honest::setting("shown", wire::FieldKind::Text);
            it.settings.push(secret());
            it.settings.push(wire::SettingSpec { default: Some("{api-key}".into()), ..shown });
        }),
    ]
}

fn urls() -> Vec<Hostile> {
    let with_issuer = |name, breaks, issuer: &'static str| {
        with_descriptor(name, breaks, move |it| {
            it.settings.push(honest::setting("api-key", wire::FieldKind::Secret));
            it.sign_in.endpoints = wire::Endpoints::Openid(issuer.into());
        })
    };
    vec![
        with_issuer("signs-in-over-http", "https address", "http://evil.example"),
        with_issuer("signs-in-with-a-script", "https address", "javascript:alert(1)"),
        with_issuer("signs-in-with-a-query", "https address", "{issuer}/?redirect_uri=x"),
        with_issuer("signs-in-with-a-user", "https address", "https://u:p@evil.example"),
        with_issuer("signs-in-at-no-setting", "{realm} is no setting", "{issuer}/{realm}"),
        with_issuer(
            "signs-in-at-a-secret",
            "{api-key} is a secret",
            "https://{api-key}.evil.example",
        ),
        with_descriptor("scopes-of-a-secret", "{api-key} is a secret", |it| {
            it.settings.push(honest::setting("api-key", wire::FieldKind::Secret));
            it.sign_in.scopes.push("{api-key}".into());
        }),
    ]
}

fn tenants() -> Vec<Hostile> {
    let with_issuer = |name, breaks, issuer: &'static str| {
        with_descriptor(name, breaks, move |it| {
            it.sign_in.endpoints = wire::Endpoints::Openid(issuer.into());
            it.sign_in.default_tenant = Some("common".into());
            if let Some(people) = &mut it.people {
                people.tenant = Some("/tid".into());
            }
        })
    };
    let segment = "one whole segment of the path";
    vec![
        with_issuer("lets-the-tenant-be-the-host", segment, "https://{tenant}.evil.example"),
        with_issuer("lets-the-tenant-be-half-a-part", segment, "{issuer}/x-{tenant}"),
        with_issuer("names-the-tenant-twice", segment, "{issuer}/{tenant}/{tenant}"),
        with_issuer("climbs-over-the-tenant", segment, "{issuer}/{tenant}/../common"),
        with_descriptor("has-tenants-without-an-issuer", "and its issuer has not", |it| {
            let plain = honest::plain();
            let token = "{issuer}/{tenant}/token".into();
            it.sign_in.endpoints = wire::Endpoints::Plain(wire::PlainEndpoints { token, ..plain });
        }),
        with_descriptor("has-no-default-tenant", "belong together", |it| {
            it.sign_in.endpoints = wire::Endpoints::Openid("{issuer}/{tenant}".into());
        }),
        with_descriptor("mixes-its-tenants", "says of nobody which tenant", |it| {
            it.sign_in.endpoints = wire::Endpoints::Openid("{issuer}/{tenant}".into());
            it.sign_in.default_tenant = Some("common".into());
        }),
    ]
}

fn people() -> Vec<Hostile> {
    let with_record = |name, breaks, record: fn() -> wire::UserRecord| {
        with_descriptor(name, breaks, move |it| it.sign_in.user_records.push(record()))
    };
    vec![
        with_descriptor("points-nowhere", "JSON pointer", |it| {
            it.people.iter_mut().for_each(|people| people.subject = "sub".into());
        }),
        with_descriptor("overrules-the-id-token", "stands in a user record", |it| {
            it.sign_in.user_records.push(honest::user_record(Some("me")));
            it.people.iter_mut().for_each(|people| people.subject = "/me/id".into());
        }),
        with_descriptor("knows-nobody", "neither an ID token nor a user record", |it| {
            it.sign_in.endpoints = wire::Endpoints::Plain(honest::plain());
        }),
        with_descriptor("asks-for-the-refresh-token", "which is a credential", |it| {
            it.sign_in.token_reply = vec!["refreshToken".into()];
        }),
        with_record("has-a-record-without-a-place", "every other one a member", || {
            honest::user_record(None)
        }),
        with_record("has-a-record-without-permission", "no permission", || wire::UserRecord {
            permission: "write".into(),
            ..honest::user_record(Some("me"))
        }),
        with_record("has-a-record-elsewhere", "does not cover", || wire::UserRecord {
            url: "https://evil.example/user".into(),
            ..honest::user_record(Some("me"))
        }),
    ]
}

fn permissions() -> Vec<Hostile> {
    let with_permission = |name, breaks, change: fn(&mut wire::Permission)| {
        with_descriptor(name, breaks, move |it| change(&mut it.permissions[0]))
    };
    let reserved = "which is the host's";
    vec![
        with_permission("goes-everywhere", "top-level domain", |it| {
            it.hosts = vec!["*.com".into()]
        }),
        with_permission("goes-to-any-host", "name of a host", |it| it.hosts = vec!["*".into()]),
        with_permission("goes-to-any-path", "does not start with '/'", |it| {
            it.paths = vec!["x".into()]
        }),
        with_permission("sets-the-authorization", reserved, |it| {
            it.request_headers = vec!["Authorization".into()];
        }),
        with_permission("sets-cookies", reserved, |it| it.request_headers = vec!["cookie".into()]),
        with_permission("forges-who-forwarded", reserved, |it| {
            it.request_headers = vec!["x-forwarded-for".into()];
        }),
        with_permission("reads-cookies", reserved, |it| {
            it.reply_headers = vec!["Set-Cookie".into()]
        }),
        with_permission("puts-a-token-into-the-host", "takes none", |it| {
            it.placement = wire::Placement::Header("host".into());
        }),
        with_descriptor("puts-a-secret-into-a-cookie", "takes none", |it| {
            it.settings.push(honest::setting("api-key", wire::FieldKind::Secret));
            it.permissions[0].secret_headers.push(wire::SecretHeader {
                setting: "api-key".into(),
                header: "cookie".into(),
                prefix: String::new(),
            });
        }),
        with_descriptor("sends-a-secret-as-a-host", "names a secret", |it| {
            it.settings.push(honest::setting("api-key", wire::FieldKind::Secret));
            it.permissions[0].hosts.push("{api-key}.evil.example".into());
        }),
        with_descriptor("asks-a-hundred-permissions", "16 are allowed", |it| {
            let one = it.permissions[0].clone();
            let named = |n| wire::Permission { name: format!("list-{n}"), ..one.clone() };
            it.permissions = (0..100).map(named).collect();
        }),
    ]
}
