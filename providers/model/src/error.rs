//! What a provider says when it cannot go on.

use thiserror::Error;

/// Why a provider cannot go on.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProviderError {
    /// A setting is missing or wrong.
    #[error("the setting {key} {why}")]
    Setting {
        /// Which.
        key: String,
        /// What is wrong and what to write.
        why: String,
    },
    /// The cloud answered something that the provider does not understand.
    #[error("unexpected answer: {0}")]
    Unexpected(String),
    /// The cloud refused.
    #[error("the cloud refused ({code}): {help}")]
    Refused {
        /// The cloud's own word.
        code: String,
        /// What a person can do.
        help: String,
    },
    /// The cloud wants the person to sign in anew with these claims (OpenID Connect Core section
    /// 5.5), a JSON object.
    #[error("the cloud wants a new sign-in")]
    Challenge(String),
    /// Anything else.
    #[error("{message} ({code})")]
    Other {
        /// A stable word.
        code: String,
        /// For a person.
        message: String,
    },
}

/// The code of [`ProviderError::Other`] by which a provider says that it failed itself: the SDKs say
/// so of an exception or of a value that the interface does not know.
pub const INTERNAL: &str = "internal";

impl ProviderError {
    /// Whether the provider says that it failed itself, and no cloud and no setting.
    pub fn is_internal(&self) -> bool {
        matches!(self, Self::Other { code, .. } if code == INTERNAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provider_failed_itself_only_if_it_says_internal() {
        let other = |code: &str| ProviderError::Other { code: code.into(), message: "m".into() };
        assert!(other(INTERNAL).is_internal());
        assert!(!other("quota").is_internal());
        assert!(!ProviderError::Unexpected(INTERNAL.into()).is_internal());
    }
}
