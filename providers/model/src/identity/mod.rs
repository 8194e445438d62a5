//! Who a provider and a person are: identifiers that are parsed once, and never an e-mail address.

mod claims;

use thiserror::Error;

pub use self::claims::{Claims, NotAnObject};

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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifiers {
    /// The tenant signed in to.
    pub tenant: TenantId,
    /// Stable within the tenant.
    pub subject: Subject,
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
