//! Refresh tokens: self-contained and authenticated by a MAC, so that a long load test needs no memory for them.
//!
//! A refresh issues a new token; the old one stays valid until it expires, as at Entra ID for web applications, unless
//! [`TokenSettings`](crate::TokenSettings) say otherwise.

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::error::EntraError;
use super::refused;
use crate::bytes::{base64url, from_base64url, random};
use crate::directory::{Directory, RedeemError, SignIn};
use crate::personas::{Person, WORLD};

/// Lifetime in seconds: ninety days.
const REFRESH_TOKEN_LIFETIME: i64 = 90 * 24 * 60 * 60;

/// The content of a refresh token. It is bound to a person and the application, not to a tenant or resource.
#[derive(Debug)]
pub(crate) struct RefreshToken {
    pub(crate) person: &'static Person,
    /// The granted scopes.
    pub(crate) scope: String,
    /// The sign-in that it descends from.
    pub(crate) sign_in: SignIn,
    /// Random; empty before the token is encoded.
    id: String,
    /// Random, the same for all tokens of the sign-in.
    family: String,
    /// How often the person's sessions had been revoked at the sign-in.
    revocations: u64,
}

impl RefreshToken {
    /// The first token of a sign-in.
    pub(crate) fn new(
        directory: &Directory,
        person: &'static Person,
        scope: String,
        sign_in: SignIn,
    ) -> Self {
        let (id, family) = (String::new(), base64url(random::<12>()));
        let revocations = directory.revocations(person);
        Self { person, scope, sign_in, id, family, revocations }
    }

    /// Encodes the token; the text differs with every call.
    pub(crate) fn seal(&self, key: &[u8; 32], now: i64) -> String {
        let content = json!({
            "person": self.person.user_name,
            "scope": self.scope,
            "sign_in": self.sign_in,
            "family": self.family,
            "revocations": self.revocations,
            "iat": now,
            "id": base64url(random::<12>()),
        });
        let content = base64url(content.to_string());
        let tag = hmac::sign(&mac_key(key), content.as_bytes());
        format!("1.{content}.{}", base64url(tag))
    }

    /// Decodes a token made by [`Self::seal`] with the same key; an error if it is forged, expired or revoked.
    pub(crate) fn open(
        text: &str,
        key: &[u8; 32],
        now: i64,
        directory: &Directory,
    ) -> Result<Self, EntraError> {
        let content = authentic(text, key).ok_or_else(malformed)?;
        if content["iat"].as_i64().is_none_or(|issued| now >= issued + REFRESH_TOKEN_LIFETIME) {
            return Err(EntraError::new(
                "invalid_grant",
                700082,
                "The refresh token has expired due to inactivity.",
            )
            .with_suberror("bad_token"));
        }
        let text_of = |name: &str| content[name].as_str().unwrap_or_default();
        let person = WORLD.person(text_of("person")).ok_or_else(|| {
            EntraError::new(
                "invalid_grant",
                50034,
                "The user account does not exist in the directory.",
            )
        })?;
        let revocations = content["revocations"].as_u64().unwrap_or_default();
        if revocations < directory.revocations(person) {
            return Err(refused::revoked());
        }
        let sign_in = serde_json::from_value(content["sign_in"].clone());
        let sign_in = sign_in.map_err(|_| malformed())?;
        let [scope, id, family] = ["scope", "id", "family"].map(|name| text_of(name).to_owned());
        Ok(Self { person, scope, sign_in, id, family, revocations })
    }

    /// Records that tokens are issued for it; an error if it may be used once and was used before.
    pub(crate) fn redeem(&self, directory: &mut Directory) -> Result<(), EntraError> {
        if directory.settings.single_use_refresh_tokens {
            directory.refresh_tokens.redeem_once(&self.id, &self.family)?;
        }
        Ok(())
    }
}

impl From<RedeemError> for EntraError {
    fn from(error: RedeemError) -> Self {
        let text = match error {
            RedeemError::Reused => {
                "The refresh token was already redeemed; every refresh token of its sign-in is revoked."
            }
            RedeemError::FamilyRevoked => {
                "The refresh token is revoked, since another one of its sign-in was redeemed twice."
            }
        };
        Self::new("invalid_grant", 70000, text).with_suberror("bad_token")
    }
}

fn malformed() -> EntraError {
    EntraError::new("invalid_grant", 9002313, "Invalid request. Request is malformed or invalid.")
}

fn authentic(text: &str, key: &[u8; 32]) -> Option<Value> {
    let (content, tag) = text.strip_prefix("1.")?.split_once('.')?;
    hmac::verify(&mac_key(key), content.as_bytes(), &from_base64url(tag)?).ok()?;
    serde_json::from_slice(&from_base64url(content)?).ok()
}

fn mac_key(key: &[u8; 32]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, key)
}
