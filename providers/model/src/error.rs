//! The errors of a provider.

use thiserror::Error;

/// Why a provider cannot go on.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProviderError {
    /// A setting is missing or invalid.
    #[error("the setting {key} {why}")]
    Setting {
        /// The setting's key.
        key: String,
        /// What is wrong and what to write; continues "the setting …".
        why: String,
    },
    /// The cloud sent something that the provider does not understand.
    #[error("unexpected answer: {0}")]
    Unexpected(String),
    /// The cloud refused.
    #[error("the cloud refused ({code}): {help}")]
    Refused {
        /// The cloud's error code.
        code: String,
        /// What a person can do.
        help: String,
    },
    /// The cloud requires a new sign-in with these claims, a JSON object (OpenID Connect Core
    /// section 5.5).
    #[error("the cloud wants a new sign-in")]
    Challenge(String),
    /// Anything else.
    #[error("{message} ({code})")]
    Other {
        /// A stable code.
        code: String,
        /// For a person.
        message: String,
    },
}

/// The code of [`ProviderError::Other`] for a fault of the provider itself. The SDKs use it for an
/// exception and for a value that the interface does not have.
pub const INTERNAL: &str = "internal";

impl ProviderError {
    /// Whether the fault is the provider's own, not a cloud's or a setting's.
    pub fn is_internal(&self) -> bool {
        matches!(self, Self::Other { code, .. } if code == INTERNAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_internal_is_true_for_code_internal_only() {
        let other = |code: &str| ProviderError::Other { code: code.into(), message: "m".into() };
        assert!(other(INTERNAL).is_internal());
        assert!(!other("quota").is_internal());
        assert!(!ProviderError::Unexpected(INTERNAL.into()).is_internal());
    }
}
