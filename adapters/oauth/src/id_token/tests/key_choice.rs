//! The key that verifies an ID token, and keys that never do.

use super::*;

#[test]
fn symmetric_jwk_is_ignored() {
    let secret = json!({"kty": "oct", "kid": "1", "k": "c2VjcmV0", "alg": "HS256"});
    let key = RsaKey::generate();
    let good = token(&key, "1", &claims(json!({})));
    assert_eq!(refused(verified(&good, &keys([secret]), ISSUER)), "id_token_key");
}

#[rstest]
#[case::jwk("jwk", |evil: &RsaKey| evil.jwk("1"))]
#[case::jku("jku", |_: &RsaKey| json!("https://evil.example/keys"))]
#[case::x5u("x5u", |_: &RsaKey| json!("https://evil.example/certificate"))]
#[case::x5c("x5c", |_: &RsaKey| json!(["AAAA"]))]
fn key_in_token_header_is_ignored(#[case] name: &str, #[case] value: fn(&RsaKey) -> Value) {
    let (honest, evil) = (RsaKey::generate(), RsaKey::generate());
    let mut header = json!({"alg": "RS256", "kid": "1"});
    header[name] = value(&evil);
    let claims = claims(json!({})).to_string();
    let token = token_with(&header, &claims, |message| evil.rs256(message));
    assert_eq!(refused(verified(&token, &keys([honest.jwk("1")]), ISSUER)), "id_token_signature");
}

#[test]
fn id_token_without_kid_needs_a_single_key() {
    let (key, other) = (RsaKey::generate(), RsaKey::generate());
    let claims = claims(json!({})).to_string();
    let token = token_with(&json!({"alg": "RS256"}), &claims, |message| key.rs256(message));
    assert!(verified(&token, &keys([key.jwk("1")]), ISSUER).is_ok());
    let encryption = json!({"kty": "RSA", "use": "enc", "n": "AA", "e": "AQAB"});
    let unknown = json!({"kty": "OKP", "crv": "Ed25519", "x": "AA"});
    let with_unusable = keys([key.jwk("1"), encryption, unknown, json!("nonsense")]);
    assert!(verified(&token, &with_unusable, ISSUER).is_ok());
    let several = keys([key.jwk("1"), other.jwk("2")]);
    assert_eq!(refused(verified(&token, &several, ISSUER)), "id_token_key");
    assert_eq!(refused(verified(&token, &keys([]), ISSUER)), "id_token_key");
}

#[test]
fn unknown_kid_is_refused() {
    let key = RsaKey::generate();
    let token = token(&key, "2", &claims(json!({})));
    assert_eq!(refused(verified(&token, &keys([key.jwk("1")]), ISSUER)), "id_token_key");
}

#[test]
fn encryption_jwk_is_ignored() {
    let key = RsaKey::generate();
    let mut jwk = key.jwk("1");
    jwk["use"] = json!("enc");
    let token = token(&key, "1", &claims(json!({})));
    assert_eq!(refused(verified(&token, &keys([jwk]), ISSUER)), "id_token_key");
}

#[test]
fn key_with_issuer_verifies_only_that_issuer() {
    let key = RsaKey::generate();
    let with_issuer = |issuer: &str| {
        let mut jwk = key.jwk("1");
        jwk["issuer"] = json!(issuer);
        verified(&token(&key, "1", &claims(json!({}))), &keys([jwk]), TEMPLATE)
    };
    assert!(with_issuer(TEMPLATE).is_ok());
    assert!(with_issuer(ISSUER).is_ok());
    for other in ["https://login.example/fabrikam/v2.0", "https://evil.example/{tenantid}/v2.0"] {
        assert_eq!(refused(with_issuer(other)), "id_token_key_issuer");
    }
}

#[test]
fn jwk_that_is_no_object_is_ignored() {
    let jwk = RsaKey::generate().jwk("1");
    let list = json!(["RSA", "sig", null, "1", null, null, jwk["n"], jwk["e"], null, null]);
    assert_eq!(keys([list]).find(Some("1"), Algorithm::RS256).err(), Some(NoKey::Unknown));
    assert!(keys([jwk]).find(Some("1"), Algorithm::RS256).is_ok());
}

#[test]
fn find_returns_the_reason_no_key_fits() {
    let (rsa, ec) = (RsaKey::generate(), EcKey::generate());
    let why = |jwks: &[Value], kid| keys(jwks.iter().cloned()).find(kid, Algorithm::RS256).err();
    let unfit = NoKey::WrongKeyType(Algorithm::RS256);
    // Only `Unknown` has the provider's keys fetched again.
    assert_eq!(why(&[], None), Some(NoKey::Unknown));
    assert_eq!(why(&[rsa.jwk("1")], Some("2")), Some(NoKey::Unknown));
    assert_eq!(why(&[rsa.jwk("1"), ec.jwk("2")], None), Some(NoKey::Ambiguous));
    assert_eq!(why(&[ec.jwk("1")], None), Some(unfit));
    assert_eq!(why(&[ec.jwk("1")], Some("1")), Some(unfit));
    assert_eq!(why(&[rsa.jwk("1")], Some("1")), None);
}
