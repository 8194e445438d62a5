//! The claims of ID tokens that the provider did sign.

use std::sync::OnceLock;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portico_oauth::testing::verified_claims;
use serde_json::{Value, json};

use crate::{first_line, keys::expectation};

/// The header of a token on the first line, its claims on the others; the signature is good. What
/// is believed is from the issuer, for this application, of this time, and for this login.
pub fn id_token_claims(data: &[u8]) {
    let (header, claims) = first_line(data);
    let (pair, keys) = signer();
    let encode = |bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
    let token = format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.as_ref()));

    let expected = expectation();
    let Some((believed, issuer)) = verified_claims(keys, &token, &expected) else { return };
    assert_eq!(believed.json().as_bytes(), claims, "apps are shown other claims than were signed");
    // What no check looks at may hold what is no text: half a surrogate pair.
    let Ok(header) = serde_json::from_slice::<Value>(header) else { return };
    assert_eq!(header["alg"], "ES256");
    assert!(header.get("crit").is_none_or(Value::is_null), "what is critical was passed over");

    let said: Value = serde_json::from_slice(claims).unwrap();
    let tenant = said["tid"].as_str().unwrap();
    assert!(tenant.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && !tenant.is_empty());
    assert_eq!(issuer, format!("https://login.example/{tenant}/v2.0"));
    assert_eq!(said["iss"], issuer.as_str());
    let client = json!(expected.client_id);
    assert!(said["aud"] == client || said["aud"].as_array().unwrap().contains(&client));
    assert!(said.get("azp").is_none_or(|party| *party == client));
    assert_eq!(said["nonce"], expected.nonce.expose());
    assert!(!said["sub"].as_str().unwrap().is_empty());
    let now = expected.now.unix_seconds() as f64;
    assert!(said["exp"].as_f64().unwrap() + 61.0 > now, "it has expired");
    assert!(said["iat"].as_f64().unwrap() - 61.0 < now, "it is of the future");
    assert!(said.get("nbf").is_none_or(|begins| begins.as_f64().unwrap() - 61.0 < now));
}

/// A key of this process, and the key set that has it under two names.
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
        // Entra's keys name an issuer of their own, others' do not.
        let mut of_an_issuer = key("fuzz");
        of_an_issuer["issuer"] = "https://login.example/{tenantid}/v2.0".into();
        let keys = json!({ "keys": [of_an_issuer, key("plain")] }).to_string().into_bytes();
        (pair, keys)
    })
}
