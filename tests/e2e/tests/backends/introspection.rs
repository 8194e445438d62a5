//! Introspection and metadata.

use super::*;

async fn introspect(world: &World, credentials: (&str, &str), token: &str) -> Value {
    let response = world.post("/oauth2/introspect", Some(credentials), &[("token", token)]).await;
    assert_eq!(response.status, StatusCode::OK, "{response:?}");
    assert_eq!(response.headers["cache-control"], "no-store");
    response.json()
}

#[tokio::test]
async fn introspection_tells_the_claims_until_the_session_ends() {
    let world = World::new().await;
    let mut person = zofia(&world).await;
    let jwt = jwt(&world, &mut person, COSTS).await;
    let active = introspect(&world, ("costs", SECRET), &jwt).await;
    let session = person.session(world.base()).await.json();
    assert_eq!((&active["active"], &active["token_type"]), (&json!(true), &json!("Bearer")));
    assert_eq!((&active["sub"], &active["aud"]), (&session["person"]["id"], &json!(COSTS)));
    assert_eq!((&active["client_id"], &active["iss"]), (&json!("costs"), &json!(world.base())));
    for name in ["exp", "iat", "jti", "auth_time", "sid", "provider", "tenant"] {
        assert!(!active[name].is_null(), "{name}: {active}");
    }
    let (url, origin) = (format!("{}/api/logout", world.base()), world.base().to_owned());
    person.post(&url, &origin).await;
    assert_eq!(introspect(&world, ("costs", SECRET), &jwt).await, json!({ "active": false }));
}

/// What another app's token says is not this app's business (RFC 7662 section 4).
#[tokio::test]
async fn token_of_another_app_and_any_other_text_is_not_active() {
    let world = World::new().await;
    let mut person = zofia(&world).await;
    let jwt = jwt(&world, &mut person, COSTS).await;
    let cookie = person.cookie(world.base(), "portico_session").unwrap();
    for token in [jwt.as_str(), &cookie, "a", "a.b.c"] {
        let told = introspect(&world, ("reports", REPORTS_SECRET), token).await;
        assert_eq!(told, json!({ "active": false }), "{token}");
    }
    let missing = world.post("/oauth2/introspect", Some(("costs", SECRET)), &[("a", "b")]).await;
    assert_refused(&missing, 400, "invalid_request");
}

#[tokio::test]
async fn metadata_names_what_is_there() {
    let world = World::new().await;
    let url = format!("{}/.well-known/oauth-authorization-server", world.base());
    let response = Browser::default().get(&url).await;
    assert_eq!(response.headers["cache-control"], "public, max-age=300");
    assert_eq!(response.headers["access-control-allow-origin"], "*");
    let metadata = response.json();
    assert_eq!(metadata["issuer"], world.base());
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata.get("authorization_endpoint"), None);
    let keys = Browser::default().get(metadata["jwks_uri"].as_str().unwrap()).await;
    assert!(keys.json()["keys"].is_array());
    for endpoint in ["token_endpoint", "introspection_endpoint"] {
        let url = metadata[endpoint].as_str().unwrap();
        assert_eq!(Browser::default().get(url).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}
