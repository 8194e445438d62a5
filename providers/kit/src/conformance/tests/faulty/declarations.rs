//! Providers with a fault in their declaration.

use portico_domain::{
    provider::{
        CallError, Descriptor, EndpointTemplates, FieldKind, Placement, Principal, ProviderError,
        SecretHeader, SettingSpec, SignInTemplate, UserRecordTemplate,
    },
    testing::samples,
};

use super::Case;
use crate::{
    fixtures::Fixtures,
    testing::{FaultyProvider, fixtures},
};

fn spec(key: &str, required: bool) -> SettingSpec {
    let (key, label, help) = (key.into(), "Label".into(), "help".into());
    SettingSpec { key, label, help, kind: FieldKind::Text, required, default: None }
}

fn described(change: fn(&mut Descriptor)) -> FaultyProvider {
    FaultyProvider::described(change)
}

fn error() -> CallError {
    ProviderError::Unexpected("odd".into()).into()
}

pub(super) fn descriptors() -> Vec<Case> {
    vec![
        ("names-itself", None, described(|it| it.name = String::new())),
        ("names-itself", None, described(|it| it.account_noun = "a\nb".into())),
        ("has-a-semantic-version", None, described(|it| it.version = "1.0".into())),
        ("icon-is-an-svg", None, described(|it| it.icon = Some("icon.png".into()))),
        ("icon-is-an-svg", None, described(|it| it.icon = Some("<svg><script/></svg>".into()))),
        ("explains-its-settings", None, described(|it| it.settings[0].help = " ".into())),
        ("explains-its-settings", None, described(|it| it.settings.push(spec("address", false)))),
        (
            "defaults-are-allowed",
            None,
            described(|it| it.settings[0].default = Some("nowhere".into())),
        ),
        (
            "defaults-are-allowed",
            None,
            described(|it| it.settings[0].default = Some("https://{region}.example".into())),
        ),
        (
            "leaves-secrets-to-the-host",
            None,
            described(|it| it.settings.push(spec("client-secret", false))),
        ),
        (
            "leaves-secrets-to-the-host",
            None,
            described(|it| it.settings.push(spec("my-api-key", false))),
        ),
    ]
}

pub(super) fn settings() -> Vec<Case> {
    let needs_region = || Fixtures {
        settings: [("address", "https://cloud.example"), ("region", "eu")].into_iter().collect(),
        ..fixtures()
    };
    vec![
        (
            "takes-its-settings",
            None,
            FaultyProvider { configure: |_| Err(error()), ..FaultyProvider::correct() },
        ),
        (
            "refuses-missing-settings",
            Some(needs_region()),
            described(|it| it.settings.push(spec("region", true))),
        ),
        (
            "refuses-odd-settings",
            None,
            described(|it| {
                it.settings.push(SettingSpec { kind: FieldKind::Flag, ..spec("flag", false) });
            }),
        ),
    ]
}

fn secret(setting: &str, header: &str) -> SecretHeader {
    SecretHeader { setting: setting.into(), header: header.into(), prefix: String::new() }
}

pub(super) fn permissions() -> Vec<Case> {
    let placed = |placement: fn() -> Placement| {
        let mut faulty = FaultyProvider::correct();
        faulty.descriptor.permissions[0].placement = placement();
        faulty
    };
    let hosts = "permissions-name-hosts";
    vec![
        ("explains-its-permissions", None, described(|it| it.permissions.clear())),
        ("explains-its-permissions", None, described(|it| it.permissions[0].why.clear())),
        (
            "permissions-are-whole",
            None,
            described(|it| it.permissions[0].paths = vec!["api".into()]),
        ),
        ("permissions-are-whole", None, described(|it| it.permissions[0].methods.clear())),
        (hosts, None, described(|it| it.permissions[0].hosts.push("https://a.example".into()))),
        (hosts, None, described(|it| it.permissions[0].hosts.push("*.com".into()))),
        (hosts, None, described(|it| it.permissions[0].hosts.push("169.254.169.254".into()))),
        (hosts, None, described(|it| it.permissions[0].hosts.push("{region}".into()))),
        ("places-tokens-well", None, placed(|| Placement::Header("Cookie".into()))),
        ("places-tokens-well", None, placed(|| Placement::Prefix("a b".into()))),
        (
            "places-secrets-well",
            None,
            described(|it| {
                it.settings.push(SettingSpec { kind: FieldKind::Secret, ..spec("key", false) });
            }),
        ),
        (
            "places-secrets-well",
            None,
            described(|it| it.permissions[0].secret_headers.push(secret("address", "x-key"))),
        ),
        (
            "declares-headers-of-its-own",
            None,
            described(|it| it.permissions[0].reply_headers.push("Set-Cookie".into())),
        ),
        (
            "declares-headers-of-its-own",
            None,
            described(|it| it.permissions[0].request_headers.push("x-forwarded-for".into())),
        ),
    ]
}

fn record(url: &str, permission: &str, headers: &[(&str, &str)]) -> UserRecordTemplate {
    let headers = headers.iter().map(|&(name, value)| (name.into(), value.into())).collect();
    UserRecordTemplate { member: None, url: url.into(), headers, permission: permission.into() }
}

fn plain(records: Vec<UserRecordTemplate>) -> SignInTemplate {
    let url = |path: &str| format!("https://cloud.example/{path}");
    SignInTemplate {
        endpoints: EndpointTemplates::Plain {
            issuer: url("oauth"),
            authorization: url("oauth/authorize"),
            token: url("oauth/token"),
            end_session: None,
        },
        default_tenant: None,
        user_records: records,
        ..samples::sign_in_template()
    }
}

pub(super) fn sign_ins() -> Vec<Case> {
    fn s(sign_in: SignInTemplate) -> FaultyProvider {
        FaultyProvider::described(|it| it.sign_in = sign_in)
    }
    let issuer = |template: &str, default_tenant: Option<&str>| {
        s(SignInTemplate {
            endpoints: EndpointTemplates::OpenId(template.into()),
            default_tenant: default_tenant.map(Into::into),
            ..samples::sign_in_template()
        })
    };
    let parameter = SignInTemplate {
        parameters: vec![("state".into(), "1".into())],
        ..FaultyProvider::correct().descriptor.sign_in
    };
    let no_openid =
        SignInTemplate { scopes: vec![], ..FaultyProvider::correct().descriptor.sign_in };
    let url = "https://cloud.example/api/projects/me";
    let of_application = FaultyProvider::described(|it| {
        it.sign_in = plain(vec![record(url, "read", &[])]);
        it.permissions[0].principal = Principal::Application;
    });
    let good = record(url, "read", &[]);
    let member = UserRecordTemplate { member: Some("me".into()), ..good.clone() };
    let templates = "templates-name-its-settings";
    let settings = "signs-in-with-its-settings";
    let record_check = "can-tell-who-signed-in";
    vec![
        (templates, None, issuer("http://cloud.example", None)),
        (templates, None, issuer("{unheard-of}", None)),
        (templates, None, issuer("https://cloud.example/?state=1", None)),
        (templates, None, issuer("{address}/{tenant}", None)),
        (templates, None, issuer("{address}", Some("contoso"))),
        (templates, None, described(|it| it.sign_in.scopes.push("{unheard-of}".into()))),
        (settings, None, issuer("https://x.{address}.example", None)),
        (settings, None, issuer("{address}/{tenant}", Some("a b"))),
        ("asks-for-sign-in-parameters-of-its-own", None, s(parameter)),
        ("asks-for-sign-in-parameters-of-its-own", None, s(no_openid)),
        (record_check, None, s(plain(vec![]))),
        (record_check, None, s(plain(vec![member]))),
        (record_check, None, s(plain(vec![good.clone(), good]))),
        (record_check, None, s(plain(vec![record("https://cloud.example/me", "read", &[])]))),
        (record_check, None, s(plain(vec![record(url, "read", &[("x-new", "1")])]))),
        (record_check, None, s(plain(vec![record(url, "write", &[])]))),
        (record_check, None, of_application),
    ]
}

pub(super) fn people() -> Vec<Case> {
    fn p(change: fn(&mut portico_domain::provider::SubjectMapping)) -> FaultyProvider {
        FaultyProvider::described(|it| change(it.people.as_mut().unwrap()))
    }
    vec![
        ("points-to-people", None, p(|it| it.subject = "/email".into())),
        ("points-to-people", None, p(|it| it.subject = "sub".into())),
        ("points-to-people", None, p(|it| it.display_name.push("name".into()))),
        ("names-who-signed-in", None, p(|it| it.subject = "/oid".into())),
        ("has-a-name-to-show", None, p(|it| it.display_name = vec!["/nickname".into()])),
        ("has-a-name-to-show", None, p(|it| it.display_name.clear())),
        (
            // The tenant of the claims is not the one in the issuer's path.
            "names-who-signed-in",
            None,
            described(|it| {
                it.sign_in.endpoints = EndpointTemplates::OpenId("{address}/{tenant}".into());
                it.sign_in.default_tenant = Some("contoso".into());
                it.people.as_mut().unwrap().tenant = Some("/sub".into());
            }),
        ),
    ]
}
