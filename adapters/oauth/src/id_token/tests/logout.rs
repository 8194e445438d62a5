//! Verification of logout tokens.

use portico_domain::{
    ports::{EndedAtProvider, VerifiedLogout},
    sign_in::ProviderSessionId,
};

use super::*;

/// Valid claims of a logout token with these changes; `null` removes a claim.
fn logout_claims(changed: Value) -> Value {
    let logout = json!({
        "nonce": null, "nbf": null, "exp": NOW + 120, "jti": "one", "sid": "there",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    let mut claims = claims(logout);
    let members = claims.as_object_mut().unwrap();
    for (name, value) in changed.as_object().unwrap() {
        match value {
            Value::Null => members.remove(name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
    claims
}

fn verified_logout(token: &str, keys: &KeySet) -> Result<VerifiedLogout, IdentityProviderError> {
    let expected = Expected {
        issuer: ISSUER,
        tenant_claim: Some("tid"),
        client_id: "portico",
        nonce: None,
        access_token: None,
        now: Timestamp::from_unix_seconds(NOW),
        provider_time: None,
    };
    let token = Unverified::parse_logout(token)?;
    token.verify_logout(token.key_among(keys).map_err(no_key)?, &expected)
}

fn of_claims(changed: Value) -> Result<VerifiedLogout, IdentityProviderError> {
    let key = RsaKey::generate();
    let signed = token(&key, "1", &logout_claims(changed));
    verified_logout(&signed, &keys([key.jwk("1")]))
}

fn check_of(result: Result<VerifiedLogout, IdentityProviderError>) -> &'static str {
    match result {
        Err(IdentityProviderError::InvalidResponse { check, .. }) => check.as_str(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn verify_logout_returns_the_session_and_until_when_it_is_accepted() {
    let verified = of_claims(json!({})).unwrap();
    assert_eq!((verified.issuer.as_str(), verified.id.as_str()), (ISSUER, "one"));
    assert_eq!(verified.until, Timestamp::from_unix_seconds(NOW + 120 + 60 + 1));
    let there = ProviderSessionId::parse("there").unwrap();
    assert_eq!(verified.ended, EndedAtProvider::Session(there));
}

#[test]
fn verify_logout_bounds_the_life_of_a_token_by_its_age() {
    let verified = of_claims(json!({"exp": NOW + 1_000_000})).unwrap();
    assert_eq!(verified.until, Timestamp::from_unix_seconds(NOW + 15 * 60 + 60 + 1));
}

#[rstest]
#[case::session_without_subject(json!({"sub": null}), false)]
#[case::subject_without_session(json!({"sid": null}), true)]
#[case::times_of_a_slow_clock(json!({"exp": NOW - 60}), false)]
#[case::several_events(json!({"events": {
    "http://schemas.openid.net/event/backchannel-logout": {}, "urn:other": {"x": 1},
}}), false)]
fn verify_logout_accepts(#[case] changed: Value, #[case] person: bool) {
    let ended = of_claims(changed).unwrap().ended;
    assert_eq!(matches!(ended, EndedAtProvider::Person(_)), person);
}

#[rstest]
#[case::wrong_issuer(json!({"iss": "https://elsewhere.example"}), "id_token_issuer")]
#[case::wrong_audience(json!({"aud": "another"}), "id_token_audience")]
#[case::no_audience(json!({"aud": null}), "id_token_audience")]
#[case::other_party(json!({"azp": "another"}), "id_token_authorized_party")]
#[case::expired(json!({"exp": NOW - 61, "iat": NOW - 200}), "id_token_expired")]
#[case::no_expiry(json!({"exp": null}), "id_token_expired")]
#[case::no_issue_time(json!({"iat": null}), "id_token_issued_at")]
#[case::too_old(json!({"iat": NOW - 15 * 60 - 61}), "logout_token_too_old")]
#[case::no_events(json!({"events": null}), "logout_token_event")]
#[case::other_event(json!({"events": {"urn:other": {}}}), "logout_token_event")]
#[case::event_no_object(
    json!({"events": {"http://schemas.openid.net/event/backchannel-logout": true}}),
    "logout_token_event"
)]
#[case::events_no_object(
    json!({"events": ["http://schemas.openid.net/event/backchannel-logout"]}),
    "logout_token_event"
)]
#[case::nonce(json!({"nonce": "nonce"}), "logout_token_nonce")]
#[case::empty_nonce(json!({"nonce": ""}), "logout_token_nonce")]
#[case::no_id(json!({"jti": null}), "logout_token_id")]
#[case::empty_id(json!({"jti": ""}), "logout_token_id")]
#[case::long_id(json!({"jti": "x".repeat(256)}), "logout_token_id")]
#[case::neither_session_nor_subject(json!({"sid": null, "sub": null}), "logout_token_subject")]
#[case::empty_session(json!({"sid": ""}), "logout_token_subject")]
#[case::long_session(json!({"sid": "x".repeat(256)}), "logout_token_subject")]
#[case::numeric_subject(json!({"sub": 7}), "logout_token_subject")]
fn verify_logout_refuses(#[case] changed: Value, #[case] check: &str) {
    assert_eq!(check_of(of_claims(changed)), check);
}

#[test]
fn verify_logout_refuses_an_id_token() {
    let key = RsaKey::generate();
    let id_token = token(&key, "1", &claims(json!({})));
    let refused = check_of(verified_logout(&id_token, &keys([key.jwk("1")])));
    assert_eq!(refused, "logout_token_event");
}

#[rstest]
#[case::logout("logout+jwt", true)]
#[case::logout_with_prefix("application/logout+jwt", true)]
#[case::upper_case("Logout+JWT", true)]
#[case::jwt("JWT", true)]
#[case::access_token("at+jwt", false)]
#[case::other_event("secevent+jwt", false)]
#[case::unknown("JOSE", false)]
fn verify_logout_takes_types_of_logout_tokens_only(#[case] typ: &str, #[case] accepted: bool) {
    let key = RsaKey::generate();
    let header = json!({"alg": "RS256", "kid": "1", "typ": typ});
    let claims = logout_claims(json!({})).to_string();
    let signed = token_with(&header, &claims, |message| key.rs256(message));
    let verified = verified_logout(&signed, &keys([key.jwk("1")]));
    match accepted {
        true => assert!(verified.is_ok(), "{verified:?}"),
        false => assert_eq!(check_of(verified), "logout_token_type"),
    }
}

#[test]
fn verify_logout_refuses_unsigned_and_wrongly_signed_tokens() {
    let key = RsaKey::generate();
    let other = RsaKey::generate();
    let keys = keys([key.jwk("1")]);
    let claims = logout_claims(json!({})).to_string();
    let signed = |alg: &str, sign: &dyn Fn(&[u8]) -> Vec<u8>| {
        let header = json!({"alg": alg, "kid": "1"});
        check_of(verified_logout(&token_with(&header, &claims, sign), &keys))
    };
    assert_eq!(signed("none", &|_| vec![]), "id_token_algorithm");
    assert_eq!(signed("HS256", &|_| vec![7; 32]), "id_token_algorithm");
    assert_eq!(signed("RS256", &|message| other.rs256(message)), "id_token_signature");
    assert_eq!(signed("RS256", &|_| vec![]), "id_token_signature");
    assert_eq!(check_of(verified_logout("no token", &keys)), "id_token_unreadable");
}
