use portico_provider::{
    Url,
    identity::{Claims, Identity, TenantId},
    provider::{ConfiguredSignIn, Method, SignIn, SubjectNotFound},
    serde_json::{Value, json},
    testing::{Cloud, ok},
};

use super::*;

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const OTHER: &str = "00000000-1111-2222-3333-444444444444";
const OID: &str = "00000000-0000-0000-66f3-3332eca7ea81";

fn azure(pairs: &[(&str, &str)]) -> Cloud<AzureProvider> {
    Cloud::with(pairs)
}

/// The declared sign-in with these settings, as the host carries it out.
fn configured(pairs: &[(&str, &str)]) -> ConfiguredSignIn {
    let descriptor = AzureProvider::describe();
    let settings = Settings::from_iter(pairs.iter().copied());
    let settings = settings.complete(&descriptor.settings).unwrap();
    let tenant_pointer = descriptor.tenant_pointer().map(str::to_owned);
    ConfiguredSignIn::new(descriptor.sign_in, tenant_pointer.as_deref(), settings).unwrap()
}

fn signs_in(pairs: &[(&str, &str)]) -> SignIn {
    configured(pairs).at(None).unwrap()
}

/// Whom the claims of a good token name, with these changed; a null takes one out.
fn identified(changed: Value) -> Result<Identity, SubjectNotFound> {
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let mut claims = json!({
        "iss": issuer, "tid": TENANT, "oid": OID, "name": "Zofia Nowak",
        "preferred_username": "zofia@contoso.example", "email": "ceo@contoso.example",
    });
    claims.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
    identity().identify(&Claims::parse(claims.to_string()).unwrap(), &issuer)
}

#[test]
fn sign_in_is_at_the_tenants_issuer_with_the_scopes_of_the_contract() {
    let sign_in = signs_in(&[("tenant-id", TENANT)]);
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    assert_eq!(sign_in.issuer().as_str(), issuer);
    let scopes = ["https://management.azure.com/.default", "openid", "profile", "offline_access"];
    assert_eq!(sign_in.scopes, scopes);
    assert_eq!(sign_in.tenant_claim.as_deref(), Some("tid"));
    assert!(sign_in.parameters.is_empty() && sign_in.user_records.is_empty());
}

#[test]
fn sign_in_is_at_the_tenant_that_was_asked_for_before_the_configured_one() {
    let asked = TenantId::parse(OTHER).unwrap();
    let sign_in = configured(&[("tenant-id", TENANT)]).at(Some(&asked)).unwrap();
    let issuer = format!("https://login.microsoftonline.com/{OTHER}/v2.0");
    assert_eq!(sign_in.issuer().as_str(), issuer);
}

#[test]
fn sign_in_names_a_tenant_in_lower_case_however_it_is_configured() {
    let sign_in = signs_in(&[("tenant-id", &TENANT.to_ascii_uppercase())]);
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    assert_eq!(sign_in.issuer().as_str(), issuer);
}

#[test]
fn sign_in_is_the_same_for_an_address_with_a_slash_at_its_end() {
    let sign_in = signs_in(&[
        ("tenant-id", "common"),
        ("authority-host", "http://127.0.0.1:4000/entra/"),
        ("resource-manager-url", "http://127.0.0.1:4001/"),
    ]);
    assert_eq!(sign_in.issuer().as_str(), "http://127.0.0.1:4000/entra/common/v2.0");
    assert_eq!(sign_in.scopes[0], "http://127.0.0.1:4001/.default");
}

#[test]
fn permissions_cover_the_list_of_subscriptions_and_no_other_host() {
    let azure = azure(&[("tenant-id", TENANT)]);
    let descriptor = azure.descriptor();
    assert_eq!(descriptor.id.as_str(), "azure");
    assert_eq!(descriptor.permissions.len(), 2);
    for permission in &descriptor.permissions {
        assert_eq!(permission.scopes, ["https://management.azure.com/.default"]);
        let covers = |url: &str| permission.covers(Method::Get, &Url::parse(url).unwrap());
        assert!(covers("https://management.azure.com/subscriptions?api-version=2022-12-01"));
        assert!(!covers("https://management.azure.com/tenants"));
        assert!(!covers("https://evil.example/subscriptions"));
    }
}

#[test]
fn a_person_is_their_oid_in_their_tid_whatever_their_address() {
    let identity = identified(json!({})).unwrap();
    assert_eq!((identity.subject.as_str(), identity.tenant.as_str()), (OID, TENANT));
    assert_eq!(identity.display_name, "Zofia Nowak");
    assert_eq!(identity.username.as_deref(), Some("zofia@contoso.example"));
}

#[test]
fn a_person_without_a_name_is_shown_by_what_they_sign_in_with_or_their_id() {
    let shown = |changed| identified(changed).unwrap().display_name;
    assert_eq!(shown(json!({"name": null})), "zofia@contoso.example");
    assert_eq!(shown(json!({"name": "\u{202e}\r\n", "preferred_username": 7})), OID);
    assert_eq!(shown(json!({"name": "Zofia\r\nSet-Cookie: a"})), "ZofiaSet-Cookie: a");
}

#[test]
fn a_person_without_an_object_id_is_refused() {
    for oid in [json!(null), json!(""), json!({}), json!("a b")] {
        assert!(identified(json!({"oid": oid})).is_err(), "{oid}");
    }
}

#[test]
fn an_issuer_does_not_speak_for_another_tenant_or_for_none() {
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    for tenant_id in ["organizations", TENANT] {
        let sign_in = configured(&[("tenant-id", tenant_id)]);
        let speaks_for =
            |changed: Value| sign_in.speaks_for(&issuer, &identified(changed).unwrap().tenant);
        assert!(speaks_for(json!({})));
        for tid in [json!(OTHER), json!("contoso"), json!(null), json!({})] {
            assert!(!speaks_for(json!({"tid": tid})), "{tid}");
        }
    }
}

#[test]
fn exported_provider_lists_what_its_permission_covers() {
    let cloud = azure(&[("tenant-id", TENANT)]);
    assert_eq!(cloud.listed([ok(r#"{"value":[{"subscriptionId":"one"}]}"#)]).ids(), ["one"]);
}
