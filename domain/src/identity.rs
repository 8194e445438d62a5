//! Who somebody is: (provider, issuer, tenant, subject), and never an e-mail address.

pub use portico_provider_model::identity::{
    Claims, Identifiers, Identity, InvalidIdentifier, NotAnObject, ProviderId, Subject, TenantId,
};

use std::fmt;

use crate::digest;

/// The one key of a person: a SHA-256 of provider, issuer, tenant and subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonKey([u8; 32]);

impl PersonKey {
    /// The key of the person whom `issuer` calls by this tenant and subject.
    pub fn of(provider: &ProviderId, issuer: &str, tenant: &TenantId, subject: &Subject) -> Self {
        let fields = [provider.as_str(), issuer, tenant.as_str(), subject.as_str()];
        Self(digest::of_fields("portico person", &fields))
    }

    /// The key that a store kept.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key as a store keeps it.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Names one build of a provider, so that a login ends on the one it began with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision(String);

impl Revision {
    /// The revision that this text names: the digest of a plug-in, or the version of what is
    /// linked.
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
    fn the_same_subject_in_another_tenant_is_another_person() {
        let azure = ProviderId::parse("azure").unwrap();
        let key = |tenant: &str, subject: &str| {
            let who = identity(subject, tenant);
            PersonKey::of(&azure, "https://login.example", &who.tenant, &who.subject)
        };
        assert_ne!(key("one", "zofia"), key("two", "zofia"));
        assert_eq!(key("one", "zofia"), key("one", "zofia"));
    }

    #[test]
    fn a_revision_is_kept_and_shown_as_the_text_that_names_it() {
        let revision = Revision::new("linked-1");
        assert_eq!((revision.as_str(), revision.to_string().as_str()), ("linked-1", "linked-1"));
    }
}
