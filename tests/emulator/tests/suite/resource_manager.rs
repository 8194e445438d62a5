//! Resource Manager: listings, paging and authentication.

use portico_emulator::personas::{AMARA, CONTOSO, FABRIKAM, MINH_ANH, NORTHWIND, TAILSPIN, ZOFIA};
use portico_emulator::{Fault, FaultKind, Person, Target};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{RelyingParty, code_request, refresh_request};

const SUBSCRIPTIONS: &str = "subscriptions?api-version=2022-12-01";
const TENANTS: &str = "tenants?api-version=2022-12-01";

async fn person_token(rp: &RelyingParty, tenant: &str, person: &Person) -> String {
    rp.sign_in(tenant, person).await["access_token"].as_str().unwrap().to_owned()
}

fn sizes(pages: &[Vec<String>]) -> Vec<usize> {
    pages.iter().map(Vec::len).collect()
}

#[tokio::test]
async fn subscriptions_are_paged_by_three() {
    let rp = RelyingParty::new().await;
    let names: Vec<_> = CONTOSO.subscriptions.iter().map(|one| one.name).collect();
    let by_person = person_token(&rp, "organizations", &ZOFIA).await;
    for token in [by_person, rp.application_token(CONTOSO.id).await] {
        let pages = rp.pages(SUBSCRIPTIONS, &token).await;
        assert_eq!(sizes(&pages), [3, 3, 1]);
        assert_eq!(pages.concat(), names);
    }
}

#[tokio::test]
async fn tenant_without_subscriptions_lists_empty_page() {
    let rp = RelyingParty::new().await;
    let by_person = person_token(&rp, "organizations", &AMARA).await;
    for token in [by_person, rp.application_token(TAILSPIN.id).await] {
        assert_eq!(sizes(&rp.pages(SUBSCRIPTIONS, &token).await), [0]);
    }
}

#[tokio::test]
async fn subscriptions_are_those_of_tenant_of_token() {
    let rp = RelyingParty::new().await;
    let tokens = rp.sign_in("organizations", &MINH_ANH).await;
    let home = tokens["access_token"].as_str().unwrap();
    assert_eq!(sizes(&rp.pages(SUBSCRIPTIONS, home).await), [3]);
    let (_, guest) = rp.token(FABRIKAM.id, &refresh_request(&tokens)).await;
    let guest = guest["access_token"].as_str().unwrap();
    assert_eq!(sizes(&rp.pages(SUBSCRIPTIONS, guest).await), [2]);
    let tenants = rp.pages(TENANTS, home).await;
    assert_eq!(tenants, [vec![CONTOSO.name, FABRIKAM.name], vec![NORTHWIND.name]]);
}

#[tokio::test]
async fn subscription_json_has_shape_of_resource_manager() {
    let rp = RelyingParty::new().await;
    let token = rp.application_token(CONTOSO.id).await;
    let page: Value = rp.arm_get(SUBSCRIPTIONS, &token).await.json().await.unwrap();
    let first = &page["value"][0];
    let id = CONTOSO.subscriptions[0].id;
    assert_eq!((&first["subscriptionId"], &first["tenantId"]), (&json!(id), &json!(CONTOSO.id)));
    assert_eq!(
        (&first["id"], &first["state"]),
        (&json!(format!("/subscriptions/{id}")), &json!("Enabled"))
    );
    assert_eq!(page["count"]["value"], 7);
    let one: Value = rp
        .arm_get(&format!("subscriptions/{id}?api-version=2016-06-01"), &token)
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(one["displayName"], CONTOSO.subscriptions[0].name);
    let foreign = FABRIKAM.subscriptions[0].id;
    let other =
        rp.arm_get(&format!("subscriptions/{foreign}?api-version=2022-12-01"), &token).await;
    assert_eq!(other.status(), 404);
}

#[rstest]
#[case::no_version("subscriptions", "MissingApiVersionParameter")]
#[case::tenants_without_version("tenants", "MissingApiVersionParameter")]
#[case::version_is_no_date("subscriptions?api-version=latest", "InvalidApiVersionParameter")]
#[case::foreign_skip_token("subscriptions?api-version=2022-12-01&$skiptoken=7", "InvalidSkipToken")]
#[tokio::test]
async fn listing_refuses_invalid_api_version_or_skip_token(#[case] path: &str, #[case] code: &str) {
    let rp = RelyingParty::new().await;
    let token = rp.application_token(CONTOSO.id).await;
    let response = rp.arm_get(path, &token).await;
    assert_eq!(response.status(), 400);
    assert_eq!(response.json::<Value>().await.unwrap()["error"]["code"], code);
    assert_eq!(rp.arm_get("subscriptions?api-version=2016-06-01", &token).await.status(), 200);
}

#[tokio::test]
async fn listing_refuses_foreign_forged_and_missing_tokens() {
    let rp = RelyingParty::new().await;
    let tokens = rp.sign_in("organizations", &ZOFIA).await;
    let mut request = rp.request(&ZOFIA);
    request.insert("scope".to_owned(), "openid User.Read".to_owned());
    let code = rp.callback("common", &request).await["code"].clone();
    let graph = rp.token("common", &code_request(&code)).await.1["access_token"].clone();
    let good = tokens["access_token"].as_str().unwrap();
    let forged = format!("{}x", &good[..good.len() - 1]);
    let elsewhere = RelyingParty::new().await.application_token(CONTOSO.id).await;
    let id_token = tokens["id_token"].as_str().unwrap();
    for bad in ["nonsense", &forged, &elsewhere, id_token, graph.as_str().unwrap()] {
        let response = rp.arm_get(SUBSCRIPTIONS, bad).await;
        assert_eq!(response.status(), 401, "{bad}");
        assert!(response.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer "));
        assert_eq!(
            response.json::<Value>().await.unwrap()["error"]["code"],
            "InvalidAuthenticationToken"
        );
    }
    let none = rp.get(SUBSCRIPTIONS).await;
    assert_eq!(none.status(), 401);
    assert_eq!(none.json::<Value>().await.unwrap()["error"]["code"], "AuthenticationFailed");
    assert_eq!(rp.arm_get(SUBSCRIPTIONS, good).await.status(), 200);
}

#[tokio::test]
async fn access_token_survives_key_rotation() {
    let rp = RelyingParty::new().await;
    let token = rp.application_token(CONTOSO.id).await;
    rp.emulator.rotate_keys(false).unwrap();
    assert_eq!(rp.arm_get(SUBSCRIPTIONS, &token).await.status(), 200);
}

#[rstest]
#[case::expired(3_600, "expired")]
#[case::not_yet_valid(-600, "not valid yet")]
#[tokio::test]
async fn listing_refuses_access_token_outside_its_lifetime(
    #[case] seconds: i64,
    #[case] why: &str,
) {
    let rp = RelyingParty::new().await;
    let token = rp.application_token(CONTOSO.id).await;
    rp.emulator.fault(Fault::always(Target::Token, FaultKind::Clock { seconds }));
    let response = rp.arm_get(SUBSCRIPTIONS, &token).await;
    assert_eq!(response.status(), 401);
    assert!(response.text().await.unwrap().contains(why));
}

#[tokio::test]
async fn access_token_audience_accepts_any_loopback_name_and_trailing_slash() {
    let rp = RelyingParty::new().await;
    let port = rp.emulator.http_url().port().unwrap();
    for audience in [format!("http://localhost:{port}"), format!("http://127.0.0.1:{port}/")] {
        let mut form = rp.client_credentials();
        form.insert("scope".to_owned(), format!("{audience}/.default"));
        let (_, tokens) = rp.token(CONTOSO.id, &form).await;
        let token = tokens["access_token"].as_str().unwrap();
        assert_eq!(crate::support::claims(token)["aud"], audience);
        assert_eq!(rp.arm_get(SUBSCRIPTIONS, token).await.status(), 200);
    }
}

#[tokio::test]
async fn next_link_faults_set_any_url_or_first_page() {
    let rp = RelyingParty::new().await;
    let token = rp.application_token(FABRIKAM.id).await;
    let next = async || {
        rp.arm_get(SUBSCRIPTIONS, &token).await.json::<Value>().await.unwrap()["nextLink"].clone()
    };
    assert_eq!(next().await, Value::Null);
    let url = "https://evil.example/subscriptions".to_owned();
    rp.emulator.fault(Fault::once(Target::Subscriptions, FaultKind::NextLink { url: url.clone() }));
    assert_eq!(next().await, url);
    rp.emulator.fault(Fault::once(Target::Subscriptions, FaultKind::NextLinkCircle));
    assert_eq!(next().await, format!("{}{SUBSCRIPTIONS}", rp.emulator.http_url()));
}

#[tokio::test]
async fn listing_faults_replace_names_and_refuse_token() {
    let rp = RelyingParty::new().await;
    let token = rp.application_token(FABRIKAM.id).await;
    let text = "<script>\u{0}\r\nSet-Cookie: x".to_owned();
    rp.emulator
        .fault(Fault::once(Target::Subscriptions, FaultKind::SetNames { text: text.clone() }));
    assert_eq!(rp.pages(SUBSCRIPTIONS, &token).await, [vec![text.clone(), text]]);
    for (insufficient_claims, expected) in [(false, "invalid_token"), (true, "insufficient_claims")]
    {
        rp.emulator
            .fault(Fault::once(Target::Tenants, FaultKind::Unauthorized { insufficient_claims }));
        let response = rp.arm_get(TENANTS, &token).await;
        assert_eq!(response.status(), 401);
        let challenge = response.headers()["www-authenticate"].to_str().unwrap();
        assert!(challenge.contains(expected));
        assert_eq!(challenge.contains("claims=\""), insufficient_claims);
    }
    assert_eq!(rp.arm_get(TENANTS, &token).await.status(), 200);
}
