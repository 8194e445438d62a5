//! Google, GitLab and the generic provider: ID tokens that verify, and the lies that Entra ID's can tell too.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use portico_emulator::personas::{AMARA, HARUKI, ZOFIA};
use portico_emulator::{Cloud, Fault, FaultKind, Person, SentIssuer, Target};
use serde_json::{Value, json};

use crate::support::{NONCE, Party, claims, header};

const PROVIDERS: [Cloud; 3] = [Cloud::Google, Cloud::Oidc, Cloud::GitLab];

async fn metadata(party: &Party, cloud: Cloud) -> Value {
    let url = party.at(cloud, "/.well-known/openid-configuration");
    party.http.get(url).send().await.unwrap().json().await.unwrap()
}

async fn id_token(party: &Party, cloud: Cloud, person: &Person) -> String {
    let tokens = party.cloud_sign_in(cloud, person).await;
    tokens["id_token"].as_str().unwrap().to_owned()
}

/// Verifies an ID token against the keys that the metadata names.
async fn verify(party: &Party, cloud: Cloud, token: &str) -> jsonwebtoken::errors::Result<Value> {
    let metadata = metadata(party, cloud).await;
    let keys = party.http.get(metadata["jwks_uri"].as_str().unwrap());
    let keys: JwkSet = keys.send().await.unwrap().json().await.unwrap();
    let kid = decode_header(token)?.kid.unwrap_or_default();
    let key = keys.find(&kid).ok_or(jsonwebtoken::errors::ErrorKind::InvalidKeyFormat)?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[cloud.client().client_id]);
    validation.set_issuer(&[metadata["issuer"].as_str().unwrap()]);
    Ok(decode(token, &DecodingKey::from_jwk(key)?, &validation)?.claims)
}

#[tokio::test]
async fn metadata_names_the_issuer_and_the_endpoints_that_are_there() {
    let party = Party::new().await;
    for cloud in PROVIDERS {
        let metadata = metadata(&party, cloud).await;
        let issuer = cloud.url(party.emulator.http_url());
        assert_eq!(metadata["issuer"], issuer.as_str());
        for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            let url = metadata[name].as_str().unwrap();
            assert!(url.starts_with(&format!("{issuer}/")), "{cloud:?} {name}");
            assert_ne!(party.http.get(url).send().await.unwrap().status(), 404, "{url}");
        }
        let sends = metadata.get("authorization_response_iss_parameter_supported");
        assert_eq!(sends.is_some(), cloud == Cloud::Oidc);
    }
}

#[tokio::test]
async fn an_id_token_verifies_and_says_who_it_is() {
    let party = Party::new().await;
    for cloud in PROVIDERS {
        let id = verify(&party, cloud, &id_token(&party, cloud, &ZOFIA).await).await.unwrap();
        assert_eq!((&id["nonce"], &id["name"]), (&json!(NONCE), &json!(ZOFIA.name)));
        assert_eq!((&id["email"], &id["email_verified"]), (&json!(ZOFIA.email), &json!(true)));
        let haruki = claims(&id_token(&party, cloud, &HARUKI).await);
        assert_eq!((&haruki["email"], &haruki["email_verified"]), (&id["email"], &json!(false)));
        assert_ne!(haruki["sub"], id["sub"]);
        assert!(claims(&id_token(&party, cloud, &AMARA).await).get("email").is_none());
    }
}

#[tokio::test]
async fn an_id_token_can_be_wrong_at_one_provider_and_right_at_the_others() {
    let party = Party::new().await;
    for (at, cloud) in PROVIDERS.into_iter().enumerate() {
        for kind in [
            FaultKind::WrongIssuer,
            FaultKind::WrongAudience,
            FaultKind::Expired,
            FaultKind::BadSignature,
            FaultKind::UnknownKid,
            FaultKind::KeyInHeader,
            FaultKind::Hs256WithPublicKey,
        ] {
            party.emulator.fault(Fault::once(Target::CloudToken(cloud), kind.clone()));
            let other = PROVIDERS[(at + 1) % PROVIDERS.len()];
            let right = id_token(&party, other, &ZOFIA).await;
            assert!(verify(&party, other, &right).await.is_ok());
            let wrong = id_token(&party, cloud, &ZOFIA).await;
            assert!(verify(&party, cloud, &wrong).await.is_err(), "{cloud:?} {kind:?}");
        }
        party.emulator.fault(Fault::once(Target::CloudToken(cloud), FaultKind::WrongNonce));
        assert_ne!(claims(&id_token(&party, cloud, &ZOFIA).await)["nonce"], NONCE);
        let none = FaultKind::AlgNone { spelling: "none".to_owned() };
        party.emulator.fault(Fault::once(Target::CloudToken(cloud), none));
        assert_eq!(header(&id_token(&party, cloud, &ZOFIA).await)["alg"], "none");
    }
}

#[tokio::test]
async fn metadata_and_keys_can_be_wrong() {
    let party = Party::new().await;
    for cloud in PROVIDERS {
        let honest = metadata(&party, cloud).await;
        let issuer = Fault::once(Target::CloudDiscovery(cloud), FaultKind::OtherIssuer);
        party.emulator.fault(issuer);
        assert_ne!(metadata(&party, cloud).await["issuer"], honest["issuer"]);
        assert_eq!(metadata(&party, cloud).await, honest);
        party.emulator.fault(Fault::once(Target::CloudKeys(cloud), FaultKind::OneKey));
        let keys = party.http.get(honest["jwks_uri"].as_str().unwrap());
        let keys: Value = keys.send().await.unwrap().json().await.unwrap();
        assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
        assert!(keys["keys"][0].get("kid").is_none());
    }
}

#[tokio::test]
async fn the_iss_parameter_can_be_sent_wrong_or_not_at_all_by_one_provider() {
    let party = Party::new().await;
    let sent = async |cloud| {
        let answer = party.cloud_callback(cloud, &party.cloud_request(cloud, &ZOFIA)).await;
        answer.get("iss").cloned()
    };
    let right = |cloud: Cloud| Some(cloud.url(party.emulator.http_url()).to_string());
    assert_eq!(sent(Cloud::Oidc).await, right(Cloud::Oidc));
    for cloud in PROVIDERS {
        let wrong = Some("https://sts.other.example/v2.0".to_owned());
        for (send, expected) in [
            (SentIssuer::Right, right(cloud)),
            (SentIssuer::Wrong, wrong),
            (SentIssuer::Absent, None),
        ] {
            party.emulator.clear_faults();
            let kind = FaultKind::IssParameter { send };
            party.emulator.fault(Fault::always(Target::CloudDiscovery(cloud), kind));
            assert_eq!(sent(cloud).await, expected);
            assert_eq!(
                metadata(&party, cloud).await["authorization_response_iss_parameter_supported"],
                true
            );
            assert_eq!(sent(Cloud::Heroku).await, None);
        }
    }
}
