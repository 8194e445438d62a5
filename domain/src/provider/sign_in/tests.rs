use super::*;
use crate::testing::samples;

const GUID: &str = "7f7a0000-0000-0000-0000-00000000000a";

fn entra() -> ConfiguredSignIn {
    let template = SignInTemplate {
        endpoints: EndpointTemplates::OpenId("{authority-host}/{tenant}/v2.0".into()),
        default_tenant: Some("{tenant-id}".into()),
        scopes: vec!["{resource}/.default".into(), "{more}".into()],
        ..samples::sign_in_template()
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
fn at_fills_the_asked_tenant_or_the_default() {
    let issuer = |tenant: Option<&TenantId>| entra().at(tenant).unwrap().issuer().to_string();
    assert_eq!(issuer(None), "https://login.example/organizations/v2.0");
    assert_eq!(issuer(Some(&tenant(GUID))), format!("https://login.example/{GUID}/v2.0"));
}

#[test]
fn at_splits_scopes_of_a_setting_and_names_the_tenant_claim() {
    let sign_in = entra().at(None).unwrap();
    assert_eq!(sign_in.scopes, ["https://arm.example/.default", "openid", "profile"]);
    assert_eq!(sign_in.tenant_claim.as_deref(), Some("tid"));
}

#[test]
fn an_issuer_speaks_for_the_tenant_in_its_path_alone() {
    let entra = entra();
    let issuer = format!("https://login.example/{GUID}/v2.0");
    assert!(entra.speaks_for(&issuer, &tenant(GUID)));
    assert!(entra.speaks_for(&issuer, &tenant(&GUID.to_uppercase())));
    for other in ["contoso", "organizations", "..", "x/v2.0"] {
        assert!(!entra.speaks_for(&issuer, &tenant(other)), "{other}");
    }
}

#[test]
fn new_refuses_settings_that_make_no_address() {
    let template = |issuer: &str| SignInTemplate {
        endpoints: EndpointTemplates::OpenId(issuer.into()),
        default_tenant: None,
        ..samples::sign_in_template()
    };
    let settings = Settings::from_iter([("plain", "http://id.example"), ("word", "x")]);
    for issuer in ["{unheard-of}", "{plain}", "{word}", "https://id.example/{tenant}"] {
        let refused = ConfiguredSignIn::new(template(issuer), None, settings.clone());
        assert!(refused.is_err(), "{issuer}");
    }
    assert!(ConfiguredSignIn::new(template("https://{word}.example"), None, settings).is_ok());
}

#[test]
fn the_settings_of_an_issuer_are_those_that_its_address_is_made_of() {
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
