//! Those whose descriptor breaks a rule: they are refused before an operator is asked to agree.

use super::{Hostile, When, changed, honest};
use crate::bindings::wire;

pub(super) fn all() -> Vec<Hostile> {
    let mut all = about_itself();
    all.extend(about_settings());
    all.extend(about_addresses());
    all.extend(about_tenants());
    all.extend(about_people());
    all.extend(about_permissions());
    all
}

/// A guest that lies in its descriptor.
fn lie(
    name: &'static str,
    breaks: &'static str,
    change: impl FnOnce(&mut wire::Descriptor),
) -> Hostile {
    changed(name, When::Load, breaks, |it| change(&mut it.descriptor))
}

fn about_itself() -> Vec<Hostile> {
    vec![
        lie("breaks-its-id", "lower-case letters, digits or '-'", |it| {
            it.id = "Azure\r\nSet-Cookie: a=b".into();
        }),
        lie("hides-in-its-name", "visible characters", |it| it.name = "Azure\u{202e}".into()),
        lie("has-a-megabyte-of-name", "visible characters", |it| it.name = "n".repeat(1 << 20)),
        lie("has-no-version", "semantic version", |it| it.version = "newest".into()),
    ]
}

fn about_settings() -> Vec<Hostile> {
    let secret = || honest::setting("api-key", wire::FieldKind::Secret);
    vec![
        lie("asks-a-thousand-settings", "32 are allowed", |it| {
            let ask = |n| honest::setting(&format!("setting-{n}"), wire::FieldKind::Text);
            it.settings.extend((0..1000).map(ask));
        }),
        lie("asks-for-the-client-secret", "a key of the host's", |it| {
            it.settings.push(honest::setting("client-secret", wire::FieldKind::Text));
        }),
        lie("asks-for-the-tenant", "a key of the host's", |it| {
            it.settings.push(honest::setting("tenant", wire::FieldKind::Text));
        }),
        lie("knows-a-secret", "has a default", move |it| {
            it.settings.push(wire::SettingSpec { default: Some("known".into()), ..secret() });
        }),
        lie("defaults-to-a-later-setting", "no setting that it asks for", |it| {
            it.settings[0].default = Some("https://{region}.example".into());
            it.settings.push(honest::setting("region", wire::FieldKind::Text));
        }),
        lie("defaults-to-a-secret", "is a secret", move |it| {
            let shown = honest::setting("shown", wire::FieldKind::Text);
            it.settings.push(secret());
            it.settings.push(wire::SettingSpec { default: Some("{api-key}".into()), ..shown });
        }),
    ]
}

fn about_addresses() -> Vec<Hostile> {
    let signs_in = |name, breaks, issuer: &'static str| {
        lie(name, breaks, move |it| {
            it.settings.push(honest::setting("api-key", wire::FieldKind::Secret));
            it.sign_in.endpoints = wire::Endpoints::Openid(issuer.into());
        })
    };
    vec![
        signs_in("signs-in-over-http", "https address", "http://evil.example"),
        signs_in("signs-in-with-a-script", "https address", "javascript:alert(1)"),
        signs_in("signs-in-with-a-query", "https address", "{issuer}/?redirect_uri=x"),
        signs_in("signs-in-with-a-user", "https address", "https://u:p@evil.example"),
        signs_in("signs-in-at-no-setting", "{realm} is no setting", "{issuer}/{realm}"),
        signs_in("signs-in-at-a-secret", "{api-key} is a secret", "https://{api-key}.evil.example"),
        lie("scopes-of-a-secret", "{api-key} is a secret", |it| {
            it.settings.push(honest::setting("api-key", wire::FieldKind::Secret));
            it.sign_in.scopes.push("{api-key}".into());
        }),
    ]
}

fn about_tenants() -> Vec<Hostile> {
    let signs_in = |name, breaks, issuer: &'static str| {
        lie(name, breaks, move |it| {
            it.sign_in.endpoints = wire::Endpoints::Openid(issuer.into());
            it.sign_in.default_tenant = Some("common".into());
            if let Some(people) = &mut it.people {
                people.tenant = Some("/tid".into());
            }
        })
    };
    let segment = "one whole segment of the path";
    vec![
        signs_in("lets-the-tenant-be-the-host", segment, "https://{tenant}.evil.example"),
        signs_in("lets-the-tenant-be-half-a-part", segment, "{issuer}/x-{tenant}"),
        signs_in("names-the-tenant-twice", segment, "{issuer}/{tenant}/{tenant}"),
        signs_in("climbs-over-the-tenant", segment, "{issuer}/{tenant}/../common"),
        lie("has-tenants-without-an-issuer", "and its issuer has not", |it| {
            let plain = honest::plain();
            let token = "{issuer}/{tenant}/token".into();
            it.sign_in.endpoints = wire::Endpoints::Plain(wire::PlainEndpoints { token, ..plain });
        }),
        lie("has-no-default-tenant", "belong together", |it| {
            it.sign_in.endpoints = wire::Endpoints::Openid("{issuer}/{tenant}".into());
        }),
        lie("mixes-its-tenants", "says of nobody which tenant", |it| {
            it.sign_in.endpoints = wire::Endpoints::Openid("{issuer}/{tenant}".into());
            it.sign_in.default_tenant = Some("common".into());
        }),
    ]
}

fn about_people() -> Vec<Hostile> {
    let records = |name, breaks, record: fn() -> wire::UserRecord| {
        lie(name, breaks, move |it| it.sign_in.user_records.push(record()))
    };
    vec![
        lie("points-nowhere", "JSON pointer", |it| {
            it.people.iter_mut().for_each(|people| people.subject = "sub".into());
        }),
        lie("overrules-the-id-token", "stands in a user record", |it| {
            it.sign_in.user_records.push(honest::user_record(Some("me")));
            it.people.iter_mut().for_each(|people| people.subject = "/me/id".into());
        }),
        lie("knows-nobody", "neither an ID token nor a user record", |it| {
            it.sign_in.endpoints = wire::Endpoints::Plain(honest::plain());
        }),
        lie("asks-for-the-refresh-token", "which is a credential", |it| {
            it.sign_in.token_reply = vec!["refreshToken".into()];
        }),
        records("has-a-record-without-a-place", "every other one a member", || {
            honest::user_record(None)
        }),
        records("has-a-record-without-permission", "no permission", || wire::UserRecord {
            permission: "write".into(),
            ..honest::user_record(Some("me"))
        }),
        records("has-a-record-elsewhere", "does not cover", || wire::UserRecord {
            url: "https://evil.example/user".into(),
            ..honest::user_record(Some("me"))
        }),
    ]
}

fn about_permissions() -> Vec<Hostile> {
    let asks = |name, breaks, change: fn(&mut wire::Permission)| {
        lie(name, breaks, move |it| change(&mut it.permissions[0]))
    };
    let hosts = "which is the host's";
    vec![
        asks("goes-everywhere", "top-level domain", |it| it.hosts = vec!["*.com".into()]),
        asks("goes-to-any-host", "name of a host", |it| it.hosts = vec!["*".into()]),
        asks("goes-to-any-path", "does not start with '/'", |it| it.paths = vec!["x".into()]),
        asks("sets-the-authorization", hosts, |it| {
            it.request_headers = vec!["Authorization".into()];
        }),
        asks("sets-cookies", hosts, |it| it.request_headers = vec!["cookie".into()]),
        asks("forges-who-forwarded", hosts, |it| {
            it.request_headers = vec!["x-forwarded-for".into()];
        }),
        asks("reads-cookies", hosts, |it| it.reply_headers = vec!["Set-Cookie".into()]),
        asks("puts-a-token-into-the-host", "takes none", |it| {
            it.placement = wire::Placement::Header("host".into());
        }),
        lie("puts-a-secret-into-a-cookie", "takes none", |it| {
            it.settings.push(honest::setting("api-key", wire::FieldKind::Secret));
            it.permissions[0].secret_headers.push(wire::SecretHeader {
                setting: "api-key".into(),
                header: "cookie".into(),
                prefix: String::new(),
            });
        }),
        lie("sends-a-secret-as-a-host", "names a secret", |it| {
            it.settings.push(honest::setting("api-key", wire::FieldKind::Secret));
            it.permissions[0].hosts.push("{api-key}.evil.example".into());
        }),
        lie("asks-a-hundred-permissions", "16 are allowed", |it| {
            let one = it.permissions[0].clone();
            let named = |n| wire::Permission { name: format!("list-{n}"), ..one.clone() };
            it.permissions = (0..100).map(named).collect();
        }),
    ]
}
