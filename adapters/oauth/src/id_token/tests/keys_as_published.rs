//! JWKs in encodings other than RFC 7518's that stand for the same key.

use super::*;

/// The same value with base64 padding.
fn padded(text: &str) -> String {
    format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4))
}

/// The same number with leading zero bytes.
fn with_zeroes(text: &str, zeroes: usize) -> String {
    let number = BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
    BASE64_URL_SAFE_NO_PAD.encode([vec![0; zeroes], number].concat())
}

/// The key with these members re-encoded.
fn re_encoded(mut jwk: Value, names: &[&str], how: impl Fn(&str) -> String) -> Value {
    for name in names {
        jwk[name] = how(jwk[name].as_str().unwrap()).into();
    }
    jwk
}

#[test]
fn jwk_number_accepts_leading_zeroes_and_padding() {
    let signers = Signers::generate();
    let claims = claims(json!({}));
    for (algorithm, jwk, numbers) in [
        ("RS256", signers.rsa.jwk("1"), &["n", "e"][..]),
        ("PS512", signers.rsa.jwk("1"), &["n", "e"]),
        ("ES256", signers.p256.jwk("1"), &["x", "y"]),
        ("ES384", signers.p384.jwk("1"), &["x", "y"]),
    ] {
        let token = signers.token(algorithm, "1", &claims);
        for zeroes in [1, 3] {
            let keys = keys([re_encoded(jwk.clone(), numbers, |text| with_zeroes(text, zeroes))]);
            assert!(verified(&token, &keys, ISSUER).is_ok(), "{algorithm} {zeroes}");
        }
        let keys = keys([re_encoded(jwk, numbers, |text| padded(&with_zeroes(text, 1)))]);
        assert!(verified(&token, &keys, ISSUER).is_ok(), "{algorithm}");
    }
    let keys = keys([re_encoded(signers.ed.jwk("1"), &["x"], padded)]);
    assert!(verified(&signers.token("EdDSA", "1", &claims), &keys, ISSUER).is_ok());
}

#[test]
fn ec_coordinate_accepts_stripped_leading_zeroes() {
    // One in 256 coordinates begins so.
    let key = std::iter::repeat_with(EcKey::generate)
        .find(|key| {
            BASE64_URL_SAFE_NO_PAD.decode(key.jwk("1")["x"].as_str().unwrap()).unwrap()[0] == 0
        })
        .unwrap();
    let shorter = |text: &str| {
        let number = BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
        let number: Vec<_> = number.into_iter().skip_while(|byte| *byte == 0).collect();
        BASE64_URL_SAFE_NO_PAD.encode(number)
    };
    let header = json!({"alg": "ES256", "kid": "1"});
    let token = token_with(&header, &claims(json!({})).to_string(), |message| key.sign(message));
    let keys = keys([re_encoded(key.jwk("1"), &["x"], shorter)]);
    assert!(verified(&token, &keys, ISSUER).is_ok());
}

#[test]
fn malformed_jwk_number_makes_key_unusable() {
    let signers = Signers::generate();
    let all = |jwk: Value, names: &[&'static str]| {
        let malformed: [fn(&str) -> String; 4] = [
            |text| format!("{text}!"),
            |text| format!("{text}A="),
            |text| with_zeroes(text, 1).replace('A', "+"),
            |_| String::new(),
        ];
        for (at, encode) in malformed.into_iter().enumerate() {
            for name in names {
                let keys = keys([re_encoded(jwk.clone(), &[name], encode)]);
                for algorithm in ["RS256", "ES256", "ES384", "EdDSA"] {
                    let token = signers.token(algorithm, "1", &claims(json!({})));
                    assert!(verified(&token, &keys, ISSUER).is_err(), "{algorithm} {name} {at}");
                }
            }
        }
    };
    all(signers.rsa.jwk("1"), &["n"]);
    all(signers.p256.jwk("1"), &["x", "y"]);
    all(signers.p384.jwk("1"), &["x", "y"]);
    all(signers.ed.jwk("1"), &["x"]);
    // A coordinate longer than the curve's field.
    let longer = re_encoded(signers.p256.jwk("1"), &["x"], |text| format!("AQAB{text}"));
    let token = signers.token("ES256", "1", &claims(json!({})));
    assert_eq!(refused(verified(&token, &keys([longer]), ISSUER)), "id_token_key");
}
