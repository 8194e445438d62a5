//! The issuer of workload tokens, as a Kubernetes cluster is one.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::error::Unspecified;
use serde_json::json;

use super::{RegisteredCredential, TOKEN_EXCHANGE};
use crate::bytes::guid;
use crate::keys::Key;

/// A platform that gives a workload tokens, which Entra ID accepts in place of a client secret
/// (<https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation>).
#[derive(Debug)]
pub struct WorkloadIssuer {
    key: Key,
    issuer: String,
    subject: String,
}

impl WorkloadIssuer {
    /// An issuer with a new key, and the workload that its tokens are for.
    ///
    /// # Errors
    /// No key can be generated.
    pub fn new(issuer: &str, subject: &str) -> Result<Self, Unspecified> {
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        Ok(Self { key: Key::generate()?, issuer, subject })
    }

    /// The registration that accepts its tokens.
    pub fn registration(&self) -> RegisteredCredential {
        RegisteredCredential::Federated {
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            public_key: self.key.public_pem(),
        }
    }

    /// A token that is valid for these seconds; a negative number makes one that has expired.
    pub fn token(&self, seconds: i64) -> String {
        self.token_for(TOKEN_EXCHANGE, seconds)
    }

    /// A token for another audience.
    pub fn token_for(&self, audience: &str, seconds: i64) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = now.as_secs().cast_signed();
        let claims = json!({
            "iss": self.issuer, "sub": self.subject, "aud": audience, "jti": guid(),
            "iat": now - 10, "nbf": now - 10, "exp": now + seconds,
        });
        self.key.sign(&json!({ "alg": "RS256", "typ": "JWT", "kid": self.key.kid }), &claims)
    }
}
