//! How a backend authenticates.

use std::{
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};

use super::*;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[tokio::test]
async fn secret_authenticates_in_the_header_or_in_the_form() {
    let world = World::new().await;
    let mut person = zofia(&world).await;
    let jwt = jwt(&world, &mut person, COSTS).await;
    let form = [("token", jwt.as_str())];
    let introspect = async |credentials, form: &[(&str, &str)]| {
        world.post("/oauth2/introspect", credentials, form).await
    };
    let basic = introspect(Some(("costs", SECRET)), &form).await;
    assert_eq!(basic.json()["active"], true, "{basic:?}");
    let posted = [form[0], ("client_id", "costs"), ("client_secret", SECRET)];
    assert_eq!(introspect(None, &posted).await.json()["active"], true);
    let both = introspect(Some(("costs", SECRET)), &posted).await;
    assert_refused(&both, 400, "invalid_request");
    let other = [form[0], ("client_id", "reports")];
    assert_refused(&introspect(Some(("costs", SECRET)), &other).await, 400, "invalid_request");
}

#[tokio::test]
async fn wrong_credentials_are_401_with_the_way_to_authenticate() {
    let world = World::new().await;
    let mut person = zofia(&world).await;
    let jwt = jwt(&world, &mut person, COSTS).await;
    for (id, secret) in [
        ("costs", "wrong"),
        ("costs", ""),
        ("costs", HASH),
        ("costs", REPORTS_SECRET),
        ("nobody", SECRET),
        ("../costs", SECRET),
        ("", ""),
    ] {
        let refused = world.exchange_as((id, secret), &jwt, &[]).await;
        assert_refused(&refused, 401, "invalid_client");
        let scheme = refused.headers["www-authenticate"].to_str().unwrap();
        assert!(scheme.starts_with("Basic "), "{scheme}");
    }
    let none = world.post("/oauth2/token", None, &[("grant_type", TOKEN_EXCHANGE)]).await;
    assert_refused(&none, 401, "invalid_client");
    assert!(!world.inner.portico.log().contains("wrong"));
}

/// A private key and its public key, as PEM.
fn key_pair(folder: &std::path::Path) -> (EncodingKey, String) {
    let file = folder.join("backend.pem");
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    let path = file.to_str().unwrap();
    openssl(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path]);
    let der = openssl(&["pkcs8", "-topk8", "-nocrypt", "-in", path, "-outform", "DER"]);
    let public = String::from_utf8(openssl(&["pkey", "-in", path, "-pubout"])).unwrap();
    (EncodingKey::from_ec_der(&der), public)
}

/// A world in which `costs` authenticates by a key.
pub(super) async fn keyed_world() -> (World, EncodingKey) {
    let world = World::new().await;
    let (key, public) = key_pair(world.inner.folder.path());
    let keys = backend(HASH, &world.resource, "").replace(
        &format!("client_secret_hashes = [\"{HASH}\"]"),
        &format!("client_public_keys = [\"\"\"{public}\"\"\"]"),
    );
    let file = world.inner.folder.path().join("portico.toml");
    std::fs::write(&file, app_table("costs", COSTS, &keys)).unwrap();
    world.inner.portico.logged(|it| it.log().contains("the protected apps have changed")).await;
    (world, key)
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// The claims of an assertion, with these changed; `null` removes one.
fn claims(world: &World, changed: &Value) -> Value {
    let mut claims = json!({
        "iss": "costs", "sub": "costs", "aud": format!("{}/oauth2/token", world.base()),
        "iat": now(), "exp": now() + 60, "jti": format!("{:?}", std::time::Instant::now()),
    });
    for (name, value) in changed.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

async fn introspect(world: &World, assertion: &str) -> Response {
    let form =
        [("token", "a"), ("client_assertion_type", JWT_BEARER), ("client_assertion", assertion)];
    world.post("/oauth2/introspect", None, &form).await
}

#[tokio::test]
async fn assertion_authenticates_once() {
    let (world, key) = keyed_world().await;
    let header = Header::new(Algorithm::ES256);
    let sign = |changed: Value| encode(&header, &claims(&world, &changed), &key).unwrap();
    let assertion = sign(json!({}));
    assert_eq!(introspect(&world, &assertion).await.status, StatusCode::OK);
    assert_refused(&introspect(&world, &assertion).await, 401, "invalid_client");
    world.inner.portico.logged(|it| it.log().contains("client_assertion_replay")).await;
    for accepted in [
        json!({ "aud": world.base() }),
        json!({ "aud": [world.base()] }),
        json!({ "exp": now() + 300 }),
        json!({ "iat": null }),
    ] {
        let response = introspect(&world, &sign(accepted.clone())).await;
        assert_eq!(response.status, StatusCode::OK, "{accepted}: {response:?}");
    }
    // The app has no secret any more.
    let secret = world.post("/oauth2/introspect", Some(("costs", SECRET)), &[("token", "a")]).await;
    assert_refused(&secret, 401, "invalid_client");
}

#[tokio::test]
async fn assertion_that_is_not_for_this_server_now_is_refused() {
    let (world, key) = keyed_world().await;
    let header = Header::new(Algorithm::ES256);
    let sign = |changed: &Value| encode(&header, &claims(&world, changed), &key).unwrap();
    for refused in [
        json!({ "aud": "https://elsewhere.example" }),
        json!({ "aud": [world.base(), "https://elsewhere.example"] }),
        json!({ "aud": null }),
        json!({ "exp": now() - 61 }),
        json!({ "exp": now() + 3_600 }),
        json!({ "exp": null }),
        json!({ "exp": "never" }),
        json!({ "nbf": now() + 120 }),
        json!({ "iat": now() + 120 }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "sub": "reports" }),
        json!({ "iss": "reports" }),
        json!({ "sub": "nobody" }),
    ] {
        let response = introspect(&world, &sign(&refused)).await;
        assert_eq!(response.status.as_u16(), 401, "{refused}: {response:?}");
        assert_refused(&response, 401, "invalid_client");
    }
    let (other, _) = key_pair(&tempfile::tempdir().unwrap().keep());
    let foreign = encode(&header, &claims(&world, &json!({})), &other).unwrap();
    let hmac = EncodingKey::from_secret(HASH.as_bytes());
    let confused = encode(&Header::default(), &claims(&world, &json!({})), &hmac).unwrap();
    for assertion in [foreign, confused, "a.b.c".into(), "..".into(), "a".into()] {
        assert_refused(&introspect(&world, &assertion).await, 401, "invalid_client");
    }
    let form = [("token", "a"), ("client_assertion", &sign(&json!({})))];
    let untyped = world.post("/oauth2/introspect", None, &form).await;
    assert_refused(&untyped, 400, "invalid_request");
}
