//! Verification of ID tokens: structure, header, keys.

mod algorithms;
mod checks_of_claims;
mod key_choice;
mod keys_as_published;
mod logout;
mod signature;
mod signers;

use jsonwebtoken::Algorithm;
use rstest::rstest;
use serde_json::{Value, json};

use self::signers::Signers;
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
        nonce: Some(&nonce),
        access_token: Some(&access_token),
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

#[test]
fn id_token_with_crit_header_is_refused() {
    let key = RsaKey::generate();
    let header = json!({"alg": "RS256", "kid": "1", "crit": ["b64"], "b64": false});
    let token = token_with(&header, &claims(json!({})).to_string(), |m| key.rs256(m));
    let refused = refused(verified(&token, &keys([key.jwk("1")]), ISSUER));
    assert_eq!(refused, "id_token_critical");
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
