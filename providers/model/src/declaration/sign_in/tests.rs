use rstest::rstest;

use super::{
    ClientAuthentication::{Basic, None as Public, Post},
    *,
};
use crate::{declaration::Settings, identity::TenantId};

const GUID: &str = "7f7a0000-0000-0000-0000-00000000000a";

fn entra() -> ConfiguredSignIn {
    let template = SignInTemplate {
        endpoints: EndpointTemplates::OpenId("{authority-host}/{tenant}/v2.0".into()),
        default_tenant: Some("{tenant-id}".into()),
        scopes: vec!["{resource}/.default".into(), "{more}".into()],
        ..SignInTemplate::of_issuer("")
    };
    let settings = Settings::from_iter([
        ("authority-host", "https://login.example/"),
        ("tenant-id", "organizations"),
        ("resource", "https://arm.example/"),
        ("more", " openid  profile "),
    ]);
    ConfiguredSignIn::new(template, Some("/tid"), settings).unwrap()
}

fn tenant(text: &str) -> TenantId {
    TenantId::parse(text).unwrap()
}

#[test]
fn at_fills_requested_or_default_tenant() {
    let issuer = |tenant: Option<&TenantId>| entra().at(tenant).unwrap().issuer().to_string();
    assert_eq!(issuer(None), "https://login.example/organizations/v2.0");
    assert_eq!(issuer(Some(&tenant(GUID))), format!("https://login.example/{GUID}/v2.0"));
}

#[test]
fn at_splits_scopes_of_a_setting_and_sets_tenant_claim() {
    let sign_in = entra().at(None).unwrap();
    assert_eq!(sign_in.scopes, ["https://arm.example/.default", "openid", "profile"]);
    assert_eq!(sign_in.tenant_claim.as_deref(), Some("tid"));
}

#[test]
fn speaks_for_is_true_for_the_tenant_in_the_issuer_path_only() {
    let entra = entra();
    let issuer = format!("https://login.example/{GUID}/v2.0");
    assert!(entra.speaks_for(&issuer, &tenant(GUID)));
    assert!(entra.speaks_for(&issuer, &tenant(&GUID.to_uppercase())));
    for other in ["contoso", "organizations", "..", "x/v2.0"] {
        assert!(!entra.speaks_for(&issuer, &tenant(other)), "{other}");
    }
}

#[rstest]
#[case::label_of_host("https://{word}.example", true)]
#[case::unknown_setting("{unheard-of}", false)]
#[case::plain_http("{plain}", false)]
#[case::no_address("{word}", false)]
#[case::tenant_without_default("https://id.example/{tenant}", false)]
fn new_checks_issuer_filled_with_settings(#[case] issuer: &str, #[case] is_valid: bool) {
    let settings = Settings::from_iter([("plain", "http://id.example"), ("word", "x")]);
    let configured = ConfiguredSignIn::new(SignInTemplate::of_issuer(issuer), None, settings);
    assert_eq!(configured.is_ok(), is_valid);
}

#[test]
fn issuer_settings_are_the_placeholders_of_issuer_and_default_tenant() {
    assert_eq!(entra().issuer_settings(), ["authority-host", "tenant-id"]);
    assert!(!entra().issuer_is_a_setting());
    let of = |issuer: &str| {
        let template = SignInTemplate::of_issuer(issuer);
        let settings = Settings::from_iter([("issuer", "https://id.example/realm")]);
        ConfiguredSignIn::new(template, None, settings).unwrap()
    };
    assert_eq!(of("{issuer}").issuer_settings(), ["issuer"]);
    assert!(of("{issuer}").issuer_is_a_setting());
    assert!(!of("{issuer}/v2").issuer_is_a_setting());
    assert_eq!(of("https://id.example").issuer_settings(), [""; 0]);
}

#[rstest]
#[case::tenant("https://id.example/{tenant}", true)]
#[case::setting("{issuer}", false)]
#[case::no_placeholder("https://id.example/tenant", false)]
fn issuer_names_tenant_if_its_template_does(#[case] issuer: &str, #[case] expected: bool) {
    let template = SignInTemplate {
        default_tenant: Some("contoso".into()),
        ..SignInTemplate::of_issuer(issuer)
    };
    let settings = Settings::from_iter([("issuer", "https://id.example/realm")]);
    let configured = ConfiguredSignIn::new(template, None, settings).unwrap();
    assert_eq!(configured.issuer_names_tenant(), expected);
}

fn plain(end_session: Option<&str>) -> EndpointTemplates {
    EndpointTemplates::Plain {
        issuer: "https://id.example".into(),
        authorization: "https://id.example/authorize".into(),
        token: "https://id.example/token".into(),
        end_session: end_session.map(str::to_owned),
    }
}

#[rstest]
#[case::value("https://id.example/logout", Some("https://id.example/logout"))]
#[case::setting("{logout}", Some("https://id.example/out"))]
#[case::setting_without_value("{unset}", None)]
fn at_fills_end_session_endpoint_unless_its_setting_has_no_value(
    #[case] end_session: &str,
    #[case] expected: Option<&str>,
) {
    let endpoints = plain(Some(end_session));
    let template = SignInTemplate { endpoints, ..SignInTemplate::of_issuer("") };
    let settings = Settings::from_iter([("logout", "https://id.example/out")]);
    let sign_in = ConfiguredSignIn::new(template, None, settings).unwrap().at(None).unwrap();
    let Endpoints::Plain(endpoints) = sign_in.endpoints else { panic!("{sign_in:?}") };
    assert_eq!(endpoints.end_session.as_ref().map(url::Url::as_str), expected);
}

#[test]
fn addresses_are_the_templates_of_every_endpoint() {
    let issuer = ("issuer", "https://id.example");
    assert_eq!(EndpointTemplates::OpenId(issuer.1.into()).addresses(), [issuer]);
    let required = [
        issuer,
        ("authorization endpoint", "https://id.example/authorize"),
        ("token endpoint", "https://id.example/token"),
    ];
    assert_eq!(plain(None).addresses(), required);
    let end_session = ("end-session endpoint", "https://id.example/logout");
    assert_eq!(plain(Some(end_session.1)).addresses(), [&required[..], &[end_session]].concat());
}

const BASIC: &str = "client_secret_basic";
const POST: &str = "client_secret_post";

#[rstest]
#[case::basic_and_post_only(Basic, &[POST], Some(Post))]
#[case::basic_and_unsupported(Basic, &["private_key_jwt", POST], Some(Post))]
#[case::basic_announced_last(Basic, &[POST, BASIC], Some(Basic))]
#[case::post_announced_first(Post, &[POST, BASIC], Some(Post))]
#[case::post_and_basic_only(Post, &[BASIC], Some(Basic))]
#[case::basic_and_none_only(Basic, &["none"], Some(Public))]
#[case::post_before_none(Basic, &["none", POST], Some(Post))]
#[case::nothing_supported(Basic, &["private_key_jwt", "tls_client_auth"], None)]
#[case::upper_case(Post, &["CLIENT_SECRET_POST"], None)]
#[case::public_stays_public(Public, &[BASIC, POST], Some(Public))]
#[case::public_and_nothing_supported(Public, &["private_key_jwt"], Some(Public))]
fn among_prefers_declared_method(
    #[case] declared: ClientAuthentication,
    #[case] announced: &[&str],
    #[case] expected: Option<ClientAuthentication>,
) {
    let announced: Vec<_> = announced.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(declared.among(&announced), expected);
}
