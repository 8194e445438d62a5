//! Signatures of another algorithm, key or content.

use super::*;

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
