//! ID tokens and key sets.
//!
//! The private keys of `keys/jwks.json` were discarded after signing the tokens in
//! `keys/genuine.txt`, so every other token that verifies is a forgery.

use std::collections::BTreeSet;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use portico_domain::{json::well_formed, secret::Nonce, time::Timestamp};
use portico_oauth::testing::{IdTokenExpectation, usable_keys, verified_claims};
use serde::Deserialize;
use serde_json::Value;

use crate::text;

const KEYS: &str = include_str!("../keys/jwks.json");
const GENUINE: &str = include_str!("../keys/genuine.txt");

/// The expectation that the genuine tokens meet.
pub(crate) fn expectation() -> IdTokenExpectation {
    IdTokenExpectation {
        issuer: "https://login.example/{tenantid}/v2.0".into(),
        tenant_claim: Some("tid".into()),
        client_id: "11111111-2222-3333-4444-555555555555".into(),
        nonce: Nonce::new("n-0S6_WzA2Mj"),
        now: Timestamp::from_unix_seconds(1_790_000_000),
    }
}

/// An ID token: only the genuine ones verify.
pub fn id_token(data: &[u8]) {
    let Some(token) = text(data) else { return };
    if verified_claims(KEYS.as_bytes(), token, &expectation()).is_some() {
        let message = |token: &str| token.rsplit_once('.').map(|(message, _)| message.to_owned());
        let known: BTreeSet<_> = GENUINE.lines().map(message).collect();
        assert!(known.contains(&message(token)), "a forged ID token verifies");
    }
}

/// A key set; other members are ignored.
#[derive(Deserialize)]
struct KeySetDocument {
    keys: Vec<Value>,
}

/// A key set: genuine tokens verify only by the keys that signed them.
pub fn key_set(data: &[u8]) {
    let Some(usable) = usable_keys(data) else { return };
    // A byte order mark is ignored (RFC 8259 section 8.1).
    let document = data.strip_prefix("\u{feff}".as_bytes()).unwrap_or(data);
    // An unpaired surrogate is replaced before anything is read.
    let document = well_formed(std::str::from_utf8(document).unwrap());
    let KeySetDocument { keys } = serde_json::from_str(&document).unwrap();
    assert!(usable <= keys.len());
    for token in GENUINE.lines() {
        if verified_claims(data, token, &expectation()).is_some() {
            let signers: Value = serde_json::from_str(KEYS).unwrap();
            let signers = signers["keys"].as_array().unwrap().iter().map(numbers);
            let offered: BTreeSet<_> = keys.iter().map(numbers).collect();
            assert!(signers.clone().any(|one| offered.contains(&one)), "another key verifies");
        }
    }
}

/// The parameters that identify a public key, without leading zeros.
fn numbers(key: &Value) -> Vec<Option<Vec<u8>>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::URL_SAFE,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let members: &[&str] = if key["kty"] == "RSA" { &["n", "e"] } else { &["x", "y"] };
    let number = |name: &&str| {
        let bytes = LENIENT.decode(key[*name].as_str()?).ok()?;
        Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
    };
    members.iter().map(number).collect()
}
