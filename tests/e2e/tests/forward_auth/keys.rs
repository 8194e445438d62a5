//! Session JWTs and the keys that sign them.

use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::Value;

use super::*;

async fn published(world: &World) -> (JwkSet, Value) {
    let url = format!("{}/.well-known/jwks.json", world.base());
    let response = Browser::default().get(&url).await;
    assert_eq!(header(&response, "cache-control"), "public, max-age=300");
    assert_eq!(header(&response, "access-control-allow-origin"), "*");
    (serde_json::from_str(&response.body).unwrap(), response.json())
}

/// The claims of a JWT that verifies with the published keys for this audience.
fn verified(jwt: &str, keys: &JwkSet, (issuer, audience): (&str, &str)) -> Value {
    let header = decode_header(jwt).unwrap();
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    let key = keys.find(header.kid.as_deref().unwrap()).unwrap();
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[audience]);
    validation.set_issuer(&[issuer]);
    decode::<Value>(jwt, &DecodingKey::from_jwk(key).unwrap(), &validation).unwrap().claims
}

fn bearer(response: &Response) -> &str {
    header(response, "authorization").strip_prefix("Bearer ").unwrap()
}

async fn entered(world: &World, origin: &str) -> (Browser, Host) {
    let mut person = zofia(world).await;
    let mut host = Host::new(world, origin);
    host.enter(&mut person, "/").await;
    (person, host)
}

#[tokio::test]
async fn session_jwt_verifies_by_the_published_keys_and_names_person_app_and_session() {
    let told = app("costs", COSTS, "claims = [\"tid\", \"roles\"]");
    let world = World::with(&format!("{told}{}", app("inventory", INVENTORY, ""))).await;
    let (mut person, mut host) = entered(&world, COSTS).await;
    let allowed = host.ask("GET", "/", &[]).await;
    let (keys, _) = published(&world).await;
    let claims = verified(bearer(&allowed), &keys, (world.base(), COSTS));
    let session = person.session(world.base()).await.json();
    assert_eq!(claims["sub"], session["person"]["id"]);
    assert_eq!(
        (&claims["client_id"], &claims["tenant"]),
        (&"costs".into(), &personas::CONTOSO.id.into())
    );
    assert_eq!((&claims["tid"], claims.get("oid")), (&personas::CONTOSO.id.into(), None));
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 300);
    // Served from memory meanwhile.
    assert_eq!(bearer(&host.ask("GET", "/other", &[]).await), bearer(&allowed));
    let mut other = Host::new(&world, INVENTORY);
    other.enter(&mut person, "/").await;
    let claims =
        verified(bearer(&other.ask("GET", "/", &[]).await), &keys, (world.base(), INVENTORY));
    assert_eq!((&claims["client_id"], claims.get("tid")), (&"inventory".into(), None));
}

#[tokio::test]
async fn keys_stay_through_a_restart_and_have_no_private_member() {
    let world = two_apps().await;
    let (_, mut host) = entered(&world, COSTS).await;
    let before = host.ask("GET", "/", &[]).await;
    let (_, first) = published(&world).await;
    assert!(first["keys"][0]["kid"].is_string() && first["keys"][0].get("d").is_none(), "{first}");
    let world = world.restarted().await;
    let (keys, again) = published(&world).await;
    assert_eq!(first, again);
    verified(bearer(&before), &keys, (world.base(), COSTS));
}

#[tokio::test]
async fn app_gets_the_algorithm_that_it_asks_for() {
    let apps = app("costs", COSTS, "signing_algorithm = \"RS256\"");
    let world = World::with(&apps).await;
    let (_, mut host) = entered(&world, COSTS).await;
    let allowed = loop {
        let asked = host.ask("GET", "/", &[]).await;
        if asked.status != StatusCode::SERVICE_UNAVAILABLE {
            break asked;
        }
    };
    let (keys, shown) = published(&world).await;
    verified(bearer(&allowed), &keys, (world.base(), COSTS));
    let algorithms: Vec<_> =
        shown["keys"].as_array().unwrap().iter().map(|it| it["alg"].clone()).collect();
    assert!(
        algorithms.contains(&"RS256".into()) && algorithms.contains(&"ES256".into()),
        "{shown}"
    );
    assert_eq!(decode_header(bearer(&allowed)).unwrap().alg, jsonwebtoken::Algorithm::RS256);
}
