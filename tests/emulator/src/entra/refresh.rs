//! Refresh tokens: self-contained and authenticated by a MAC, so that a long load test needs no memory for them.
//!
//! A refresh issues a new token; the old one stays valid until it expires, as at Entra ID for web applications.

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::error::EntraError;
use crate::bytes::{base64url, from_base64url, random};
use crate::personas::{Person, WORLD};

/// Lifetime in seconds: ninety days.
const REFRESH_TOKEN_LIFETIME: i64 = 90 * 24 * 60 * 60;

/// The content of a refresh token. It is bound to a person, not to a tenant.
#[derive(Debug)]
pub(crate) struct RefreshToken {
    pub(crate) person: &'static Person,
    /// The granted scopes.
    pub(crate) scope: String,
    /// Whether the sign-in used a second factor.
    pub(crate) mfa: bool,
}

impl RefreshToken {
    /// Encodes the token; the text differs with every call.
    pub(crate) fn seal(&self, key: &[u8; 32], now: i64) -> String {
        let content = json!({
            "person": self.person.user_name,
            "scope": self.scope,
            "mfa": self.mfa,
            "iat": now,
            "id": base64url(random::<12>()),
        });
        let content = base64url(content.to_string());
        let tag = hmac::sign(&mac_key(key), content.as_bytes());
        format!("1.{content}.{}", base64url(tag))
    }

    /// Decodes a token made by [`Self::seal`] with the same key; an error if it is forged or expired.
    pub(crate) fn open(text: &str, key: &[u8; 32], now: i64) -> Result<Self, EntraError> {
        let content = authentic(text, key).ok_or_else(|| {
            EntraError::new(
                "invalid_grant",
                9002313,
                "Invalid request. Request is malformed or invalid.",
            )
        })?;
        if content["iat"].as_i64().is_none_or(|issued| now >= issued + REFRESH_TOKEN_LIFETIME) {
            return Err(EntraError::new(
                "invalid_grant",
                700082,
                "The refresh token has expired due to inactivity.",
            ));
        }
        let person = content["person"].as_str().and_then(|name| WORLD.person(name));
        let person = person.ok_or_else(|| {
            EntraError::new(
                "invalid_grant",
                50034,
                "The user account does not exist in the directory.",
            )
        })?;
        let scope = content["scope"].as_str().unwrap_or_default().to_owned();
        Ok(Self { person, scope, mfa: content["mfa"] == true })
    }
}

fn authentic(text: &str, key: &[u8; 32]) -> Option<Value> {
    let (content, tag) = text.strip_prefix("1.")?.split_once('.')?;
    hmac::verify(&mac_key(key), content.as_bytes(), &from_base64url(tag)?).ok()?;
    serde_json::from_slice(&from_base64url(content)?).ok()
}

fn mac_key(key: &[u8; 32]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, key)
}
