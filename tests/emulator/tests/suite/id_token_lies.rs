//! Every wrong ID token on request: rightly made but for the one thing.

use jsonwebtoken::errors::ErrorKind;
use portico_emulator::personas::{CONTOSO, ZOFIA};
use portico_emulator::{Fault, FaultKind, Target};
use serde_json::{Value, json};

use crate::support::{NONCE, Party, claims, header};

/// The next ID token, with one lie in it.
async fn lied(party: &Party, kind: FaultKind) -> String {
    party.emulator.fault(Fault::once(Target::Token, kind));
    party.id_token().await
}

/// That a careful client refuses a token, for this reason.
async fn refused(party: &Party, kind: FaultKind) -> ErrorKind {
    let token = lied(party, kind).await;
    party.verify(&token).await.unwrap_err().into_kind()
}

fn named(name: &str) -> FaultKind {
    FaultKind::Missing { name: name.to_owned() }
}

#[tokio::test]
async fn times_can_be_wrong_in_each_way() {
    let party = Party::new().await;
    assert!(matches!(refused(&party, FaultKind::Expired).await, ErrorKind::ExpiredSignature));
    assert!(matches!(refused(&party, FaultKind::NotYetValid).await, ErrorKind::ImmatureSignature));
    let token = claims(&lied(&party, FaultKind::IatInFuture).await);
    assert!(token["iat"].as_i64() > token["nbf"].as_i64());
    assert!(party.verify(&party.id_token().await).await.is_ok());
}

#[tokio::test]
async fn claims_can_be_missing_or_another() {
    let party = Party::new().await;
    assert!(matches!(refused(&party, FaultKind::WrongAudience).await, ErrorKind::InvalidAudience));
    for name in ["iss", "aud", "sub", "exp"] {
        assert!(claims(&lied(&party, named(name)).await).get(name).is_none(), "{name}");
        assert!(
            matches!(refused(&party, named(name)).await, ErrorKind::MissingRequiredClaim(_)),
            "{name}"
        );
    }
    // jsonwebtoken has no opinion about `iat`; a client that wants it has to look for itself.
    assert!(claims(&lied(&party, named("iat")).await).get("iat").is_none());
    let set = FaultKind::SetClaim { name: "oid".to_owned(), value: json!(["<b>"]) };
    assert_eq!(claims(&lied(&party, set).await)["oid"], json!(["<b>"]));
    assert_eq!(
        claims(&lied(&party, FaultKind::WrongIssuer).await)["iss"],
        "https://sts.other.example/v2.0"
    );
}

#[tokio::test]
async fn nonces_can_be_wrong_or_absent() {
    let party = Party::new().await;
    let wrong = claims(&lied(&party, FaultKind::WrongNonce).await);
    assert!(wrong["nonce"].is_string() && wrong["nonce"] != NONCE);
    assert!(claims(&lied(&party, FaultKind::NoNonce).await).get("nonce").is_none());
}

#[tokio::test]
async fn tenants_can_be_another_or_no_guid() {
    let party = Party::new().await;
    let wrong = claims(&lied(&party, FaultKind::WrongTid).await);
    assert_ne!(wrong["tid"], CONTOSO.id);
    assert!(wrong["iss"].as_str().unwrap().contains(CONTOSO.id));
    let no_guid = claims(&lied(&party, FaultKind::TidNotGuid).await);
    assert_eq!(no_guid["tid"], "contoso.example");
    assert_eq!(no_guid["iss"], format!("{}contoso.example/v2.0", party.emulator.http_url()));
}

#[tokio::test]
async fn algorithms_can_be_none_or_confused() {
    let party = Party::new().await;
    for spelling in ["none", "nOnE"] {
        let token = lied(&party, FaultKind::AlgNone { spelling: spelling.to_owned() }).await;
        assert_eq!(header(&token)["alg"], spelling);
        assert!(token.ends_with('.'));
        assert!(party.verify(&token).await.is_err());
    }
    let token = lied(&party, FaultKind::Hs256WithPublicKey).await;
    assert_eq!(header(&token)["alg"], "HS256");
    assert!(matches!(
        party.verify(&token).await.unwrap_err().into_kind(),
        ErrorKind::InvalidAlgorithm
    ));
}

#[tokio::test]
async fn signatures_and_keys_can_be_wrong() {
    let party = Party::new().await;
    assert!(matches!(refused(&party, FaultKind::BadSignature).await, ErrorKind::InvalidSignature));
    let token = lied(&party, FaultKind::UnknownKid).await;
    assert!(party.verify(&token).await.is_err());
    assert!(header(&lied(&party, FaultKind::NoKid).await).get("kid").is_none());
    let stranger = header(&lied(&party, FaultKind::KeyInHeader).await);
    let keys = party.json("common/discovery/v2.0/keys").await;
    let published = keys["keys"].as_array().unwrap();
    let jku =
        FaultKind::SetHeader { name: "jku".to_owned(), value: json!("https://evil.example/keys") };
    assert_eq!(header(&lied(&party, jku).await)["jku"], "https://evil.example/keys");
    assert!(stranger["jwk"]["n"].is_string());
    assert!(published.iter().all(|key: &Value| key["n"] != stranger["jwk"]["n"]));
}

#[tokio::test]
async fn lies_add_up_and_end_after_their_times() {
    let party = Party::new().await;
    party.emulator.fault(Fault::times(Target::Token, FaultKind::NoNonce, 2));
    let token = claims(&lied(&party, named("sub")).await);
    assert!(token.get("nonce").is_none() && token.get("sub").is_none());
    assert!(claims(&party.id_token().await).get("nonce").is_none());
    assert_eq!(claims(&party.id_token().await)["nonce"], NONCE);
}

#[tokio::test]
async fn a_clock_that_is_off_shifts_every_time() {
    let party = Party::new().await;
    let honest = claims(&party.id_token().await)["iat"].as_i64().unwrap();
    for seconds in [600, -600] {
        party.emulator.clear_faults();
        party.emulator.fault(Fault::always(Target::Token, FaultKind::Clock { seconds }));
        let shifted = claims(&party.id_token().await)["iat"].as_i64().unwrap();
        assert!((shifted - honest - seconds).abs() < 60);
    }
}

#[tokio::test]
async fn any_member_of_a_token_answer_and_of_the_keys_can_be_another() {
    let party = Party::new().await;
    let set = |name: &str, value| FaultKind::SetMember { name: name.to_owned(), value };
    party.emulator.fault(Fault::once(Target::Token, set("token_type", json!("mac"))));
    party.emulator.fault(Fault::once(Target::Token, set("id_token", json!(null))));
    let tokens = party.sign_in("organizations", &ZOFIA).await;
    assert_eq!((&tokens["token_type"], &tokens["id_token"]), (&json!("mac"), &json!(null)));
    assert!(tokens["access_token"].is_string());
    assert_eq!(party.sign_in("organizations", &ZOFIA).await["token_type"], "Bearer");

    party.emulator.fault(Fault::once(Target::Keys, set("alg", json!("HS256"))));
    let keys = party.json("common/discovery/v2.0/keys").await;
    assert!(keys["keys"].as_array().unwrap().iter().all(|key| key["alg"] == "HS256"));
}
