//! `/_emulator/…`: what tests in other languages use.

use portico_emulator::personas::{CONTOSO, ZOFIA};
use serde_json::{Value, json};

use crate::support::{Party, header};

const FAULTS: &str = "_emulator/faults";

async fn post(party: &Party, path: &str, body: Value) -> u16 {
    party.http.post(party.url(path)).json(&body).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn faults_are_set_listed_and_cleared() {
    let party = Party::new().await;
    let fault = json!({ "target": "token", "kind": { "type": "set_claim", "name": "x", "value": 1 }, "times": 2 });
    assert_eq!(post(&party, FAULTS, fault).await, 204);
    let listed = party.json(FAULTS).await;
    assert_eq!(listed[0]["kind"], json!({ "type": "set_claim", "name": "x", "value": 1 }));
    assert_eq!(listed[0]["times"], 2);
    assert_eq!(party.http.delete(party.url(FAULTS)).send().await.unwrap().status(), 204);
    assert_eq!(party.json(FAULTS).await, json!([]));
}

#[tokio::test]
async fn a_fault_that_makes_no_sense_is_refused() {
    let party = Party::new().await;
    let cases = [
        json!({ "target": "keys", "kind": { "type": "no_nonce" } }),
        json!({ "target": "keys", "kind": { "type": "explode" } }),
        json!({ "target": "moon", "kind": { "type": "hang" } }),
        json!({ "target": "keys", "kind": { "type": "hang" }, "grant": "refresh_token" }),
        json!({ "target": "keys", "kind": { "type": "status", "code": 7 } }),
        json!({ "target": "token", "kind": { "type": "clock", "seconds": 1 }, "times": 1 }),
        json!({ "target": "token", "kind": { "type": "slow", "millis": 1 }, "time": 1 }),
    ];
    for fault in cases {
        assert_eq!(post(&party, FAULTS, fault.clone()).await, 422, "{fault}");
    }
    assert_eq!(party.json(FAULTS).await, json!([]));
}

#[tokio::test]
async fn rotation_signs_with_a_new_key_at_once_and_keeps_the_old_ones_if_told() {
    let party = Party::new().await;
    let kids = async || {
        let keys = party.json("common/discovery/v2.0/keys").await;
        let keys = keys["keys"].as_array().unwrap().clone();
        keys.into_iter().map(|key| key["kid"].clone()).collect::<Vec<_>>()
    };
    let before = kids().await;
    let old_token = party.id_token().await;
    assert_eq!(header(&old_token)["kid"], before[0]);
    assert_eq!(post(&party, "_emulator/keys/rotate", json!({ "keep_old": true })).await, 204);
    let between = kids().await;
    assert!(before.iter().all(|kid| between.contains(kid)));
    assert!(party.verify(&old_token).await.is_ok());
    let new_token = party.id_token().await;
    assert!(!before.contains(&header(&new_token)["kid"]));
    assert!(party.verify(&new_token).await.is_ok());

    assert_eq!(post(&party, "_emulator/keys/rotate", json!({ "keep_old": false })).await, 204);
    let after = kids().await;
    assert!(between.iter().all(|kid| !after.contains(kid)));
    assert!(party.verify(&new_token).await.is_err());
    assert!(party.verify(&party.id_token().await).await.is_ok());
}

#[tokio::test]
async fn the_journal_tells_what_was_asked_and_forgets_on_request() {
    let party = Party::new().await;
    party.sign_in("organizations", &ZOFIA).await;
    let token = party.application_token(CONTOSO.id).await;
    party.arm_get("subscriptions?api-version=2022-12-01", &token).await;
    let journal = party.json("_emulator/requests").await;
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

    let entries = party.emulator.requests();
    assert_eq!(entries[1].form("code_verifier"), Some(crate::support::VERIFIER));
    assert_eq!(entries[3].header("authorization"), Some(format!("Bearer {token}").as_str()));
    assert_eq!((entries[0].query("state"), entries[0].scheme), (Some("a state & more"), "http"));
    party.http.delete(party.url("_emulator/requests")).send().await.unwrap();
    assert!(party.emulator.requests().is_empty());
}

#[tokio::test]
async fn a_reset_makes_everything_new() {
    let party = Party::new().await;
    let code = party.code("common", &ZOFIA).await;
    let token = party.id_token().await;
    let fault = json!({ "target": "keys", "kind": { "type": "hang" } });
    assert_eq!(post(&party, FAULTS, fault).await, 204);
    let reset = party.http.post(party.url("_emulator/reset")).send().await.unwrap();
    assert_eq!(reset.status(), 204);
    assert!(party.emulator.requests().is_empty());
    assert_eq!(party.json(FAULTS).await, json!([]));
    assert!(party.verify(&token).await.is_err());
    assert_eq!(party.token("common", &crate::support::redemption(&code)).await.0, 400);
}
