//! Client assertions: JSON Web Tokens that authenticate a client (RFC 7523 section 3).

use std::time::Duration;

use aws_lc_rs::rand;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portico_domain::time::Timestamp;
use serde_json::json;

use super::signing_key::SigningKey;

/// `client_assertion_type` (RFC 7523 section 2.2).
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The lifetime of an assertion, which is used once and at once.
const LIFETIME: Duration = Duration::from_secs(5 * 60);
/// How far `iat` and `nbf` are in the past: a provider whose clock is behind refuses a token of the
/// future, and not every provider allows for that.
const BACKDATED: u64 = 30;

impl SigningKey {
    /// An assertion of this client for this audience; `None` if the system gives no random bytes.
    pub(crate) fn assertion(
        &self,
        client_id: &str,
        audience: &str,
        now: Timestamp,
    ) -> Option<String> {
        let mut id = [0; 16];
        rand::fill(&mut id).ok()?;
        // `JWT`, and not the `client-authentication+jwt` of draft-ietf-oauth-rfc7523bis: Entra ID asks for
        // it, and common libraries refuse any other.
        let mut header = json!({ "alg": self.algorithm(), "typ": "JWT" });
        if let Some(thumbprint) = self.thumbprint() {
            header["x5t#S256"] = thumbprint.into();
        }
        let issued_at = now.unix_seconds().saturating_sub(BACKDATED);
        let claims = json!({
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "jti": BASE64_URL_SAFE_NO_PAD.encode(id),
            "iat": issued_at,
            "nbf": issued_at,
            "exp": now.plus(LIFETIME).unix_seconds(),
        });
        let [header, claims] =
            [header, claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part.to_string()));
        let message = format!("{header}.{claims}");
        let signature = BASE64_URL_SAFE_NO_PAD.encode(self.sign(message.as_bytes())?);
        Some(format!("{message}.{signature}"))
    }
}
