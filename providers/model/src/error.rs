//! What a provider says when it cannot go on, and what the host says of a provider that must not.

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
    /// The provider itself is at fault: it broke a rule or a limit of the host, which says which.
    /// A provider cannot say so; the login fails, whatever came so far.
    #[error("the provider broke a rule: {0}")]
    Broken(String),
    /// The host runs as many plug-ins at once as it can. The provider is not at fault, and cannot
    /// say so.
    #[error("too many plug-ins run at once")]
    Overloaded,
}

/// The code of [`ProviderError::Other`] by which a provider says that it failed itself: the SDKs say so of
/// an exception or of a value that the interface does not know.
pub const INTERNAL: &str = "internal";

impl ProviderError {
    /// Whether the provider is at fault, and no cloud and no setting.
    pub fn is_the_providers_own(&self) -> bool {
        match self {
            Self::Broken(_) => true,
            Self::Other { code, .. } => code == INTERNAL,
            _ => false,
        }
    }
}
