//! Google, GitLab and the generic OpenID provider: verifiable ID tokens and ID token faults.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use portico_emulator::personas::{AMARA, HARUKI, ZOFIA};
use portico_emulator::{Cloud, Fault, FaultKind, Person, SentIssuer, Target};
use serde_json::{Value, json};

use crate::support::{NONCE, RelyingParty, claims, header};

const PROVIDERS: [Cloud; 3] = [Cloud::Google, Cloud::Oidc, Cloud::GitLab];

async fn metadata(rp: &RelyingParty, cloud: Cloud) -> Value {
    let url = rp.at(cloud, "/.well-known/openid-configuration");
    rp.http.get(url).send().await.unwrap().json().await.unwrap()
}

async fn id_token(rp: &RelyingParty, cloud: Cloud, person: &Person) -> String {
    let tokens = rp.cloud_sign_in(cloud, person).await;
    tokens["id_token"].as_str().unwrap().to_owned()
}

/// Verifies an ID token against the keys that the metadata names.
async fn verify(
    rp: &RelyingParty,
    cloud: Cloud,
    token: &str,
) -> jsonwebtoken::errors::Result<Value> {
    let metadata = metadata(rp, cloud).await;
    let keys = rp.http.get(metadata["jwks_uri"].as_str().unwrap());
    let keys: JwkSet = keys.send().await.unwrap().json().await.unwrap();
    let kid = decode_header(token)?.kid.unwrap_or_default();
    let key = keys.find(&kid).ok_or(jsonwebtoken::errors::ErrorKind::InvalidKeyFormat)?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[cloud.client().client_id]);
    validation.set_issuer(&[metadata["issuer"].as_str().unwrap()]);
    Ok(decode(token, &DecodingKey::from_jwk(key)?, &validation)?.claims)
}

#[tokio::test]
async fn openid_metadata_names_issuer_and_existing_endpoints() {
    let rp = RelyingParty::new().await;
    for cloud in PROVIDERS {
        let metadata = metadata(&rp, cloud).await;
        let issuer = cloud.url(rp.emulator.http_url());
        assert_eq!(metadata["issuer"], issuer.as_str());
        for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            let url = metadata[name].as_str().unwrap();
            assert!(url.starts_with(&format!("{issuer}/")), "{cloud:?} {name}");
            assert_ne!(rp.http.get(url).send().await.unwrap().status(), 404, "{url}");
        }
        let sends = metadata.get("authorization_response_iss_parameter_supported");
        assert_eq!(sends.is_some(), cloud == Cloud::Oidc);
    }
}

#[tokio::test]
async fn openid_id_token_verifies_and_names_person() {
    let rp = RelyingParty::new().await;
    for cloud in PROVIDERS {
        let id = verify(&rp, cloud, &id_token(&rp, cloud, &ZOFIA).await).await.unwrap();
        assert_eq!((&id["nonce"], &id["name"]), (&json!(NONCE), &json!(ZOFIA.name)));
        assert_eq!((&id["email"], &id["email_verified"]), (&json!(ZOFIA.email), &json!(true)));
        let haruki = claims(&id_token(&rp, cloud, &HARUKI).await);
        assert_eq!((&haruki["email"], &haruki["email_verified"]), (&id["email"], &json!(false)));
        assert_ne!(haruki["sub"], id["sub"]);
        assert!(claims(&id_token(&rp, cloud, &AMARA).await).get("email").is_none());
    }
}

#[tokio::test]
async fn id_token_fault_applies_to_one_provider_only() {
    let rp = RelyingParty::new().await;
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
            rp.emulator.fault(Fault::once(Target::CloudToken(cloud), kind.clone()));
            let other = PROVIDERS[(at + 1) % PROVIDERS.len()];
            let right = id_token(&rp, other, &ZOFIA).await;
            assert!(verify(&rp, other, &right).await.is_ok());
            let wrong = id_token(&rp, cloud, &ZOFIA).await;
            assert!(verify(&rp, cloud, &wrong).await.is_err(), "{cloud:?} {kind:?}");
        }
        rp.emulator.fault(Fault::once(Target::CloudToken(cloud), FaultKind::WrongNonce));
        assert_ne!(claims(&id_token(&rp, cloud, &ZOFIA).await)["nonce"], NONCE);
        let none = FaultKind::AlgNone { spelling: "none".to_owned() };
        rp.emulator.fault(Fault::once(Target::CloudToken(cloud), none));
        assert_eq!(header(&id_token(&rp, cloud, &ZOFIA).await)["alg"], "none");
    }
}

#[tokio::test]
async fn openid_metadata_and_key_faults_occur_once() {
    let rp = RelyingParty::new().await;
    for cloud in PROVIDERS {
        let honest = metadata(&rp, cloud).await;
        let issuer = Fault::once(Target::CloudDiscovery(cloud), FaultKind::OtherIssuer);
        rp.emulator.fault(issuer);
        assert_ne!(metadata(&rp, cloud).await["issuer"], honest["issuer"]);
        assert_eq!(metadata(&rp, cloud).await, honest);
        rp.emulator.fault(Fault::once(Target::CloudKeys(cloud), FaultKind::OneKey));
        let keys = rp.http.get(honest["jwks_uri"].as_str().unwrap());
        let keys: Value = keys.send().await.unwrap().json().await.unwrap();
        assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
        assert!(keys["keys"][0].get("kid").is_none());
    }
}

#[tokio::test]
async fn iss_parameter_fault_applies_to_one_provider_only() {
    let rp = RelyingParty::new().await;
    let sent = async |cloud| {
        let answer = rp.cloud_callback(cloud, &rp.cloud_request(cloud, &ZOFIA)).await;
        answer.get("iss").cloned()
    };
    let right = |cloud: Cloud| Some(cloud.url(rp.emulator.http_url()).to_string());
    assert_eq!(sent(Cloud::Oidc).await, right(Cloud::Oidc));
    for cloud in PROVIDERS {
        let wrong = Some("https://sts.other.example/v2.0".to_owned());
        for (send, expected) in [
            (SentIssuer::Right, right(cloud)),
            (SentIssuer::Wrong, wrong),
            (SentIssuer::Absent, None),
        ] {
            rp.emulator.clear_faults();
            let kind = FaultKind::IssParameter { send };
            rp.emulator.fault(Fault::always(Target::CloudDiscovery(cloud), kind));
            assert_eq!(sent(cloud).await, expected);
            assert_eq!(
                metadata(&rp, cloud).await["authorization_response_iss_parameter_supported"],
                true
            );
            assert_eq!(sent(Cloud::Heroku).await, None);
        }
    }
}
