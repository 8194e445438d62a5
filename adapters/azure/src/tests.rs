use portico_domain::provider::Linked;
use serde_json::json;

use super::*;

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const OTHER: &str = "00000000-1111-2222-3333-444444444444";
const OID: &str = "00000000-0000-0000-66f3-3332eca7ea81";

fn settings(tenant: &str) -> Settings {
    Settings::from_iter([
        ("tenant-id", tenant),
        ("resource-manager-url", DEFAULT_RESOURCE_MANAGER_URL),
    ])
}

fn azure(tenant: &str) -> AzureProvider {
    AzureProvider::create(&settings(tenant), None).unwrap()
}

/// The claims of a good token with these changed; a null takes one out.
fn identified(changed: Value) -> Result<Identity, Problem> {
    let mut claims = json!({
        "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "tid": TENANT,
        "oid": OID, "name": "Zofia Nowak", "preferred_username": "zofia@contoso.example",
        "email": "ceo@contoso.example",
    });
    claims.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
    azure("organizations").identify(&Claims::parse(claims.to_string()).unwrap())
}

#[test]
fn people_sign_in_at_the_tenants_issuer_with_the_scopes_of_the_contract() {
    let sign_in = azure(TENANT).sign_in();
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    assert_eq!(sign_in.endpoints, Endpoints::OpenId(Url::parse(&issuer).unwrap()));
    let scopes = ["https://management.azure.com/.default", "openid", "profile", "offline_access"];
    assert_eq!(sign_in.scopes, scopes);
    assert_eq!(sign_in.tenant_claim.as_deref(), Some("tid"));
}

#[test]
fn a_slash_at_the_end_of_a_setting_changes_nothing() {
    let settings = Settings::from_iter([
        ("tenant-id", "common"),
        ("authority-host", "http://127.0.0.1:4000/entra/"),
        ("resource-manager-url", "http://127.0.0.1:4001/"),
    ]);
    let sign_in = AzureProvider::create(&settings, None).unwrap().sign_in();
    let issuer = Url::parse("http://127.0.0.1:4000/entra/common/v2.0").unwrap();
    assert_eq!(sign_in.endpoints, Endpoints::OpenId(issuer));
    assert_eq!(sign_in.scopes[0], "http://127.0.0.1:4001/.default");
}

#[test]
fn the_grants_cover_the_list_of_subscriptions_and_no_other_host() {
    use portico_domain::ports::CloudProvider;
    let linked = Linked::<AzureProvider>::new(settings(TENANT)).unwrap();
    let descriptor = linked.descriptor();
    assert_eq!(descriptor.id.as_str(), "azure");
    assert_eq!(descriptor.grants.len(), 2);
    for grant in &descriptor.grants {
        assert_eq!(grant.scopes, ["https://management.azure.com/.default"]);
        let covers = |url: &str| grant.covers(Method::Get, &Url::parse(url).unwrap());
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
    assert_eq!(shown(json!({"name": "x".repeat(1 << 16)})), "x".repeat(256));
    assert_eq!(shown(json!({"name": "Zofia\r\nSet-Cookie: a"})), "ZofiaSet-Cookie: a");
}

#[test]
fn a_tenant_that_is_no_guid_or_not_the_issuers_is_refused() {
    for changed in [
        json!({"tid": null}),
        json!({"tid": ""}),
        json!({"tid": "contoso"}),
        json!({"tid": OTHER}),
        json!({"tid": 7}),
        json!({"iss": null}),
        json!({"iss": format!("https://login.microsoftonline.com/{OTHER}/v2.0")}),
        json!({"iss": format!("https://login.microsoftonline.com/{TENANT}/v1.0")}),
        json!({"tid": "contoso", "iss": "https://login.microsoftonline.com/contoso/v2.0"}),
    ] {
        assert!(identified(changed.clone()).is_err(), "{changed}");
    }
}

#[test]
fn a_person_without_an_object_id_is_refused() {
    for oid in [json!(null), json!(""), json!(7), json!("a b"), json!("zofia@contoso.example")] {
        assert!(identified(json!({"oid": oid})).is_err(), "{oid}");
    }
}

#[test]
fn who_signed_in_to_another_tenant_than_asked_is_refused() {
    let claims = json!({
        "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "tid": TENANT,
        "oid": OID,
    });
    let claims = Claims::parse(claims.to_string()).unwrap();
    assert!(azure(TENANT).identify(&claims).is_ok());
    assert!(azure(&TENANT.to_ascii_uppercase()).identify(&claims).is_ok());
    assert!(azure(OTHER).identify(&claims).is_err());
}
