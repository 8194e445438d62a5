//! Identifiers of providers, tenants and people, parsed once. None of them is an e-mail address.

mod claims;

use thiserror::Error;

pub use self::claims::{Claims, NotAnObject};

/// A text that does not follow the rule of its identifier.
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
            /// Parses `text` by the rule of this type.
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

fn is_visible_ascii(text: &str, max_len: usize) -> bool {
    !text.is_empty() && text.len() <= max_len && text.bytes().all(|b| b.is_ascii_graphic())
}

identifier! {
    /// A provider: `azure`. It is used in routes, cookies and logs.
    ProviderId, "a provider's id", "1 to 32 lower-case letters, digits or '-'",
    |text| (1..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

identifier! {
    /// A tenant, which is a cloud's directory of one customer: Entra ID's `tid`.
    TenantId, "a tenant's id", "1 to 128 visible ASCII characters",
    |text| is_visible_ascii(text, 128)
}

identifier! {
    /// A person within a tenant; never changes and is never reused: Entra ID's `oid`.
    Subject, "a subject", "1 to 255 visible ASCII characters",
    |text| is_visible_ascii(text, 255)
}

/// The identity in verified claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Unique within the tenant.
    pub subject: Subject,
    /// The tenant signed in to.
    pub tenant: TenantId,
    /// For a person to read; may change at any time.
    pub display_name: String,
    /// What the person types to sign in; may change at any time.
    pub username: Option<String>,
}

impl Identity {
    /// The identifiers without names.
    pub fn identifiers(&self) -> Identifiers {
        Identifiers { tenant: self.tenant.clone(), subject: self.subject.clone() }
    }
}

/// A person's identifiers without names and addresses, for logs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifiers {
    /// The tenant signed in to.
    pub tenant: TenantId,
    /// Unique within the tenant.
    pub subject: Subject,
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn provider_id_parse_takes_lower_case_letters() {
        assert_eq!(ProviderId::parse("azure").unwrap().as_str(), "azure");
    }

    #[rstest]
    #[case::empty("")]
    #[case::upper_case("Azure")]
    #[case::slash("a/b")]
    #[case::space("a b")]
    #[case::line_break("a\r\nb")]
    #[case::too_long(&"a".repeat(33))]
    fn provider_id_parse_refuses(#[case] text: &str) {
        assert!(ProviderId::parse(text).is_err());
    }

    #[rstest]
    #[case::empty("")]
    #[case::space("a b")]
    #[case::line_break("a\n")]
    #[case::not_ascii("ż")]
    #[case::too_long(&"a".repeat(129))]
    fn tenant_id_parse_refuses(#[case] text: &str) {
        assert!(TenantId::parse(text).is_err());
    }
}
