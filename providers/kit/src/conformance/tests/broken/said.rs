//! Providers that say something wrong of themselves, of the sign-in or of people.

use portico_domain::{
    provider::{
        Descriptor, Endpoints, FieldKind, People, Placement, Problem, SettingSpec, SignIn,
        UserRecord,
    },
    testing::samples,
};
use url::Url;

use super::Broken;
use crate::{
    Fixtures,
    testing::{Bent, fixtures},
};

fn spec(key: &str, required: bool) -> SettingSpec {
    let (key, label, help) = (key.into(), "Label".into(), "help".into());
    SettingSpec { key, label, help, kind: FieldKind::Text, required, default: None }
}

pub(super) fn descriptions() -> Vec<Broken> {
    fn d(change: fn(&mut Descriptor)) -> Bent {
        Bent::described(change)
    }
    let needs_region = || Fixtures {
        settings: [("address", "https://cloud.example"), ("region", "eu")].into_iter().collect(),
        ..fixtures()
    };
    vec![
        ("names-itself", None, d(|it| it.name = String::new())),
        ("names-itself", None, d(|it| it.account_noun = "a\nb".into())),
        ("has-a-semantic-version", None, d(|it| it.version = "1.0".into())),
        ("icon-is-an-svg", None, d(|it| it.icon = Some("icon.png".into()))),
        ("icon-is-an-svg", None, d(|it| it.icon = Some("<svg><script/></svg>".into()))),
        ("explains-its-settings", None, d(|it| it.settings[0].help = " ".into())),
        ("explains-its-settings", None, d(|it| it.settings.push(spec("address", false)))),
        ("defaults-are-allowed", None, d(|it| it.settings[0].default = Some("nowhere".into()))),
        ("asks-for-no-secret", None, d(|it| it.settings.push(spec("client-secret", false)))),
        ("points-to-people", None, d(|it| it.people = at("/email"))),
        ("points-to-people", None, d(|it| it.people = at("sub"))),
        ("explains-its-grants", None, d(|it| it.grants.clear())),
        ("explains-its-grants", None, d(|it| it.grants[0].why.clear())),
        ("grants-are-whole", None, d(|it| it.grants[0].paths = vec!["api".into()])),
        ("grants-are-whole", None, d(|it| it.grants[0].methods.clear())),
        ("grants-name-hosts", None, d(|it| it.grants[0].hosts.push("https://a.example".into()))),
        ("grants-name-hosts", None, d(|it| it.grants[0].hosts.push("*.com".into()))),
        ("grants-name-hosts", None, d(|it| it.grants[0].hosts.push("169.254.169.254".into()))),
        ("grants-name-hosts", None, d(|it| it.grants[0].hosts.push("{region}".into()))),
        (
            "places-tokens-well",
            None,
            d(|it| it.grants[0].placement = Placement::Header("Cookie".into())),
        ),
        ("takes-its-settings", None, Bent { configure: |_| Err(odd()), ..Bent::straight() }),
        (
            "refuses-missing-settings",
            Some(needs_region()),
            d(|it| it.settings.push(spec("region", true))),
        ),
        (
            "refuses-odd-settings",
            None,
            d(|it| {
                it.settings.push(SettingSpec { kind: FieldKind::Flag, ..spec("flag", false) });
            }),
        ),
    ]
}

fn odd() -> Problem {
    Problem::Unexpected("odd".into())
}

fn at(subject: &str) -> Option<People> {
    Some(People::At { subject: subject.into(), tenant: None })
}

pub(super) fn sign_ins() -> Vec<Broken> {
    fn s(change: impl Fn(&mut SignIn) + Send + Sync + 'static) -> Bent {
        Bent::signing_in(change)
    }
    let issuer =
        |url: &'static str| s(move |it| it.endpoints = Endpoints::OpenId(Url::parse(url).unwrap()));
    let plain = |grant: Option<&'static str>| {
        s(move |it| {
            let mut plain = samples::plain_endpoints();
            let url = Url::parse("https://cloud.example/api/me").unwrap();
            plain.user_record =
                grant.map(|grant| UserRecord { url, headers: vec![], grant: grant.into() });
            it.endpoints = Endpoints::Plain(plain);
        })
    };
    vec![
        ("signs-in-over-https", None, issuer("http://cloud.example")),
        ("signs-in-over-https", None, issuer("https://a:b@cloud.example")),
        (
            "asks-for-sign-in-parameters-of-its-own",
            None,
            s(|it| it.parameters.push(("state".into(), "1".into()))),
        ),
        ("asks-for-sign-in-parameters-of-its-own", None, s(|it| it.scopes.clear())),
        ("can-tell-who-signed-in", None, plain(None)),
        ("can-tell-who-signed-in", None, plain(Some("read"))),
    ]
}

pub(super) fn people() -> Vec<Broken> {
    vec![
        (
            "says-who-signed-in",
            None,
            Bent::naming(|_, _| Ok(samples::identity("contoso", "marek"))),
        ),
        ("says-who-signed-in", None, Bent::naming(|_, _| Err(odd()))),
        (
            "names-nobody-without-a-subject",
            None,
            Bent::naming(|_, named| {
                Ok(named.unwrap_or_else(|_| samples::identity("cloud.example", "somebody")))
            }),
        ),
        (
            "survives-odd-claims",
            None,
            Bent::naming(|claims, named| {
                let members = claims.members();
                assert!(members["name"].is_string(), "the name is no text");
                named
            }),
        ),
    ]
}
