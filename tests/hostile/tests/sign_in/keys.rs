//! Algorithms, keys and signatures: rows 12, 13 and 14.

use portico_e2e::{Browser, Emulator, FaultKind, Options, Target, personas};
use serde_json::{Value, json};

use crate::scenario::{HostileScenario, TestClient, header, invalid_response, member};

/// The published keys.
async fn published(scenario: &HostileScenario) -> Vec<Value> {
    let url = scenario.emulator().http_url().join("organizations/discovery/v2.0/keys").unwrap();
    Browser::default().get(url).await.json()["keys"].as_array().unwrap().clone()
}

#[tokio::test]
async fn no_algorithm_in_any_spelling_and_none_but_the_sound_ones_is_accepted() {
    let scenario = HostileScenario::lay(&[]).await;
    let check = invalid_response("id_token_algorithm");
    for spelling in
        ["none", "None", "NONE", "nOnE", "NoNe", "none ", " none", "none\0", "", "null", "ＮＯＮＥ"]
    {
        scenario.lied(&[FaultKind::AlgNone { spelling: spelling.into() }], check).await;
    }
    scenario.lied(&[FaultKind::Hs256WithPublicKey], check).await;
    for spelling in ["HS256", "hs256", "HS384", "HS512"] {
        let lies = [FaultKind::Hs256WithPublicKey, header("alg", spelling)];
        scenario.lied(&lies, check).await;
    }
    // The signature is good in all of these.
    for algorithm in [
        "rs256",
        "Rs256",
        "RS256 ",
        " RS256",
        "RS256\0",
        "RS1",
        "ES512",
        "ES256K",
        "Ed25519",
        "dir",
        "A128KW",
        "RSA-OAEP",
        "RS256,none",
    ] {
        scenario.lied(&[header("alg", algorithm)], check).await;
    }
    // These are accepted from whoever signs so, and this token is signed by RS256.
    for (algorithm, check) in [
        ("RS384", "id_token_signature"),
        ("RS512", "id_token_signature"),
        ("PS384", "id_token_signature"),
        ("PS512", "id_token_signature"),
        ("ES384", "id_token_key"),
        ("EdDSA", "id_token_key"),
    ] {
        scenario.lied(&[header("alg", algorithm)], invalid_response(check)).await;
    }
    for nonsense in [json!(null), json!(7), json!(["RS256"]), json!({ "RS256": true })] {
        scenario.lied(&[header("alg", nonsense)], invalid_response("id_token_unreadable")).await;
    }
}

#[tokio::test]
async fn a_signature_that_is_not_the_named_keys_is_refused() {
    let scenario = HostileScenario::lay(&[]).await;
    let signature = invalid_response("id_token_signature");
    scenario.lied(&[FaultKind::BadSignature], signature).await;
    scenario.lied(&[header("alg", "PS256")], signature).await;
    scenario.lied(&[header("alg", "ES256")], invalid_response("id_token_key")).await;
    let keys = published(&scenario).await;
    let other = keys[1]["kid"].as_str().unwrap();
    scenario.lied(&[header("kid", other)], signature).await;
    scenario.lied(&[FaultKind::UnknownKid], invalid_response("id_token_key")).await;
    for name in ["", " ", "*", "../../../../dev/null", "' OR ''='", "0", &other.to_lowercase()] {
        scenario.lied(&[header("kid", name)], invalid_response("id_token_key")).await;
    }
    for nonsense in [json!(7), json!([other]), json!({ "kid": other }), json!(true)] {
        scenario.lied(&[header("kid", nonsense)], invalid_response("id_token_unreadable")).await;
    }
}

#[tokio::test]
async fn a_key_that_the_token_brings_or_points_at_is_neither_used_nor_fetched() {
    let scenario = HostileScenario::lay(&[]).await;
    let evil = Emulator::start(Options::default()).await.unwrap();
    let there = evil.http_url().join("common/discovery/v2.0/keys").unwrap();
    let honest = published(&scenario).await[0]["kid"].clone();
    scenario.lied(&[FaultKind::KeyInHeader], invalid_response("id_token_key")).await;
    scenario
        .lied(
            &[FaultKind::KeyInHeader, header("kid", json!(null))],
            invalid_response("id_token_key"),
        )
        .await;
    let pointers = || {
        let at = there.as_str();
        [("jku", json!(at)), ("x5u", json!(at)), ("x5c", json!(["AAAA"])), ("jku", json!([at]))]
    };
    for (name, value) in pointers() {
        let lies = [FaultKind::KeyInHeader, header(name, value)];
        scenario.lied(&lies, invalid_response("id_token_key")).await;
        let named = [&lies[..], &[header("kid", honest.clone())]].concat();
        scenario.lied(&named, invalid_response("id_token_signature")).await;
    }
    for (name, value) in pointers() {
        scenario.accepted(&[header(name, value)]).await;
    }
    assert!(evil.requests().is_empty(), "{:?}", evil.requests());
}

#[tokio::test]
async fn an_extension_or_a_token_for_another_purpose_is_refused() {
    let scenario = HostileScenario::lay(&[]).await;
    for critical in [json!(["exp"]), json!(["b64"]), json!([]), json!("b64"), json!({}), json!(7)] {
        scenario.lied(&[header("crit", critical)], invalid_response("id_token_critical")).await;
    }
    let unencoded = [header("crit", json!(["b64"])), header("b64", false)];
    scenario.lied(&unencoded, invalid_response("id_token_critical")).await;
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt"]
    {
        scenario.lied(&[header("typ", typ)], invalid_response("id_token_type")).await;
    }
    for nonsense in [json!(7), json!(["JWT"]), json!({})] {
        scenario.lied(&[header("typ", nonsense)], invalid_response("id_token_unreadable")).await;
    }
    for harmless in [json!("jwt"), json!("application/jwt"), json!(null)] {
        scenario.accepted(&[header("typ", harmless)]).await;
    }
}

#[tokio::test]
async fn a_token_that_names_no_key_is_refused_beside_several_and_accepted_beside_one() {
    let several = HostileScenario::lay(&[]).await;
    several.lied(&[FaultKind::NoKid], invalid_response("id_token_key")).await;
    several.lied(&[header("kid", json!(null))], invalid_response("id_token_key")).await;

    let nameless = HostileScenario::lay(&[]).await;
    nameless.tell(Target::Keys, &[member("kid", json!(null))]);
    nameless.lied(&[FaultKind::NoKid], invalid_response("id_token_key")).await;

    let one = HostileScenario::lay(&[]).await;
    one.tell(Target::Keys, &[FaultKind::OneKey]);
    one.accepted(&[FaultKind::NoKid]).await;
    one.lied(&[FaultKind::NoKid, FaultKind::BadSignature], invalid_response("id_token_signature"))
        .await;
}

#[tokio::test]
async fn keys_for_another_use_or_another_issuer_verify_nothing() {
    for (lie, check) in [
        (member("use", "enc"), "id_token_key"),
        (member("alg", "HS256"), "id_token_key"),
        (member("alg", "none"), "id_token_key"),
        (member("alg", "RSA-OAEP"), "id_token_key"),
        (member("kty", "oct"), "id_token_key"),
        (member("kty", "EC"), "id_token_key"),
        (member("n", "AQAB"), "id_token_"),
        (member("kid", 7), "id_token_key"),
        (FaultKind::OtherKeyIssuer, "id_token_key_issuer"),
    ] {
        let scenario = HostileScenario::lay(&[]).await;
        scenario.tell(Target::Keys, &[lie]);
        scenario.lied(&[], invalid_response(check)).await;
    }
}

#[tokio::test]
async fn a_flood_of_unknown_keys_fetches_the_keys_once() {
    let scenario = HostileScenario::lay(&[]).await;
    let mut visitor = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    visitor.browser.post(&format!("{}/api/logout", scenario.base()), scenario.base()).await;
    scenario.emulator().clear_requests();
    for _ in 0..25 {
        scenario.lied(&[FaultKind::UnknownKid], invalid_response("id_token_key")).await;
    }
    let requests = scenario.emulator().requests();
    let fetched = requests.iter().filter(|request| request.path.ends_with("/keys")).count();
    assert_eq!(fetched, 1);
}
