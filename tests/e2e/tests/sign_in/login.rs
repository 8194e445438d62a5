//! Sign-in with Azure: the redirect, the session and its accounts.

use std::collections::HashMap;

use portico_e2e::{Browser, assert_refused, personas};
use reqwest::{StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};

use crate::world;

fn subscriptions(session: &Value) -> usize {
    session["accounts"][0]["subscriptions"].as_array().unwrap().len()
}

#[tokio::test]
async fn login_redirect_has_every_contract_parameter() {
    let world = world(&[("AZURE_TENANT_ID", personas::CONTOSO.id)]).await;
    let response = Browser::default().get(format!("{}/api/login/azure", world.portico.base)).await;
    assert_eq!(response.status, StatusCode::FOUND);
    let location = response.location();
    let authorize =
        format!("{}{}/oauth2/v2.0/authorize", world.emulator.http_url(), personas::CONTOSO.id);
    assert_eq!(location.as_str().split('?').next(), Some(authorize.as_str()));

    let query: HashMap<_, _> = location.query_pairs().into_owned().collect();
    let fixed = |name: &str| query[name].as_str();
    assert_eq!(fixed("client_id"), personas::APPLICATION.client_id);
    assert_eq!(fixed("redirect_uri"), format!("{}/getAToken", world.portico.base));
    assert_eq!(fixed("response_type"), "code");
    assert_eq!(fixed("code_challenge_method"), "S256");
    for random in ["state", "nonce", "code_challenge"] {
        assert_eq!(query[random].len(), 43, "{random}");
    }
    let scopes: Vec<&str> = query["scope"].split(' ').collect();
    let arm = format!("{}.default", world.emulator.http_url());
    for scope in [arm.as_str(), "openid", "profile", "offline_access"] {
        assert!(scopes.contains(&scope), "{scope} is missing in {scopes:?}");
    }
    assert_eq!(response.headers[header::CACHE_CONTROL], "no-store");
}

#[rstest]
#[case::with_application_token(&[])]
#[case::with_user_token(&[("AZURE_SUBSCRIPTIONS_AS", "user")])]
#[tokio::test]
async fn session_lists_every_page_of_subscriptions_after_sign_in(
    #[case] variables: &[(&str, &str)],
) {
    let world = world(variables).await;
    let mut browser = Browser::default();
    let response = browser.sign_in(&world.portico.base, personas::ZOFIA.user_name).await;
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}\n{}", world.portico.log());
    assert_eq!(response.location().as_str(), "http://localhost:3000/dashboard");

    let session = browser.session(&world.portico.base).await.json();
    assert_eq!(session["user"]["name"], personas::ZOFIA.name);
    assert_eq!(session["user"]["preferred_username"], personas::ZOFIA.user_name);
    assert_eq!(session["user"]["oid"], personas::ZOFIA.home().oid);
    let account = &session["accounts"][0];
    assert_eq!(account["provider"], "azure");
    assert_eq!(account["tenantId"], personas::CONTOSO.id);
    assert_eq!(account["displayName"], personas::ZOFIA.name);
    assert_eq!(account["warnings"], json!([]));
    let person = &session["person"];
    assert_eq!(person, &account["identity"]);
    assert_eq!(person["subject"], personas::ZOFIA.home().oid);
    assert_eq!(person["username"], personas::ZOFIA.user_name);
    assert_eq!(person["email"], Value::Null);
    let id = person["id"].as_str().unwrap();
    assert_eq!(id.len(), 43, "{id}");
    assert_eq!(subscriptions(&session), 7);
    let details = account["subscriptionDetails"].as_array().unwrap();
    assert_eq!(details.len(), 7);
    assert_eq!(details[0]["id"], account["subscriptions"][0]);

    let listings = world.emulator.requests().into_iter();
    let pages = listings.filter(|request| request.path == "/subscriptions").count();
    assert_eq!(pages, 3);
    assert!(!session.to_string().contains("access_token"));
}

#[tokio::test]
async fn sign_in_without_subscriptions_gives_session() {
    let world = world(&[("AZURE_SUBSCRIPTIONS_AS", "user")]).await;
    let mut browser = Browser::default();
    browser.sign_in(&world.portico.base, personas::AMARA.user_name).await;
    let session = browser.session(&world.portico.base).await.json();
    assert_eq!(session["user"]["name"], personas::AMARA.name);
    assert_eq!(subscriptions(&session), 0);
}

#[tokio::test]
async fn second_login_to_tenant_replaces_account_and_other_tenant_adds_one() {
    let world = world(&[("AZURE_SUBSCRIPTIONS_AS", "user")]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let user_name = personas::MINH_ANH.user_name;
    browser.sign_in(base, user_name).await;
    let first = browser.session(base).await.json();
    browser.sign_in(base, user_name).await;
    let second = browser.session(base).await.json();
    assert_eq!(second["accounts"].as_array().unwrap().len(), 1);
    assert_eq!(first["accounts"][0]["id"], second["accounts"][0]["id"]);

    let query = format!("login_hint={user_name}&tenant={}", personas::FABRIKAM.id);
    let callback = browser.up_to_callback(base, &query).await;
    browser.get(callback).await;
    let third = browser.session(base).await.json();
    let tenants: Vec<_> =
        third["accounts"].as_array().unwrap().iter().map(|a| a["tenantId"].clone()).collect();
    assert_eq!(tenants, [personas::CONTOSO.id, personas::FABRIKAM.id]);
    assert_eq!(third["user"]["tid"], personas::CONTOSO.id);
}

#[tokio::test]
async fn login_replaces_session_id_and_old_one_is_unauthorized() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let mut before = browser.clone();
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    assert_eq!(before.session(base).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.session(base).await.status, StatusCode::OK);

    // Session fixation: the login does not adopt a session id that was set before.
    let (mut victim, planted) = (Browser::default(), "x".repeat(43));
    victim.set_cookie(base, "portico_session", &planted);
    victim.sign_in(base, personas::ZOFIA.user_name).await;
    assert_ne!(victim.cookie(base, "portico_session"), Some(planted.clone()));
    let mut attacker = Browser::default();
    attacker.set_cookie(base, "portico_session", &planted);
    assert_eq!(attacker.session(base).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn login_of_other_person_in_same_tenant_begins_new_session() {
    let world = world(&[("AZURE_SUBSCRIPTIONS_AS", "user")]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    browser.sign_in(base, personas::MINH_ANH.user_name).await;
    let session = browser.session(base).await.json();
    assert_eq!(session["user"]["name"], personas::MINH_ANH.name);
    assert_eq!(session["accounts"].as_array().unwrap().len(), 1);
}

#[rstest]
#[case::unknown_provider("/api/login/nowhere", 404, "unknown_provider")]
#[case::provider_in_upper_case("/api/login/AZURE", 404, "unknown_provider")]
#[case::unknown_prompt("/api/login/azure?prompt=always", 400, "bad_parameter")]
#[case::tenant_with_line_break("/api/login/azure?tenant=a%0Ab", 400, "bad_parameter")]
#[case::login_hint_with_line_break("/api/login/azure?login_hint=a%0Ab", 400, "bad_parameter")]
#[case::repeated_tenant("/api/login/azure?tenant=a&tenant=b", 400, "repeated_parameter")]
#[case::callback_of_unknown_provider("/api/callback/nowhere?code=x&state=y", 400, "unknown_login")]
#[case::unknown_api_path("/api/nothing", 404, "not_found")]
#[case::unknown_path("/nothing", 404, "not_found")]
#[tokio::test]
async fn login_request_with_bad_parameter_is_refused_with_code(
    #[case] path: &str,
    #[case] status: u16,
    #[case] code: &str,
) {
    let world = world(&[]).await;
    let base = &world.portico.base;

    let response = Browser::default().get(format!("{base}{path}")).await;
    assert_refused(&response, status, code);
}

#[tokio::test]
async fn session_endpoint_refuses_post() {
    let world = world(&[]).await;
    let base = &world.portico.base;

    let url = format!("{base}/api/session");
    let response = Browser::default().post(&url, base).await;
    assert_refused(&response, 405, "method_not_allowed");
}
