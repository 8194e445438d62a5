//! Every tenant of a person, listed with their own tokens.

use portico_e2e::{Browser, World, assert_refused, hint, personas};
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};

use crate::world;

const AS_USER: (&str, &str) = ("AZURE_SUBSCRIPTIONS_AS", "user");
/// People of these may sign in, and so may somebody whom Northwind asks for a second factor.
const EVERY_TENANT: (&str, &str) = (
    "AZURE_ALLOWED_TENANTS",
    "3f1c2b7a-9d4e-4f60-8a15-6b2c7d8e9f01,8b6d1e90-2c3f-4a75-b4d8-1f0e9c8b7a62,\
     c4a9f2d3-7e61-4b08-9f5c-3d2e1a0b9c83",
);

/// A member of Contoso, guest of Fabrikam, and of Northwind, which requires a second factor.
async fn minh_anh(world: &World) -> (Browser, Value) {
    let mut browser = Browser::default();
    let signed_in = browser.sign_in(&world.portico.base, personas::MINH_ANH.user_name).await;
    assert_eq!(signed_in.status, StatusCode::FOUND, "{signed_in:?}\n{}", world.portico.log());
    let session = browser.session(&world.portico.base).await.json();
    (browser, session)
}

fn tenant<'s>(session: &'s Value, account: usize, id: &str) -> &'s Value {
    let tenants = session["accounts"][account]["tenants"].as_array().unwrap();
    let found = tenants.iter().find(|tenant| tenant["id"] == id);
    found.unwrap_or_else(|| panic!("{id} is missing in {tenants:#?}"))
}

/// The tenants of the listed subscriptions, in order.
fn seen_from(session: &Value) -> Vec<String> {
    let details = session["accounts"][0]["subscriptionDetails"].as_array().unwrap();
    details.iter().map(|it| it["tenantId"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn guest_sees_the_subscriptions_of_every_tenant_that_lets_them_in() {
    let world = world(&[AS_USER, EVERY_TENANT]).await;
    let (_, session) = minh_anh(&world).await;
    let [contoso, fabrikam] = [personas::CONTOSO.id, personas::FABRIKAM.id];
    assert_eq!(seen_from(&session), [contoso, contoso, contoso, fabrikam, fabrikam]);
    assert_eq!(tenant(&session, 0, contoso)["state"], "ok");
    let listed = tenant(&session, 0, fabrikam);
    assert_eq!((&listed["state"], &listed["displayName"]), (&json!("ok"), &json!("Fabrikam")));
    assert_eq!(listed["extra"]["defaultDomain"], "fabrikam.example");
    let home = &session["accounts"][0]["subscriptionDetails"][4]["extra"]["homeTenantId"];
    assert_eq!(home, fabrikam);
    // Neither the home token nor any other was stored anew or shown.
    assert!(!session.to_string().contains("access_token\":\"ey"));
}

#[tokio::test]
async fn tenant_that_wants_a_second_factor_says_so_and_its_link_mends_it() {
    let world = world(&[AS_USER, EVERY_TENANT]).await;
    let (mut browser, session) = minh_anh(&world).await;
    let northwind = tenant(&session, 0, personas::NORTHWIND.id);
    assert_eq!(
        (&northwind["state"], &northwind["mender"]),
        (&json!("wants_mfa"), &json!("person"))
    );
    assert!(northwind["reason"].as_str().unwrap().contains("second factor"), "{northwind}");
    assert!(northwind["repair"]["claims"].is_object(), "{northwind}");
    let warnings = session["accounts"][0]["warnings"].to_string();
    assert!(warnings.contains("Northwind"), "{warnings}");

    // The page has the same link.
    let dashboard = browser.get(format!("{}/dashboard", world.portico.base)).await;
    assert!(dashboard.body.contains("Northwind Traders</strong>"), "{}", dashboard.body);
    let href = northwind["repair"]["href"].as_str().unwrap();
    assert!(
        dashboard.body.contains(&href.replace('&', "&amp;"))
            || dashboard.body.contains("&#38;claims=")
    );

    let query =
        format!("{}&{}", href.split_once('?').unwrap().1, hint(personas::MINH_ANH.user_name));
    let authorize = browser.begin(&world.portico.base, "azure", &query).await;
    assert_eq!(authorize.status, StatusCode::FOUND, "{authorize:?}");
    let authorize = authorize.location();
    assert!(authorize.path().contains(personas::NORTHWIND.id), "{authorize}");
    let claims = authorize.query_pairs().find(|(name, _)| name == "claims").unwrap().1.into_owned();
    let claims: Value = serde_json::from_str(&claims).unwrap();
    assert_eq!(claims, northwind["repair"]["claims"]);

    let callback = browser.get(authorize).await.location();
    browser.get(callback).await;
    let mended = browser.session(&world.portico.base).await.json();
    let accounts = mended["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 2, "{mended:#}");
    assert_eq!(accounts[1]["tenantId"], personas::NORTHWIND.id);
    assert_eq!(tenant(&mended, 1, personas::NORTHWIND.id)["state"], "ok");
    let listed = accounts[1]["subscriptions"].as_array().unwrap();
    assert!(listed.contains(&json!(personas::NORTHWIND.subscriptions[0].id)), "{listed:?}");
}

#[tokio::test]
async fn login_refuses_claims_that_no_tenant_of_the_session_asks_for() {
    let world = world(&[AS_USER, EVERY_TENANT]).await;
    let (mut browser, session) = minh_anh(&world).await;
    let base = &world.portico.base;
    let href = tenant(&session, 0, personas::NORTHWIND.id)["repair"]["href"].as_str().unwrap();
    let own = Url::parse(&format!("{base}{href}")).unwrap();
    let with = |name: &str, value: &str| {
        let others: Vec<_> = own.query_pairs().filter(|(other, _)| other != name).collect();
        let mut url = own.clone();
        url.query_pairs_mut().clear().extend_pairs(others).append_pair(name, value);
        url.to_string()
    };
    let made_up = r#"{"id_token":{"email":{"essential":true}}}"#;
    let [contoso, empty] = [personas::CONTOSO.id, "{}"];
    for url in [
        with("claims", made_up),
        with("claims", empty),
        with("claims", "no json"),
        with("tenant", contoso),
        format!("{base}/api/login/azure?claims=%7B%7D"),
    ] {
        assert_refused(&browser.get(&url).await, 400, "bad_parameter");
    }
    // The same link in a browser without that session.
    let mut other = Browser::default();
    assert_refused(&other.get(own.as_str()).await, 400, "bad_parameter");
    other.sign_in(base, personas::ZOFIA.user_name).await;
    assert_refused(&other.get(own.as_str()).await, 400, "bad_parameter");
}

#[tokio::test]
async fn tenant_whose_people_may_not_sign_in_names_the_operator_and_offers_no_link() {
    let contoso = ("AZURE_ALLOWED_TENANTS", personas::CONTOSO.id);
    let world = world(&[AS_USER, contoso]).await;
    let (_, session) = minh_anh(&world).await;
    let northwind = tenant(&session, 0, personas::NORTHWIND.id);
    assert_eq!(northwind["state"], "wants_mfa");
    assert_eq!((&northwind["mender"], &northwind["repair"]), (&json!("operator"), &json!(null)));
    assert!(northwind["reason"].as_str().unwrap().contains("AZURE_ALLOWED_TENANTS"));
}

#[tokio::test]
async fn refused_tenant_costs_neither_the_session_nor_the_next_listing() {
    let world = world(&[AS_USER, EVERY_TENANT]).await;
    let (mut browser, _) = minh_anh(&world).await;
    let query = format!("{}&refresh=true", hint(personas::MINH_ANH.user_name));
    let callback = browser.up_to_callback(&world.portico.base, &query).await;
    browser.get(callback).await;
    let session = browser.session(&world.portico.base).await.json();
    assert_eq!(seen_from(&session).len(), 5);
    assert_eq!(tenant(&session, 0, personas::NORTHWIND.id)["state"], "wants_mfa");
}
