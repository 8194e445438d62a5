use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::Jwk};
use portico_domain::{signing::SigningAlgorithm, time::Timestamp};
use rstest::rstest;
use serde_json::{Map, Value, json};

use super::*;

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn key(id: &str, algorithm: SigningAlgorithm) -> SigningKey {
    let private = JwtSigner.generate(algorithm).unwrap();
    SigningKey { id: id.into(), algorithm, created_at: Timestamp::default(), private }
}

fn claims() -> Map<String, Value> {
    let claims = json!({ "aud": "https://app.example", "name": "Zofia Żółć", "exp": 1 });
    claims.as_object().unwrap().clone()
}

fn verified(token: &str, jwk: &Value, algorithm: Algorithm) -> Option<Map<String, Value>> {
    let jwk: Jwk = serde_json::from_value(jwk.clone()).unwrap();
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.set_audience(&["https://app.example"]);
    let decoding = DecodingKey::from_jwk(&jwk).unwrap();
    decode(token, &decoding, &validation).ok().map(|decoded| decoded.claims)
}

#[rstest]
#[case::es256(SigningAlgorithm::Es256, Algorithm::ES256)]
#[case::rs256(SigningAlgorithm::Rs256, Algorithm::RS256)]
fn token_verifies_with_the_published_key_and_no_other(
    #[case] algorithm: SigningAlgorithm,
    #[case] verifies: Algorithm,
) {
    let (ours, other) = (key("k-1", algorithm), key("k-2", algorithm));
    let (ours, other) = (JwtSigner.read(&ours).unwrap(), JwtSigner.read(&other).unwrap());
    let token = ours.sign(&claims()).unwrap();
    assert_eq!(verified(&token, ours.public_jwk(), verifies), Some(claims()));
    assert_eq!(verified(&token, other.public_jwk(), verifies), None);
    let header = decode_header(&token).unwrap();
    assert_eq!((header.typ.as_deref(), header.kid.as_deref()), (Some("at+jwt"), Some("k-1")));
    assert_eq!(header.alg, verifies);
}

#[rstest]
#[case::es256(SigningAlgorithm::Es256, &["alg", "crv", "kid", "kty", "use", "x", "y"])]
#[case::rs256(SigningAlgorithm::Rs256, &["alg", "e", "kid", "kty", "n", "use"])]
fn published_key_has_public_members_alone(
    #[case] algorithm: SigningAlgorithm,
    #[case] expected: &[&str],
) {
    let loaded = JwtSigner.read(&key("k", algorithm)).unwrap();
    let members: Vec<_> = loaded.public_jwk().as_object().unwrap().keys().collect();
    assert_eq!(members, expected);
}

#[test]
fn damaged_key_and_key_of_another_algorithm_are_refused_by_name() {
    let mut damaged = key("k-7", SigningAlgorithm::Es256);
    damaged.algorithm = SigningAlgorithm::Rs256;
    let refused = JwtSigner.read(&damaged).err();
    assert_eq!(refused, Some(SigningError::DamagedKey("k-7".into())));
}

#[rstest]
fn verified_returns_the_claims_of_its_own_tokens_alone(
    #[values(SigningAlgorithm::Es256, SigningAlgorithm::Rs256)] algorithm: SigningAlgorithm,
) {
    let read = |id| JwtSigner.read(&key(id, algorithm)).unwrap();
    let (ours, other) = (read("k-1"), read("k-1"));
    let token = ours.sign(&claims()).unwrap();
    assert_eq!(ours.verified(&token), Some(claims()));
    assert_eq!(other.verified(&token), None);
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let id_token = encoded(br#"{"alg":"ES256","typ":"JWT","kid":"k-1"}"#);
    let richer = encoded(br#"{"aud":"https://app.example","exp":99}"#);
    for forged in [
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{header}.{richer}.{signature}"),
        format!("{id_token}.{payload}.{signature}"),
        format!("{token}."),
        format!("{token}=="),
        format!(" {token}"),
        String::new(),
    ] {
        assert_eq!(ours.verified(&forged), None, "{forged}");
    }
}
