//! The claims of logout tokens with a valid signature.

use portico_domain::{json::well_formed, ports::EndedAtProvider};
use portico_oauth::testing::verified_logout;
use serde_json::{Value, json};

use crate::{claims::signed, first_line, keys::expectation};

/// The header of a token on the first line, its claims on the others; the signature is valid.
/// An accepted one is no ID token, has an id, is for this client, and ends something for a while only.
pub fn logout_token(data: &[u8]) {
    let (header, claims) = first_line(data);
    let (token, keys) = signed(header, claims);
    let expected = expectation();
    let Some(logout) = verified_logout(keys, &token, &expected) else { return };
    let now = expected.now.unix_seconds();
    let until = logout.until.unix_seconds();
    assert!(now < until, "it is accepted and not remembered");
    assert!(until <= now + 60 + 15 * 60 + 61, "it is remembered for longer than 15 minutes");
    assert!((1..=255).contains(&logout.id.len()));

    let Ok(header) = serde_json::from_slice::<Value>(header) else { return };
    let typ = header["typ"].as_str().unwrap_or("JWT").to_ascii_lowercase();
    assert!(["jwt", "logout+jwt"].contains(&typ.trim_start_matches("application/")), "{typ}");
    let payload = well_formed(std::str::from_utf8(claims).unwrap());
    let Ok(payload) = serde_json::from_str::<Value>(&payload) else { return };
    assert!(payload["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());
    assert!(payload.get("nonce").is_none(), "an ID token passes for a logout token");
    assert_eq!(payload["iss"], logout.issuer.as_str());
    let client = json!(expected.client_id);
    assert!(payload["aud"] == client || payload["aud"].as_array().unwrap().contains(&client));
    match logout.ended {
        EndedAtProvider::Session(_) => assert!(!payload["sid"].as_str().unwrap().is_empty()),
        EndedAtProvider::Person(_) => {
            assert!(payload.get("sid").is_none(), "a session was taken for all of its person");
            assert!(!payload["sub"].as_str().unwrap().is_empty());
        }
    }
}
