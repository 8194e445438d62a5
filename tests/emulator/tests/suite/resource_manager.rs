//! Resource Manager: listings, paging, and who is let in.

use portico_emulator::personas::{AMARA, CONTOSO, FABRIKAM, MINH_ANH, NORTHWIND, TAILSPIN, ZOFIA};
use portico_emulator::{Fault, FaultKind, Person, Target};
use serde_json::{Value, json};

use crate::support::{Party, redemption, refresh};

const SUBSCRIPTIONS: &str = "subscriptions?api-version=2022-12-01";
const TENANTS: &str = "tenants?api-version=2022-12-01";

async fn person_token(party: &Party, tenant: &str, person: &Person) -> String {
    party.sign_in(tenant, person).await["access_token"].as_str().unwrap().to_owned()
}

fn sizes(pages: &[Vec<String>]) -> Vec<usize> {
    pages.iter().map(Vec::len).collect()
}

#[tokio::test]
async fn seven_subscriptions_come_in_pages_of_three_three_and_one() {
    let party = Party::new().await;
    let names: Vec<_> = CONTOSO.subscriptions.iter().map(|one| one.name).collect();
    let by_person = person_token(&party, "organizations", &ZOFIA).await;
    for token in [by_person, party.application_token(CONTOSO.id).await] {
        let pages = party.pages(SUBSCRIPTIONS, &token).await;
        assert_eq!(sizes(&pages), [3, 3, 1]);
        assert_eq!(pages.concat(), names);
    }
}

#[tokio::test]
async fn a_tenant_without_subscriptions_lists_none() {
    let party = Party::new().await;
    let by_person = person_token(&party, "organizations", &AMARA).await;
    for token in [by_person, party.application_token(TAILSPIN.id).await] {
        assert_eq!(sizes(&party.pages(SUBSCRIPTIONS, &token).await), [0]);
    }
}

#[tokio::test]
async fn a_guest_sees_what_the_tokens_tenant_shows_them() {
    let party = Party::new().await;
    let tokens = party.sign_in("organizations", &MINH_ANH).await;
    let home = tokens["access_token"].as_str().unwrap();
    assert_eq!(sizes(&party.pages(SUBSCRIPTIONS, home).await), [3]);
    let (_, guest) = party.token(FABRIKAM.id, &refresh(&tokens)).await;
    let guest = guest["access_token"].as_str().unwrap();
    assert_eq!(sizes(&party.pages(SUBSCRIPTIONS, guest).await), [2]);
    let tenants = party.pages(TENANTS, home).await;
    assert_eq!(tenants, [vec![CONTOSO.name, FABRIKAM.name], vec![NORTHWIND.name]]);
}

#[tokio::test]
async fn a_subscription_has_resource_managers_shape() {
    let party = Party::new().await;
    let token = party.application_token(CONTOSO.id).await;
    let page: Value = party.arm_get(SUBSCRIPTIONS, &token).await.json().await.unwrap();
    let first = &page["value"][0];
    let id = CONTOSO.subscriptions[0].id;
    assert_eq!((&first["subscriptionId"], &first["tenantId"]), (&json!(id), &json!(CONTOSO.id)));
    assert_eq!(
        (&first["id"], &first["state"]),
        (&json!(format!("/subscriptions/{id}")), &json!("Enabled"))
    );
    assert_eq!(page["count"]["value"], 7);
    let one: Value = party
        .arm_get(&format!("subscriptions/{id}?api-version=2016-06-01"), &token)
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(one["displayName"], CONTOSO.subscriptions[0].name);
    let foreign = FABRIKAM.subscriptions[0].id;
    let other =
        party.arm_get(&format!("subscriptions/{foreign}?api-version=2022-12-01"), &token).await;
    assert_eq!(other.status(), 404);
}

#[tokio::test]
async fn a_listing_needs_an_api_version_and_a_skip_token_of_its_own() {
    let party = Party::new().await;
    let token = party.application_token(CONTOSO.id).await;
    let cases = [
        ("subscriptions", "MissingApiVersionParameter"),
        ("tenants", "MissingApiVersionParameter"),
        ("subscriptions?api-version=latest", "InvalidApiVersionParameter"),
        ("subscriptions?api-version=2022-12-01&$skiptoken=7", "InvalidSkipToken"),
    ];
    for (path, code) in cases {
        let response = party.arm_get(path, &token).await;
        assert_eq!(response.status(), 400);
        assert_eq!(response.json::<Value>().await.unwrap()["error"]["code"], code);
    }
    assert_eq!(party.arm_get("subscriptions?api-version=2016-06-01", &token).await.status(), 200);
}

#[tokio::test]
async fn without_a_token_of_this_emulator_for_resource_manager_nothing_is_listed() {
    let party = Party::new().await;
    let tokens = party.sign_in("organizations", &ZOFIA).await;
    let mut request = party.request(&ZOFIA);
    request.insert("scope".to_owned(), "openid User.Read".to_owned());
    let code = party.callback("common", &request).await["code"].clone();
    let graph = party.token("common", &redemption(&code)).await.1["access_token"].clone();
    let good = tokens["access_token"].as_str().unwrap();
    let forged = format!("{}x", &good[..good.len() - 1]);
    let elsewhere = Party::new().await.application_token(CONTOSO.id).await;
    let id_token = tokens["id_token"].as_str().unwrap();
    for bad in ["nonsense", &forged, &elsewhere, id_token, graph.as_str().unwrap()] {
        let response = party.arm_get(SUBSCRIPTIONS, bad).await;
        assert_eq!(response.status(), 401, "{bad}");
        assert!(response.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer "));
        assert_eq!(
            response.json::<Value>().await.unwrap()["error"]["code"],
            "InvalidAuthenticationToken"
        );
    }
    let none = party.get(SUBSCRIPTIONS).await;
    assert_eq!(none.status(), 401);
    assert_eq!(none.json::<Value>().await.unwrap()["error"]["code"], "AuthenticationFailed");
    assert_eq!(party.arm_get(SUBSCRIPTIONS, good).await.status(), 200);
}

#[tokio::test]
async fn an_access_token_expires_but_outlives_a_key_rotation() {
    let party = Party::new().await;
    let token = party.application_token(CONTOSO.id).await;
    party.emulator.rotate_keys(false).unwrap();
    assert_eq!(party.arm_get(SUBSCRIPTIONS, &token).await.status(), 200);
    for (seconds, why) in [(3_600, "expired"), (-600, "not valid yet")] {
        party.emulator.clear_faults();
        party.emulator.fault(Fault::always(Target::Token, FaultKind::Clock { seconds }));
        let response = party.arm_get(SUBSCRIPTIONS, &token).await;
        assert_eq!(response.status(), 401);
        assert!(response.text().await.unwrap().contains(why));
    }
}

#[tokio::test]
async fn an_audience_may_have_a_slash_and_another_name_of_this_machine() {
    let party = Party::new().await;
    let port = party.emulator.http_url().port().unwrap();
    for audience in [format!("http://localhost:{port}"), format!("http://127.0.0.1:{port}/")] {
        let mut form = party.client_credentials();
        form.insert("scope".to_owned(), format!("{audience}/.default"));
        let (_, tokens) = party.token(CONTOSO.id, &form).await;
        let token = tokens["access_token"].as_str().unwrap();
        assert_eq!(crate::support::claims(token)["aud"], audience);
        assert_eq!(party.arm_get(SUBSCRIPTIONS, token).await.status(), 200);
    }
}

#[tokio::test]
async fn next_links_can_lead_anywhere_or_round_in_a_circle() {
    let party = Party::new().await;
    let token = party.application_token(FABRIKAM.id).await;
    let next = async || {
        party.arm_get(SUBSCRIPTIONS, &token).await.json::<Value>().await.unwrap()["nextLink"]
            .clone()
    };
    assert_eq!(next().await, Value::Null);
    let url = "https://evil.example/subscriptions".to_owned();
    party
        .emulator
        .fault(Fault::once(Target::Subscriptions, FaultKind::NextLink { url: url.clone() }));
    assert_eq!(next().await, url);
    party.emulator.fault(Fault::once(Target::Subscriptions, FaultKind::NextLinkCircle));
    assert_eq!(next().await, format!("{}{SUBSCRIPTIONS}", party.emulator.http_url()));
}

#[tokio::test]
async fn names_can_be_anything_and_a_token_can_be_refused() {
    let party = Party::new().await;
    let token = party.application_token(FABRIKAM.id).await;
    let text = "<script>\u{0}\r\nSet-Cookie: x".to_owned();
    party
        .emulator
        .fault(Fault::once(Target::Subscriptions, FaultKind::SetNames { text: text.clone() }));
    assert_eq!(party.pages(SUBSCRIPTIONS, &token).await, [vec![text.clone(), text]]);
    for (insufficient_claims, expected) in [(false, "invalid_token"), (true, "insufficient_claims")]
    {
        party
            .emulator
            .fault(Fault::once(Target::Tenants, FaultKind::Unauthorized { insufficient_claims }));
        let response = party.arm_get(TENANTS, &token).await;
        assert_eq!(response.status(), 401);
        let challenge = response.headers()["www-authenticate"].to_str().unwrap();
        assert!(challenge.contains(expected));
        assert_eq!(challenge.contains("claims=\""), insufficient_claims);
    }
    assert_eq!(party.arm_get(TENANTS, &token).await.status(), 200);
}
