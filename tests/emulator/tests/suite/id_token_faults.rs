//! ID token faults: each changes one thing of an otherwise valid token.

use jsonwebtoken::errors::ErrorKind;
use portico_emulator::personas::{CONTOSO, ZOFIA};
use portico_emulator::{Fault, FaultKind, Target};
use serde_json::{Value, json};

use crate::support::{NONCE, RelyingParty, claims, header};

/// An ID token with one fault.
async fn faulty_id_token(rp: &RelyingParty, kind: FaultKind) -> String {
    rp.emulator.fault(Fault::once(Target::Token, kind));
    rp.id_token().await
}

/// The reason why jsonwebtoken refuses a token with this fault.
async fn verification_error(rp: &RelyingParty, kind: FaultKind) -> ErrorKind {
    let token = faulty_id_token(rp, kind).await;
    rp.verify(&token).await.unwrap_err().into_kind()
}

fn missing(name: &str) -> FaultKind {
    FaultKind::Missing { name: name.to_owned() }
}

#[tokio::test]
async fn id_token_time_faults_set_exp_nbf_and_iat() {
    let rp = RelyingParty::new().await;
    assert!(matches!(
        verification_error(&rp, FaultKind::Expired).await,
        ErrorKind::ExpiredSignature
    ));
    assert!(matches!(
        verification_error(&rp, FaultKind::NotYetValid).await,
        ErrorKind::ImmatureSignature
    ));
    let token = claims(&faulty_id_token(&rp, FaultKind::IatInFuture).await);
    assert!(token["iat"].as_i64() > token["nbf"].as_i64());
    assert!(rp.verify(&rp.id_token().await).await.is_ok());
}

#[tokio::test]
async fn id_token_claim_faults_remove_or_replace_claims() {
    let rp = RelyingParty::new().await;
    assert!(matches!(
        verification_error(&rp, FaultKind::WrongAudience).await,
        ErrorKind::InvalidAudience
    ));
    for name in ["iss", "aud", "sub", "exp"] {
        assert!(claims(&faulty_id_token(&rp, missing(name)).await).get(name).is_none(), "{name}");
        assert!(
            matches!(
                verification_error(&rp, missing(name)).await,
                ErrorKind::MissingRequiredClaim(_)
            ),
            "{name}"
        );
    }
    // jsonwebtoken does not check `iat`, so only the claim is looked at.
    assert!(claims(&faulty_id_token(&rp, missing("iat")).await).get("iat").is_none());
    let set = FaultKind::SetClaim { name: "oid".to_owned(), value: json!(["<b>"]) };
    assert_eq!(claims(&faulty_id_token(&rp, set).await)["oid"], json!(["<b>"]));
    assert_eq!(
        claims(&faulty_id_token(&rp, FaultKind::WrongIssuer).await)["iss"],
        "https://sts.other.example/v2.0"
    );
}

#[tokio::test]
async fn id_token_nonce_faults_replace_or_remove_nonce() {
    let rp = RelyingParty::new().await;
    let wrong = claims(&faulty_id_token(&rp, FaultKind::WrongNonce).await);
    assert!(wrong["nonce"].is_string() && wrong["nonce"] != NONCE);
    assert!(claims(&faulty_id_token(&rp, FaultKind::NoNonce).await).get("nonce").is_none());
}

#[tokio::test]
async fn id_token_tenant_faults_change_tid_and_iss() {
    let rp = RelyingParty::new().await;
    let wrong = claims(&faulty_id_token(&rp, FaultKind::WrongTid).await);
    assert_ne!(wrong["tid"], CONTOSO.id);
    assert!(wrong["iss"].as_str().unwrap().contains(CONTOSO.id));
    let no_guid = claims(&faulty_id_token(&rp, FaultKind::TidNotGuid).await);
    assert_eq!(no_guid["tid"], "contoso.example");
    assert_eq!(no_guid["iss"], format!("{}contoso.example/v2.0", rp.emulator.http_url()));
}

#[tokio::test]
async fn id_token_alg_faults_use_none_or_hs256() {
    let rp = RelyingParty::new().await;
    for spelling in ["none", "nOnE"] {
        let token =
            faulty_id_token(&rp, FaultKind::AlgNone { spelling: spelling.to_owned() }).await;
        assert_eq!(header(&token)["alg"], spelling);
        assert!(token.ends_with('.'));
        assert!(rp.verify(&token).await.is_err());
    }
    let token = faulty_id_token(&rp, FaultKind::Hs256WithPublicKey).await;
    assert_eq!(header(&token)["alg"], "HS256");
    assert!(matches!(
        rp.verify(&token).await.unwrap_err().into_kind(),
        ErrorKind::InvalidAlgorithm
    ));
}

#[tokio::test]
async fn id_token_signature_faults_change_signature_kid_or_header() {
    let rp = RelyingParty::new().await;
    assert!(matches!(
        verification_error(&rp, FaultKind::BadSignature).await,
        ErrorKind::InvalidSignature
    ));
    let token = faulty_id_token(&rp, FaultKind::UnknownKid).await;
    assert!(rp.verify(&token).await.is_err());
    assert!(header(&faulty_id_token(&rp, FaultKind::NoKid).await).get("kid").is_none());
    let unpublished = header(&faulty_id_token(&rp, FaultKind::KeyInHeader).await);
    let keys = rp.json("common/discovery/v2.0/keys").await;
    let published = keys["keys"].as_array().unwrap();
    let jku =
        FaultKind::SetHeader { name: "jku".to_owned(), value: json!("https://evil.example/keys") };
    assert_eq!(header(&faulty_id_token(&rp, jku).await)["jku"], "https://evil.example/keys");
    assert!(unpublished["jwk"]["n"].is_string());
    assert!(published.iter().all(|key: &Value| key["n"] != unpublished["jwk"]["n"]));
}

#[tokio::test]
async fn faults_combine_and_end_after_their_times() {
    let rp = RelyingParty::new().await;
    rp.emulator.fault(Fault::times(Target::Token, FaultKind::NoNonce, 2));
    let token = claims(&faulty_id_token(&rp, missing("sub")).await);
    assert!(token.get("nonce").is_none() && token.get("sub").is_none());
    assert!(claims(&rp.id_token().await).get("nonce").is_none());
    assert_eq!(claims(&rp.id_token().await)["nonce"], NONCE);
}

#[tokio::test]
async fn clock_fault_shifts_iat() {
    let rp = RelyingParty::new().await;
    let honest = claims(&rp.id_token().await)["iat"].as_i64().unwrap();
    for seconds in [600, -600] {
        rp.emulator.clear_faults();
        rp.emulator.fault(Fault::always(Target::Token, FaultKind::Clock { seconds }));
        let shifted = claims(&rp.id_token().await)["iat"].as_i64().unwrap();
        assert!((shifted - honest - seconds).abs() < 60);
    }
}

#[tokio::test]
async fn set_member_fault_changes_token_response_and_keys() {
    let rp = RelyingParty::new().await;
    let set = |name: &str, value| FaultKind::SetMember { name: name.to_owned(), value };
    rp.emulator.fault(Fault::once(Target::Token, set("token_type", json!("mac"))));
    rp.emulator.fault(Fault::once(Target::Token, set("id_token", json!(null))));
    let tokens = rp.sign_in("organizations", &ZOFIA).await;
    assert_eq!((&tokens["token_type"], &tokens["id_token"]), (&json!("mac"), &json!(null)));
    assert!(tokens["access_token"].is_string());
    assert_eq!(rp.sign_in("organizations", &ZOFIA).await["token_type"], "Bearer");

    rp.emulator.fault(Fault::once(Target::Keys, set("alg", json!("HS256"))));
    let keys = rp.json("common/discovery/v2.0/keys").await;
    assert!(keys["keys"].as_array().unwrap().iter().all(|key| key["alg"] == "HS256"));
}
