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
