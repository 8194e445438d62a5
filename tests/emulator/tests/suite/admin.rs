//! `/_emulator/…`: the administration API for tests in any language.

use portico_emulator::personas::{CONTOSO, ZOFIA};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{RelyingParty, header};

const FAULTS: &str = "_emulator/faults";

async fn post(rp: &RelyingParty, path: &str, body: Value) -> u16 {
    rp.http.post(rp.url(path)).json(&body).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn faults_endpoint_sets_lists_and_clears_faults() {
    let rp = RelyingParty::new().await;
    let fault = json!({ "target": "token", "kind": { "type": "set_claim", "name": "x", "value": 1 }, "times": 2 });
    assert_eq!(post(&rp, FAULTS, fault).await, 204);
    let listed = rp.json(FAULTS).await;
    assert_eq!(listed[0]["kind"], json!({ "type": "set_claim", "name": "x", "value": 1 }));
    assert_eq!(listed[0]["times"], 2);
    assert_eq!(rp.http.delete(rp.url(FAULTS)).send().await.unwrap().status(), 204);
    assert_eq!(rp.json(FAULTS).await, json!([]));
}

#[rstest]
#[case::kind_of_other_target(json!({ "target": "keys", "kind": { "type": "no_nonce" } }))]
#[case::unknown_kind(json!({ "target": "keys", "kind": { "type": "explode" } }))]
#[case::unknown_target(json!({ "target": "moon", "kind": { "type": "hang" } }))]
#[case::grant_at_keys(json!({ "target": "keys", "kind": { "type": "hang" }, "grant": "refresh_token" }))]
#[case::invalid_status(json!({ "target": "keys", "kind": { "type": "status", "code": 7 } }))]
#[case::persistent_with_times(json!({ "target": "token", "kind": { "type": "clock", "seconds": 1 }, "times": 1 }))]
#[case::unknown_member(json!({ "target": "token", "kind": { "type": "slow", "millis": 1 }, "time": 1 }))]
#[tokio::test]
async fn faults_endpoint_refuses_invalid_fault(#[case] fault: Value) {
    let rp = RelyingParty::new().await;
    assert_eq!(post(&rp, FAULTS, fault).await, 422);
    assert_eq!(rp.json(FAULTS).await, json!([]));
}

#[tokio::test]
async fn rotate_keys_signs_with_new_key_and_publishes_old_keys_only_if_keep_old() {
    let rp = RelyingParty::new().await;
    let kids = async || {
        let keys = rp.json("common/discovery/v2.0/keys").await;
        let keys = keys["keys"].as_array().unwrap().clone();
        keys.into_iter().map(|key| key["kid"].clone()).collect::<Vec<_>>()
    };
    let before = kids().await;
    let old_token = rp.id_token().await;
    assert_eq!(header(&old_token)["kid"], before[0]);
    assert_eq!(post(&rp, "_emulator/keys/rotate", json!({ "keep_old": true })).await, 204);
    let between = kids().await;
    assert!(before.iter().all(|kid| between.contains(kid)));
    assert!(rp.verify(&old_token).await.is_ok());
    let new_token = rp.id_token().await;
    assert!(!before.contains(&header(&new_token)["kid"]));
    assert!(rp.verify(&new_token).await.is_ok());

    assert_eq!(post(&rp, "_emulator/keys/rotate", json!({ "keep_old": false })).await, 204);
    let after = kids().await;
    assert!(between.iter().all(|kid| !after.contains(kid)));
    assert!(rp.verify(&new_token).await.is_err());
    assert!(rp.verify(&rp.id_token().await).await.is_ok());
}

#[tokio::test]
async fn requests_endpoint_lists_requests_until_deleted() {
    let rp = RelyingParty::new().await;
    rp.sign_in("organizations", &ZOFIA).await;
    let token = rp.application_token(CONTOSO.id).await;
    rp.arm_get("subscriptions?api-version=2022-12-01", &token).await;
    let journal = rp.json("_emulator/requests").await;
    let entries = journal.as_array().unwrap();
    assert_eq!(entries.len(), 4);
    assert_eq!(entries[0]["path"], "/organizations/oauth2/v2.0/authorize");
    assert_eq!(
        (&entries[1]["grant_type"], &entries[1]["authorization"]),
        (&json!("authorization_code"), &json!(false))
    );
    assert_eq!(
        (&entries[3]["method"], &entries[3]["authorization"]),
        (&json!("GET"), &json!(true))
    );
    assert_eq!(entries[3]["query"], json!([["api-version", "2022-12-01"]]));

    let entries = rp.emulator.requests();
    assert_eq!(entries[1].form("code_verifier"), Some(crate::support::VERIFIER));
    assert_eq!(entries[3].header("authorization"), Some(format!("Bearer {token}").as_str()));
    assert_eq!((entries[0].query("state"), entries[0].scheme), (Some("a state & more"), "http"));
    rp.http.delete(rp.url("_emulator/requests")).send().await.unwrap();
    assert!(rp.emulator.requests().is_empty());
}

#[tokio::test]
async fn reset_revokes_codes_and_keys_and_clears_faults_and_requests() {
    let rp = RelyingParty::new().await;
    let code = rp.code("common", &ZOFIA).await;
    let token = rp.id_token().await;
    let fault = json!({ "target": "keys", "kind": { "type": "hang" } });
    assert_eq!(post(&rp, FAULTS, fault).await, 204);
    let reset = rp.http.post(rp.url("_emulator/reset")).send().await.unwrap();
    assert_eq!(reset.status(), 204);
    assert!(rp.emulator.requests().is_empty());
    assert_eq!(rp.json(FAULTS).await, json!([]));
    assert!(rp.verify(&token).await.is_err());
    assert_eq!(rp.token("common", &crate::support::code_request(&code)).await.0, 400);
}
