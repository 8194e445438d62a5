//! The identity of a person: (provider, issuer, tenant, subject), never an e-mail address.

pub use portico_provider_model::identity::{
    Claims, Identifiers, Identity, InvalidIdentifier, NotAnObject, ProviderId, Subject, TenantId,
};

use std::fmt;

use crate::digest;

/// Identifies a person: the SHA-256 of provider, issuer, tenant and subject.
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
mod tests {
    use super::*;

    fn identity(subject: &str, tenant: &str) -> Identity {
        Identity {
            subject: Subject::parse(subject).unwrap(),
            tenant: TenantId::parse(tenant).unwrap(),
            display_name: "Zofia".into(),
            username: None,
        }
    }

    #[test]
    fn person_key_differs_between_tenants_of_one_subject() {
        let azure = ProviderId::parse("azure").unwrap();
        let key = |tenant: &str, subject: &str| {
            let who = identity(subject, tenant);
            PersonKey::of(&azure, "https://login.example", &who.tenant, &who.subject)
        };
        assert_ne!(key("one", "zofia"), key("two", "zofia"));
        assert_eq!(key("one", "zofia"), key("one", "zofia"));
    }

    #[test]
    fn revision_displays_the_text_it_was_made_from() {
        let revision = Revision::new("linked-1");
        assert_eq!((revision.as_str(), revision.to_string().as_str()), ("linked-1", "linked-1"));
    }
}
