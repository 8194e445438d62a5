//! The claims of ID tokens with a valid signature.

use std::sync::OnceLock;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portico_domain::json::well_formed;
use portico_oauth::testing::verified_claims;
use serde_json::{Value, json};

use crate::{first_line, keys::expectation};

/// The header of a token on the first line, its claims on the others; the signature is valid.
/// Accepted claims have the right issuer, audience, times and nonce.
pub fn id_token_claims(data: &[u8]) {
    let (header, claims) = first_line(data);
    let (token, keys) = signed(header, claims);
    let expected = expectation();
    let Some((accepted, issuer)) = verified_claims(keys, &token, &expected) else { return };
    // An unpaired surrogate is replaced, and nothing else is changed.
    let signed = well_formed(std::str::from_utf8(claims).unwrap());
    assert_eq!(accepted.json(), signed, "the claims differ from the signed ones");
    // Members that no check reads may contain an unpaired surrogate, which serde_json refuses.
    let Ok(header) = serde_json::from_slice::<Value>(header) else { return };
    assert_eq!(header["alg"], "ES256");
    assert!(header.get("crit").is_none_or(Value::is_null), "a crit header was ignored");

    let payload: Value = serde_json::from_str(&signed).unwrap();
    let tenant = payload["tid"].as_str().unwrap();
    assert!(tenant.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && !tenant.is_empty());
    assert_eq!(issuer, format!("https://login.example/{tenant}/v2.0"));
    assert_eq!(payload["iss"], issuer.as_str());
    let client = json!(expected.client_id);
    assert!(payload["aud"] == client || payload["aud"].as_array().unwrap().contains(&client));
    assert!(payload.get("azp").is_none_or(|party| *party == client));
    assert_eq!(payload["nonce"], expected.nonce.expose());
    assert!(!payload["sub"].as_str().unwrap().is_empty());
    let now = expected.now.unix_seconds() as f64;
    assert!(payload["exp"].as_f64().unwrap() + 61.0 > now, "expired");
    assert!(payload["iat"].as_f64().unwrap() - 61.0 < now, "issued in the future");
    assert!(payload.get("nbf").is_none_or(|begins| begins.as_f64().unwrap() - 61.0 < now));
}

/// The token with a valid signature, and the key set that it is verified with.
pub(crate) fn signed(header: &[u8], claims: &[u8]) -> (String, &'static [u8]) {
    let (pair, keys) = signer();
    let encode = |bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
    (format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.as_ref())), keys)
}

/// A key pair, and a key set that publishes it under two key ids.
fn signer() -> &'static (EcdsaKeyPair, Vec<u8>) {
    static SIGNER: OnceLock<(EcdsaKeyPair, Vec<u8>)> = OnceLock::new();
    SIGNER.get_or_init(|| {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        // An uncompressed point (SEC 1 section 2.3.3): 4, x, y.
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        let number = |bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let key = |kid: &str| {
            json!({"kty": "EC", "crv": "P-256", "use": "sig", "kid": kid, "x": number(x), "y": number(y)})
        };
        // Entra ID's keys have an `issuer` member, those of other providers do not.
        let mut with_issuer = key("fuzz");
        with_issuer["issuer"] = "https://login.example/{tenantid}/v2.0".into();
        let keys = json!({ "keys": [with_issuer, key("plain")] }).to_string().into_bytes();
        (pair, keys)
    })
}
