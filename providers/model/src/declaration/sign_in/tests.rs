use super::*;
use crate::{Settings, identity::TenantId};

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
        ..SignInTemplate::of_issuer("")
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

#[test]
fn a_secret_goes_where_it_was_declared_to_go_or_else_where_it_is_taken() {
    use ClientAuthentication::{Basic, None as Public, Post};
    let among = |declared: ClientAuthentication, announced: &[&str]| {
        let announced: Vec<_> = announced.iter().map(|name| (*name).to_owned()).collect();
        declared.among(&announced)
    };
    let (basic, post) = ("client_secret_basic", "client_secret_post");
    for (declared, announced, expected) in [
        (Basic, &[post][..], Some(Post)),
        (Basic, &["private_key_jwt", post], Some(Post)),
        (Basic, &[post, basic], Some(Basic)),
        (Post, &[post, basic], Some(Post)),
        (Post, &[basic], Some(Basic)),
        (Basic, &["none"], Some(Public)),
        (Basic, &["none", post], Some(Post)),
        (Basic, &["private_key_jwt", "tls_client_auth"], None),
        (Post, &["CLIENT_SECRET_POST"], None),
        // Its operator agreed that no secret is sent.
        (Public, &[basic, post], Some(Public)),
        (Public, &["private_key_jwt"], Some(Public)),
    ] {
        assert_eq!(among(declared, announced), expected, "{declared:?} {announced:?}");
    }
}
