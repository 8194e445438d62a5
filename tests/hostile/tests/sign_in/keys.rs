//! Algorithms, keys and signatures of ID tokens: rows 12, 13 and 14.

use portico_e2e::{Browser, Emulator, FaultKind, Options, Target, personas};
use serde_json::{Value, json};

use crate::scenario::{HostileScenario, TestClient, header, invalid_response, member};

/// The published keys.
async fn published(scenario: &HostileScenario) -> Vec<Value> {
    let url = scenario.emulator().http_url().join("organizations/discovery/v2.0/keys").unwrap();
    Browser::default().get(url).await.json()["keys"].as_array().unwrap().clone()
}

#[tokio::test]
async fn callback_refuses_id_token_with_alg_none_or_unsupported_algorithm() {
    let scenario = HostileScenario::start(&[]).await;
    let check = invalid_response("id_token_algorithm");
    for spelling in
        ["none", "None", "NONE", "nOnE", "NoNe", "none ", " none", "none\0", "", "null", "ＮＯＮＥ"]
    {
        scenario
            .assert_login_refused(&[FaultKind::AlgNone { spelling: spelling.into() }], check)
            .await;
    }
    scenario.assert_login_refused(&[FaultKind::Hs256WithPublicKey], check).await;
    for spelling in ["HS256", "hs256", "HS384", "HS512"] {
        let faults = [FaultKind::Hs256WithPublicKey, header("alg", spelling)];
        scenario.assert_login_refused(&faults, check).await;
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
        scenario.assert_login_refused(&[header("alg", algorithm)], check).await;
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
        scenario.assert_login_refused(&[header("alg", algorithm)], invalid_response(check)).await;
    }
    for nonsense in [json!(null), json!(7), json!(["RS256"]), json!({ "RS256": true })] {
        scenario
            .assert_login_refused(
                &[header("alg", nonsense)],
                invalid_response("id_token_unreadable"),
            )
            .await;
    }
}

#[tokio::test]
async fn callback_refuses_id_token_with_invalid_signature() {
    let scenario = HostileScenario::start(&[]).await;
    let signature = invalid_response("id_token_signature");
    scenario.assert_login_refused(&[FaultKind::BadSignature], signature).await;
    scenario.assert_login_refused(&[header("alg", "PS256")], signature).await;
    scenario
        .assert_login_refused(&[header("alg", "ES256")], invalid_response("id_token_key"))
        .await;
    let keys = published(&scenario).await;
    let other = keys[1]["kid"].as_str().unwrap();
    scenario.assert_login_refused(&[header("kid", other)], signature).await;
    scenario.assert_login_refused(&[FaultKind::UnknownKid], invalid_response("id_token_key")).await;
    for name in ["", " ", "*", "../../../../dev/null", "' OR ''='", "0", &other.to_lowercase()] {
        scenario
            .assert_login_refused(&[header("kid", name)], invalid_response("id_token_key"))
            .await;
    }
    for nonsense in [json!(7), json!([other]), json!({ "kid": other }), json!(true)] {
        scenario
            .assert_login_refused(
                &[header("kid", nonsense)],
                invalid_response("id_token_unreadable"),
            )
            .await;
    }
}

#[tokio::test]
async fn callback_ignores_keys_embedded_in_or_referenced_by_the_token() {
    let scenario = HostileScenario::start(&[]).await;
    let evil = Emulator::start(Options::default()).await.unwrap();
    let there = evil.http_url().join("common/discovery/v2.0/keys").unwrap();
    let honest = published(&scenario).await[0]["kid"].clone();
    scenario
        .assert_login_refused(&[FaultKind::KeyInHeader], invalid_response("id_token_key"))
        .await;
    scenario
        .assert_login_refused(
            &[FaultKind::KeyInHeader, header("kid", json!(null))],
            invalid_response("id_token_key"),
        )
        .await;
    let pointers = || {
        let at = there.as_str();
        [("jku", json!(at)), ("x5u", json!(at)), ("x5c", json!(["AAAA"])), ("jku", json!([at]))]
    };
    for (name, value) in pointers() {
        let faults = [FaultKind::KeyInHeader, header(name, value)];
        scenario.assert_login_refused(&faults, invalid_response("id_token_key")).await;
        let named = [&faults[..], &[header("kid", honest.clone())]].concat();
        scenario.assert_login_refused(&named, invalid_response("id_token_signature")).await;
    }
    for (name, value) in pointers() {
        scenario.assert_login_accepted(&[header(name, value)]).await;
    }
    assert!(evil.requests().is_empty(), "{:?}", evil.requests());
}

#[tokio::test]
async fn callback_refuses_id_token_with_crit_or_another_typ() {
    let scenario = HostileScenario::start(&[]).await;
    for critical in [json!(["exp"]), json!(["b64"]), json!([]), json!("b64"), json!({}), json!(7)] {
        scenario
            .assert_login_refused(
                &[header("crit", critical)],
                invalid_response("id_token_critical"),
            )
            .await;
    }
    let unencoded = [header("crit", json!(["b64"])), header("b64", false)];
    scenario.assert_login_refused(&unencoded, invalid_response("id_token_critical")).await;
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt"]
    {
        scenario
            .assert_login_refused(&[header("typ", typ)], invalid_response("id_token_type"))
            .await;
    }
    for nonsense in [json!(7), json!(["JWT"]), json!({})] {
        scenario
            .assert_login_refused(
                &[header("typ", nonsense)],
                invalid_response("id_token_unreadable"),
            )
            .await;
    }
    for harmless in [json!("jwt"), json!("application/jwt"), json!(null)] {
        scenario.assert_login_accepted(&[header("typ", harmless)]).await;
    }
}

#[tokio::test]
async fn id_token_without_kid_is_accepted_only_if_there_is_one_key() {
    let several = HostileScenario::start(&[]).await;
    several.assert_login_refused(&[FaultKind::NoKid], invalid_response("id_token_key")).await;
    several
        .assert_login_refused(&[header("kid", json!(null))], invalid_response("id_token_key"))
        .await;

    let nameless = HostileScenario::start(&[]).await;
    nameless.inject(Target::Keys, &[member("kid", json!(null))]);
    nameless.assert_login_refused(&[FaultKind::NoKid], invalid_response("id_token_key")).await;

    let one = HostileScenario::start(&[]).await;
    one.inject(Target::Keys, &[FaultKind::OneKey]);
    one.assert_login_accepted(&[FaultKind::NoKid]).await;
    one.assert_login_refused(
        &[FaultKind::NoKid, FaultKind::BadSignature],
        invalid_response("id_token_signature"),
    )
    .await;
}

#[tokio::test]
async fn keys_for_another_use_or_issuer_verify_no_id_token() {
    for (fault, check) in [
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
        let scenario = HostileScenario::start(&[]).await;
        scenario.inject(Target::Keys, &[fault]);
        scenario.assert_login_refused(&[], invalid_response(check)).await;
    }
}

#[tokio::test]
async fn unknown_key_ids_refetch_the_key_set_once() {
    let scenario = HostileScenario::start(&[]).await;
    let mut client = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    client.browser.post(&format!("{}/api/logout", scenario.base()), scenario.base()).await;
    scenario.emulator().clear_requests();
    for _ in 0..25 {
        scenario
            .assert_login_refused(&[FaultKind::UnknownKid], invalid_response("id_token_key"))
            .await;
    }
    let requests = scenario.emulator().requests();
    let fetched = requests.iter().filter(|request| request.path.ends_with("/keys")).count();
    assert_eq!(fetched, 1);
}
