//! Who somebody is: (provider, issuer, tenant, subject), and never an e-mail address.

use std::borrow::Cow;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::{
    digest,
    json::{has_unique_members, well_formed},
};

/// Why a text is not the identifier it should be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{what} must be {rule}")]
pub struct InvalidIdentifier {
    what: &'static str,
    rule: &'static str,
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes `text` if it follows the rule of this type.
            pub fn parse(text: impl Into<String>) -> Result<Self, InvalidIdentifier> {
                let text = text.into();
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) {
                    Ok(Self(text))
                } else {
                    Err(InvalidIdentifier { what: $what, rule: $rule })
                }
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fn is_visible_ascii(text: &str, longest: usize) -> bool {
    !text.is_empty() && text.len() <= longest && text.bytes().all(|b| b.is_ascii_graphic())
}

identifier! {
    /// Which cloud: `azure`. It stands in routes, cookies and logs.
    ProviderId, "a provider's id", "1 to 32 lower-case letters, digits or '-'",
    |text| (1..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

identifier! {
    /// A directory of a cloud's customers: Entra's `tid`.
    TenantId, "a tenant's id", "1 to 128 visible ASCII characters",
    |text| is_visible_ascii(text, 128)
}

identifier! {
    /// A person within a tenant, stable for life: Entra's `oid`.
    Subject, "a subject", "1 to 255 visible ASCII characters",
    |text| is_visible_ascii(text, 255)
}

/// What a provider reads from verified claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Stable within the tenant.
    pub subject: Subject,
    /// The tenant signed in to.
    pub tenant: TenantId,
    /// For a person to read; may change at any time.
    pub display_name: String,
    /// What the person types to sign in; may change at any time.
    pub username: Option<String>,
}

impl Identity {
    /// What the cloud itself knows this person by.
    pub fn identifiers(&self) -> Identifiers {
        Identifiers { tenant: self.tenant.clone(), subject: self.subject.clone() }
    }
}

/// What a cloud knows a person by, without a name or an address: fit for a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifiers {
    /// The tenant signed in to.
    pub tenant: TenantId,
    /// Stable within the tenant.
    pub subject: Subject,
}

/// The verified claims of an ID token, or the user record where a provider gives none: the text of
/// one JSON object.
///
/// It is kept as text because a session hands it out far more often than anything reads a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims(String);

/// A text that should have been a JSON object and is not, or holds a member twice.
#[derive(Debug, Error)]
#[error("the claims are not a JSON object, or hold a member twice")]
pub struct NotAnObject(#[source] Option<serde_json::Error>);

impl Claims {
    /// Takes the text of a JSON object in which every member has one value: whoever reads it after
    /// Portico must read the same.
    pub fn parse(text: impl Into<String>) -> Result<Self, NotAnObject> {
        let text = text.into();
        // Whoever reads it after Portico need not take half a surrogate pair either.
        let text = match well_formed(&text) {
            Cow::Owned(mended) => mended,
            Cow::Borrowed(_) => text,
        };
        match serde_json::from_str::<Value>(&text) {
            Ok(Value::Object(_)) if has_unique_members(&text) => Ok(Self(text)),
            Ok(_) => Err(NotAnObject(None)),
            Err(error) => Err(NotAnObject(Some(error))),
        }
    }

    /// Takes a text that [`Claims::json`] gave earlier, for stores that have authenticated it.
    pub fn from_authenticated(text: String) -> Self {
        Self(text)
    }

    /// The JSON object.
    pub fn json(&self) -> &str {
        &self.0
    }

    /// The object's members.
    pub fn members(&self) -> Map<String, Value> {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

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
    fn identifiers_refuse_what_could_break_a_route_or_a_header() {
        for bad in ["", "Azure", "a/b", "a b", "a\r\nb", &"a".repeat(33)] {
            assert!(ProviderId::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(ProviderId::parse("azure").unwrap().as_str(), "azure");
        for bad in ["", "a b", "a\n", "ż", &"a".repeat(129)] {
            assert!(TenantId::parse(bad).is_err(), "{bad:?}");
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
    fn claims_that_are_not_an_object_are_refused() {
        for bad in ["", "[]", "1", "{", "null"] {
            assert!(Claims::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn claims_with_a_member_twice_are_refused() {
        for bad in [
            r#"{"sub":"a","sub":"b"}"#,
            r#"{"sub":"a","s\u0075b":"a"}"#,
            r#"{"x":[{"y":1,"y":1}]}"#,
        ] {
            assert!(Claims::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Claims::parse(r#"{"sub":"a","x":{"sub":"b"}}"#).is_ok());
        // Two names that are read as one.
        assert!(Claims::parse(r#"{"\ud800":"a","\ud801":"b"}"#).is_err());
    }

    #[test]
    fn claims_with_half_a_surrogate_pair_are_read_and_handed_on_whole() {
        let claims = Claims::parse(r#"{"sub":"a","name":"Zofia \ud83d"}"#).unwrap();
        assert_eq!(claims.members()["name"], "Zofia \u{fffd}");
        assert_eq!(claims.json(), r#"{"sub":"a","name":"Zofia \ufffd"}"#);
    }
}
