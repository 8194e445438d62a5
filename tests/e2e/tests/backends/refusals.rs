//! Tokens that a backend does not get.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portico_e2e::SharedClock;

use super::*;

#[tokio::test]
async fn jwt_of_another_app_and_of_another_portico_is_refused() {
    let (world, other) = (World::new().await, World::new().await);
    let mut person = zofia(&world).await;
    let (costs, reports) =
        (jwt(&world, &mut person, COSTS).await, jwt(&world, &mut person, REPORTS).await);
    assert_refused(&world.exchange(&reports, &[]).await, 400, "invalid_request");
    let as_reports = world.exchange_as(("reports", REPORTS_SECRET), &costs, &[]).await;
    assert_refused(&as_reports, 400, "invalid_request");
    world.inner.portico.logged(|it| it.log().contains("session_jwt_audience")).await;
    let mut elsewhere = zofia(&other).await;
    let foreign = jwt(&other, &mut elsewhere, COSTS).await;
    assert_refused(&world.exchange(&foreign, &[]).await, 400, "invalid_request");
    assert_eq!(world.exchange(&costs, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn changed_jwt_and_other_tokens_are_refused() {
    let world = World::new().await;
    let mut person = zofia(&world).await;
    let jwt = jwt(&world, &mut person, COSTS).await;
    let [header, claims, signature] = jwt.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap();
    let mut changed: Value = serde_json::from_slice(&decoded).unwrap();
    changed["sub"] = "somebody".into();
    let changed = BASE64_URL_SAFE_NO_PAD.encode(changed.to_string());
    let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt"}"#);
    let cookie = person.cookie(world.base(), "portico_session").unwrap();
    let cloud = world.exchange(&jwt, &[]).await.json()["access_token"].as_str().unwrap().to_owned();
    for token in [
        format!("{header}.{changed}.{signature}"),
        format!("{none}.{claims}."),
        format!("{header}.{claims}."),
        format!("{jwt}.{signature}"),
        cookie,
        cloud,
        "a".repeat(9_000),
        "%00".into(),
    ] {
        let refused = world.exchange(&token, &[]).await;
        assert_refused(&refused, 400, "invalid_request");
        assert!(!refused.body.contains("signature"), "{}", refused.body);
    }
}

#[tokio::test]
async fn jwt_of_an_ended_session_is_refused_at_once() {
    let world = World::new().await;
    let mut person = zofia(&world).await;
    let jwt = jwt(&world, &mut person, COSTS).await;
    assert_eq!(world.exchange(&jwt, &[]).await.status, StatusCode::OK);
    let (url, origin) = (format!("{}/api/logout", world.base()), world.base().to_owned());
    assert!(person.post(&url, &origin).await.status.is_success());
    assert_refused(&world.exchange(&jwt, &[]).await, 400, "invalid_request");
    world.inner.portico.logged(|it| it.log().contains("session_jwt_session")).await;
}

#[tokio::test]
async fn expired_jwt_is_refused() {
    let mut clock = SharedClock::new();
    let variables = clock.variables();
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let world = World::with("", &variables).await;
    let mut person = zofia(&world).await;
    let jwt = jwt(&world, &mut person, COSTS).await;
    clock.advance(Duration::from_secs(4 * 60));
    assert_eq!(world.exchange(&jwt, &[]).await.status, StatusCode::OK);
    clock.advance(Duration::from_secs(61));
    assert_refused(&world.exchange(&jwt, &[]).await, 400, "invalid_request");
    world.inner.portico.logged(|it| it.log().contains("session_jwt_expired")).await;
}

#[tokio::test]
async fn foreign_and_unknown_accounts_are_refused_in_the_same_words() {
    let world = World::new().await;
    let (mut person, mut stranger) =
        (zofia(&world).await, signed_in(&world, personas::SIGRID.user_name).await);
    let jwt = jwt(&world, &mut person, COSTS).await;
    let foreign = stranger.session(world.base()).await.json()["accounts"][0]["id"].clone();
    let mut bodies = Vec::new();
    for account in [foreign.as_str().unwrap(), "AAAAAAAAAAAAAAAAAAAAAA", "..", "\u{0}"] {
        let refused = world.exchange(&jwt, &[("account", account)]).await;
        assert_refused(&refused, 400, "invalid_request");
        bodies.push(refused.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
}

#[tokio::test]
async fn what_no_rule_allows_is_refused_without_a_call_to_the_cloud() {
    let world = World::new().await;
    let mut person = zofia(&world).await;
    let jwt = jwt(&world, &mut person, COSTS).await;
    let before = world.inner.emulator.requests().len();
    let other_tenant = personas::SIGRIDS_TENANTS[3].id;
    for (name, value, error) in [
        ("resource", "https://graph.microsoft.com", "invalid_target"),
        ("resource", "https://management.azure.com.evil.example", "invalid_target"),
        ("resource", "management", "invalid_target"),
        ("audience", "https://graph.microsoft.com", "invalid_target"),
        ("tenant", other_tenant, "invalid_target"),
        ("tenant", "a b", "invalid_target"),
        ("scope", "https://graph.microsoft.com/.default", "invalid_scope"),
        ("scope", "openid", "invalid_scope"),
        ("grant_type", "client_credentials", "unsupported_grant_type"),
        ("grant_type", "refresh_token", "unsupported_grant_type"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:refresh_token", "invalid_request"),
        (
            "requested_token_type",
            "urn:ietf:params:oauth:token-type:refresh_token",
            "invalid_request",
        ),
        ("actor_token", "a", "invalid_request"),
        ("subject_token", "", "invalid_request"),
        ("resource", "", "invalid_target"),
    ] {
        let refused = world.exchange(&jwt, &[(name, value)]).await;
        assert_refused(&refused, 400, error);
    }
    assert_eq!(world.inner.emulator.requests().len(), before);
}

#[tokio::test]
async fn app_without_exchange_gets_nothing_and_rules_are_read_again() {
    let world = World::new().await;
    let mut person = zofia(&world).await;
    let jwt = jwt(&world, &mut person, COSTS).await;
    let file = world.inner.folder.path().join("portico.toml");
    let keys = format!("client_secret_hashes = [\"{HASH}\"]\n");
    std::fs::write(&file, app_table("costs", COSTS, &keys)).unwrap();
    world.inner.portico.logged(|it| it.log().contains("the protected apps have changed")).await;
    assert_refused(&world.exchange(&jwt, &[]).await, 400, "unauthorized_client");
    // The rules about people are those of now, too.
    let rules = format!("providers = [\"github\"]\n{}", backend(HASH, &world.resource, ""));
    std::fs::write(&file, app_table("costs", COSTS, &rules)).unwrap();
    let line = "the protected apps have changed";
    world.inner.portico.logged(|it| it.log().matches(line).count() == 2).await;
    assert_refused(&world.exchange(&jwt, &[]).await, 400, "invalid_request");
    world.inner.portico.logged(|it| it.log().contains("session_jwt_access")).await;
}

#[tokio::test]
async fn malformed_requests_are_refused_in_oauth_form() {
    let world = World::new().await;
    let url = format!("{}/oauth2/token", world.base());
    let form = "application/x-www-form-urlencoded";
    let post = async |url: &str, kind: &str, body: String| {
        let shape = |request: RequestBuilder| {
            request.basic_auth("costs", Some(SECRET)).header("content-type", kind).body(body)
        };
        send(Method::POST, url, shape).await
    };
    let json = json!({ "grant_type": TOKEN_EXCHANGE }).to_string();
    assert_refused(&post(&url, "application/json", json).await, 400, "invalid_request");
    let query = post(&format!("{url}?grant_type=a"), form, "a=b".into()).await;
    assert_refused(&query, 400, "invalid_request");
    let repeated = post(&url, form, "scope=a&scope=b".into()).await;
    assert_refused(&repeated, 400, "invalid_request");
    let large = post(&url, form, format!("a={}", "b".repeat(20_000))).await;
    assert_refused(&large, 413, "invalid_request");
    assert_eq!(Browser::default().get(&url).await.status, StatusCode::METHOD_NOT_ALLOWED);
}
