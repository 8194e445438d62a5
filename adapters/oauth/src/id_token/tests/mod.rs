//! Verification of ID tokens: structure, header, keys.

mod algorithms;
mod checks_of_claims;
mod keys_as_published;

use jsonwebtoken::Algorithm;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::{
    keys::KeySet,
    testing::{EcKey, EdKey, RsaKey, token, token_with},
};

const NOW: u64 = 1_000_000;
const ISSUER: &str = "https://login.example/contoso/v2.0";
const TEMPLATE: &str = "https://login.example/{tenantid}/v2.0";

fn keys(jwks: impl IntoIterator<Item = Value>) -> KeySet {
    let jwks: Vec<_> = jwks.into_iter().collect();
    KeySet::read(serde_json::from_value(json!({"keys": jwks})).unwrap())
}

/// Valid claims with these changes; `null` removes a claim.
fn claims(changed: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": "portico", "sub": "zofia", "exp": NOW + 3_600, "iat": NOW,
        "nbf": NOW, "nonce": "nonce", "tid": "contoso",
    });
    let members = claims.as_object_mut().unwrap();
    for (name, value) in changed.as_object().unwrap() {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    claims
}

fn verified(token: &str, keys: &KeySet, issuer: &str) -> Result<Verified, IdentityProviderError> {
    verified_at(token, keys, issuer, None)
}

/// As [`verified`], with the provider's time.
fn verified_at(
    token: &str,
    keys: &KeySet,
    issuer: &str,
    provider_time: Option<u64>,
) -> Result<Verified, IdentityProviderError> {
    let (nonce, access_token) = (Nonce::new("nonce"), AccessToken::new("access token"));
    let expected = Expected {
        issuer,
        tenant_claim: Some("tid"),
        client_id: "portico",
        nonce: &nonce,
        access_token: &access_token,
        now: Timestamp::from_unix_seconds(NOW),
        provider_time: provider_time.map(Timestamp::from_unix_seconds),
    };
    let token = Unverified::parse(token)?;
    token.verify(token.key_among(keys).map_err(no_key)?, &expected)
}

/// The code of the failed check.
fn refused(result: Result<Verified, IdentityProviderError>) -> &'static str {
    match result {
        Err(IdentityProviderError::InvalidResponse { check, .. }) => check.as_str(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn verify_returns_claims_json_unchanged() {
    let key = RsaKey::generate();
    let text = format!("{{ \"x\":1.50,{}", &claims(json!({})).to_string()[1..]);
    let header = json!({"alg": "RS256", "kid": "1"});
    let token = token_with(&header, &text, |message| key.rs256(message));
    let verified = verified(&token, &keys([key.jwk("1")]), ISSUER).unwrap();
    assert_eq!(verified.claims.claims().json(), text);
    assert_eq!(verified.issuer, ISSUER);
}

/// One key of each type.
struct Signers {
    rsa: RsaKey,
    p256: EcKey,
    p384: EcKey,
    ed: EdKey,
}

impl Signers {
    fn generate() -> Self {
        let (p256, p384) = (EcKey::generate(), EcKey::p384());
        Self { rsa: RsaKey::generate(), p256, p384, ed: EdKey::generate() }
    }

    fn keys(&self) -> KeySet {
        keys([
            self.rsa.jwk("RSA"),
            self.p256.jwk("P-256"),
            self.p384.jwk("P-384"),
            self.ed.jwk("Ed25519"),
        ])
    }

    /// A token with this `alg` and `kid`, signed with this algorithm by the key of its type.
    fn token(&self, algorithm: &str, kid: &str, claims: &Value) -> String {
        let header = json!({"alg": algorithm, "kid": kid});
        token_with(&header, &claims.to_string(), |message| match algorithm {
            "ES256" => self.p256.sign(message),
            "ES384" => self.p384.sign(message),
            "EdDSA" => self.ed.sign(message),
            _ => self.rsa.by(algorithm, message),
        })
    }
}

#[test]
fn algorithm_other_than_jwk_alg_is_refused() {
    let key = RsaKey::generate();
    let mut jwk = key.jwk("1");
    jwk["alg"] = json!("RS256");
    let header = json!({"alg": "PS256", "kid": "1"});
    let token = token_with(&header, &claims(json!({})).to_string(), |m| key.ps256(m));
    assert_eq!(refused(verified(&token, &keys([jwk]), ISSUER)), "id_token_key");
}

#[test]
fn algorithm_none_is_refused_in_any_spelling() {
    let key = RsaKey::generate();
    for algorithm in ["none", "None", "NONE", "nOnE", "", "none ", "RS256 ", "rs256", "ES512"] {
        let header = json!({"alg": algorithm, "kid": "1"});
        let token = token_with(&header, &claims(json!({})).to_string(), |_| vec![]);
        let refused = refused(verified(&token, &keys([key.jwk("1")]), ISSUER));
        assert_eq!(refused, "id_token_algorithm", "{algorithm:?}");
    }
}

#[test]
fn hmac_with_public_key_as_secret_is_refused() {
    let key = RsaKey::generate();
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let header = json!({"alg": format!("{algorithm:?}"), "kid": "1"});
        let secret = jsonwebtoken::EncodingKey::from_secret(key.public_bytes());
        let token = token_with(&header, &claims(json!({})).to_string(), |message| {
            let signature = crypto::sign(message, &secret, algorithm).unwrap();
            BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap()
        });
        let refused = refused(verified(&token, &keys([key.jwk("1")]), ISSUER));
        assert_eq!(refused, "id_token_algorithm");
    }
}

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
fn tampered_id_token_is_refused() {
    let key = RsaKey::generate();
    let keys = keys([key.jwk("1")]);
    let good = token(&key, "1", &claims(json!({})));
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let other = BASE64_URL_SAFE_NO_PAD.encode(claims(json!({"sub": "marek"})).to_string());
    for bad in [
        format!("{header}.{other}.{signature}"),
        format!("{header}.{payload}."),
        format!("{header}.{payload}.{}", &signature[..signature.len() - 4]),
        format!("{header}.{payload}.!!!!"),
    ] {
        assert_eq!(refused(verified(&bad, &keys, ISSUER)), "id_token_signature");
    }
    let by_another = token(&RsaKey::generate(), "1", &claims(json!({})));
    assert_eq!(refused(verified(&by_another, &keys, ISSUER)), "id_token_signature");
}

#[test]
fn id_token_with_crit_header_is_refused() {
    let key = RsaKey::generate();
    let header = json!({"alg": "RS256", "kid": "1", "crit": ["b64"], "b64": false});
    let token = token_with(&header, &claims(json!({})).to_string(), |m| key.rs256(m));
    let refused = refused(verified(&token, &keys([key.jwk("1")]), ISSUER));
    assert_eq!(refused, "id_token_critical");
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
fn id_token_with_other_typ_is_refused() {
    let key = RsaKey::generate();
    let keys = keys([key.jwk("1")]);
    let typed = |typ: &str| {
        let header = json!({"alg": "RS256", "kid": "1", "typ": typ});
        verified(
            &token_with(&header, &claims(json!({})).to_string(), |m| key.rs256(m)),
            &keys,
            ISSUER,
        )
    };
    for typ in ["at+jwt", "application/at+jwt", "AT+JWT", "logout+jwt", "secevent+jwt", "+jwt"] {
        assert_eq!(refused(typed(typ)), "id_token_type", "{typ}");
    }
    for typ in ["JWT", "jwt", "application/jwt", "JOSE", ""] {
        assert!(typed(typ).is_ok(), "{typ}");
    }
}

#[test]
fn malformed_id_token_is_unreadable() {
    let key = RsaKey::generate();
    let keys = keys([key.jwk("1")]);
    let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"1"}"#);
    let list = BASE64_URL_SAFE_NO_PAD.encode(r#"["RS256","1",null]"#);
    let twice = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","alg":"none","kid":"1"}"#);
    for bad in [
        String::new(),
        ".".into(),
        "..".into(),
        "a.b".into(),
        format!("{header}.e30.a.b"),
        format!("{header}=.e30.AAAA"),
        format!("{twice}.e30.AAAA"),
        format!("{list}.e30.AAAA"),
        "bm8.e30.AAAA".into(),
        "e30.e30.AAAA".into(),
        "ż.ż.ż".into(),
    ] {
        assert_eq!(refused(verified(&bad, &keys, ISSUER)), "id_token_unreadable", "{bad}");
    }
    for claims in ["", "[]", "7", "{", "\u{0}"] {
        let header = json!({"alg": "RS256", "kid": "1"});
        let token = token_with(&header, claims, |message| key.rs256(message));
        assert_eq!(refused(verified(&token, &keys, ISSUER)), "id_token_unreadable", "{claims}");
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
fn id_token_header_over_8_kib_is_refused() {
    let key = RsaKey::generate();
    let sized = |bytes: usize| {
        let bare = json!({"alg": "RS256", "kid": "1", "x": ""}).to_string().len();
        let header = json!({"alg": "RS256", "kid": "1", "x": "x".repeat(bytes - bare)});
        let claims = claims(json!({})).to_string();
        verified(&token_with(&header, &claims, |m| key.rs256(m)), &keys([key.jwk("1")]), ISSUER)
    };
    assert!(sized(8_192).is_ok());
    assert_eq!(refused(sized(8_193)), "id_token_too_large");
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
