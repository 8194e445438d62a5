//! Algorithms, keys and signatures of ID tokens.

mod choice;

use portico_e2e::{Browser, Emulator, FaultKind, Options, Target, personas};
use rstest::rstest;
use serde_json::{Value, json};

use crate::scenario::{HostileScenario, TestClient, header, invalid_response, member};

/// The key set of the provider.
async fn key_set(scenario: &HostileScenario) -> Vec<Value> {
    let url = scenario.emulator().http_url().join("organizations/discovery/v2.0/keys").unwrap();
    Browser::default().get(url).await.json()["keys"].as_array().unwrap().clone()
}

#[tokio::test]
async fn callback_refuses_id_token_with_alg_none_or_unsupported_algorithm() {
    let scenario = HostileScenario::start(&[]).await;
    let check = invalid_response("id_token_algorithm");
    for algorithm in
        ["none", "None", "NONE", "nOnE", "NoNe", "none ", " none", "none\0", "", "null", "ＮＯＮＥ"]
    {
        scenario
            .assert_login_refused(&[FaultKind::AlgNone { spelling: algorithm.into() }], check)
            .await;
    }
    scenario.assert_login_refused(&[FaultKind::Hs256WithPublicKey], check).await;
    for algorithm in ["HS256", "hs256", "HS384", "HS512"] {
        let faults = [FaultKind::Hs256WithPublicKey, header("alg", algorithm)];
        scenario.assert_login_refused(&faults, check).await;
    }
    // These tokens have a valid RS256 signature.
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
}

/// Portico supports these algorithms, but the token is signed by RS256.
#[rstest]
#[case::rs384("RS384", "id_token_signature")]
#[case::rs512("RS512", "id_token_signature")]
#[case::ps384("PS384", "id_token_signature")]
#[case::ps512("PS512", "id_token_signature")]
#[case::es384("ES384", "id_token_key")]
#[case::eddsa("EdDSA", "id_token_key")]
#[tokio::test]
async fn callback_refuses_id_token_whose_alg_is_not_that_of_its_signature(
    #[case] algorithm: &str,
    #[case] check: &'static str,
) {
    let scenario = HostileScenario::start(&[]).await;
    scenario.assert_login_refused(&[header("alg", algorithm)], invalid_response(check)).await;
}

#[tokio::test]
async fn callback_refuses_id_token_whose_alg_is_no_text() {
    let scenario = HostileScenario::start(&[]).await;
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
    let keys = key_set(&scenario).await;
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
    let key_set_url = evil.http_url().join("common/discovery/v2.0/keys").unwrap();
    let kid = key_set(&scenario).await[0]["kid"].clone();
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
        let url = key_set_url.as_str();
        [("jku", json!(url)), ("x5u", json!(url)), ("x5c", json!(["AAAA"])), ("jku", json!([url]))]
    };
    for (name, value) in pointers() {
        let faults = [FaultKind::KeyInHeader, header(name, value)];
        scenario.assert_login_refused(&faults, invalid_response("id_token_key")).await;
        let with_kid = [&faults[..], &[header("kid", kid.clone())]].concat();
        scenario.assert_login_refused(&with_kid, invalid_response("id_token_signature")).await;
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
