//! The identity of a person: (provider, issuer, tenant, subject), never an e-mail address.

mod email;

pub use portico_provider_model::identity::{
    Claims, Identifiers, Identity, InvalidIdentifier, NotAnObject, ProviderId, Subject, TenantId,
};

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

pub use self::email::VerifiedEmail;
use crate::digest;

/// Identifies a person: the SHA-256 of provider, issuer, tenant and subject.
///
/// Apps store it as [`PersonKey::id`], and stores find sessions by it: it MUST never be derived
/// otherwise. It does not depend on a secret, a setting or the host, so every Portico derives the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonKey([u8; 32]);

impl PersonKey {
    /// The key of the person with this tenant and subject at `issuer`.
    pub fn of(provider: &ProviderId, issuer: &str, tenant: &TenantId, subject: &Subject) -> Self {
        let fields = [provider.as_str(), issuer, tenant.as_str(), subject.as_str()];
        Self(digest::of_fields("portico person", &fields))
    }

    /// Reads a key that a store holds.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key as bytes, for a store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key for apps, which key their own records by it: 43 characters of base64url (RFC 4648
    /// section 5, without padding).
    pub fn id(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }
}

/// Identifies one build of a provider: a login is completed by the build that began it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision(String);

impl Revision {
    /// Wraps the digest of a plug-in, or the version of a linked provider.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The revision as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
