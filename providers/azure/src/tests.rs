mod tenants;

use portico_provider::{
    Url,
    identity::{Claims, Identity, TenantId},
    provider::{ConfiguredSignIn, Method, SignIn, SubjectNotFound},
    serde_json::{Value, json},
    testing::{Cloud, ok},
};
use rstest::rstest;

use super::*;

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const OTHER: &str = "00000000-1111-2222-3333-444444444444";
const OID: &str = "00000000-0000-0000-66f3-3332eca7ea81";

fn azure(pairs: &[(&str, &str)]) -> Cloud<AzureProvider> {
    Cloud::with(pairs)
}

/// The declared sign-in with these settings.
fn configured(pairs: &[(&str, &str)]) -> ConfiguredSignIn {
    let descriptor = AzureProvider::describe();
    let settings = Settings::from_iter(pairs.iter().copied());
    let settings = settings.complete(&descriptor.settings).unwrap();
    let tenant_pointer = descriptor.tenant_pointer().map(str::to_owned);
    ConfiguredSignIn::new(descriptor.sign_in, tenant_pointer.as_deref(), settings).unwrap()
}

fn sign_in_with(pairs: &[(&str, &str)]) -> SignIn {
    configured(pairs).at(None).unwrap()
}

/// The identity in the claims of a valid token with these changes. A null removes a claim.
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
fn sign_in_has_issuer_of_the_tenant_and_scopes_of_the_contract() {
    let sign_in = sign_in_with(&[("tenant-id", TENANT)]);
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    assert_eq!(sign_in.issuer().as_str(), issuer);
    let scopes = ["https://management.azure.com/.default", "openid", "profile", "offline_access"];
    assert_eq!(sign_in.scopes, scopes);
    assert_eq!(sign_in.tenant_claim.as_deref(), Some("tid"));
    assert!(sign_in.parameters.is_empty() && sign_in.user_records.is_empty());
}

#[test]
fn sign_in_prefers_requested_tenant_to_configured_one() {
    let requested = TenantId::parse(OTHER).unwrap();
    let sign_in = configured(&[("tenant-id", TENANT)]).at(Some(&requested)).unwrap();
    let issuer = format!("https://login.microsoftonline.com/{OTHER}/v2.0");
    assert_eq!(sign_in.issuer().as_str(), issuer);
}

#[test]
fn sign_in_has_tenant_guid_in_lower_case() {
    let sign_in = sign_in_with(&[("tenant-id", &TENANT.to_ascii_uppercase())]);
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    assert_eq!(sign_in.issuer().as_str(), issuer);
}

#[test]
fn sign_in_ignores_trailing_slash_of_addresses() {
    let sign_in = sign_in_with(&[
        ("tenant-id", "common"),
        ("authority-host", "http://127.0.0.1:4000/entra/"),
        ("resource-manager-url", "http://127.0.0.1:4001/"),
    ]);
    assert_eq!(sign_in.issuer().as_str(), "http://127.0.0.1:4000/entra/common/v2.0");
    assert_eq!(sign_in.scopes[0], "http://127.0.0.1:4001/.default");
}

#[test]
fn permissions_cover_subscriptions_and_the_persons_one_tenants_too() {
    let azure = azure(&[("tenant-id", TENANT)]);
    let descriptor = azure.descriptor();
    assert_eq!(descriptor.id.as_str(), "azure");
    assert_eq!(descriptor.permissions.len(), 2);
    for permission in &descriptor.permissions {
        assert_eq!(permission.scopes, ["https://management.azure.com/.default"]);
        let covers = |url: &str| permission.covers(Method::Get, &Url::parse(url).unwrap());
        assert!(covers("https://management.azure.com/subscriptions?api-version=2022-12-01"));
        let is_persons = permission.principal == Principal::SignedInUser;
        assert_eq!(
            covers("https://management.azure.com/tenants?api-version=2022-12-01"),
            is_persons
        );
        assert_eq!(descriptor.uses_other_tenants(&permission.name), is_persons);
        assert!(!covers("https://management.azure.com/providers"));
        assert!(!covers("https://evil.example/subscriptions"));
    }
}

#[test]
fn identity_is_oid_and_tid_and_not_email() {
    let identity = identified(json!({})).unwrap();
    assert_eq!((identity.subject.as_str(), identity.tenant.as_str()), (OID, TENANT));
    assert_eq!(identity.display_name, "Zofia Nowak");
    assert_eq!(identity.username.as_deref(), Some("zofia@contoso.example"));
}

#[test]
fn display_name_is_name_or_username_or_oid() {
    let display_name = |changed| identified(changed).unwrap().display_name;
    assert_eq!(display_name(json!({"name": null})), "zofia@contoso.example");
    assert_eq!(display_name(json!({"name": "\u{202e}\r\n", "preferred_username": 7})), OID);
    assert_eq!(display_name(json!({"name": "Zofia\r\nSet-Cookie: a"})), "ZofiaSet-Cookie: a");
}

#[rstest]
#[case::missing(json!(null))]
#[case::empty(json!(""))]
#[case::object(json!({}))]
#[case::space(json!("a b"))]
fn identify_refuses_oid(#[case] oid: Value) {
    assert!(identified(json!({"oid": oid})).is_err());
}

#[test]
fn issuer_speaks_for_its_own_tenant_only() {
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
