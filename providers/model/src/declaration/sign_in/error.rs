//! Why a declared sign-in cannot be filled.

use thiserror::Error;

use crate::declaration::template::TemplateError;

/// Why settings and tenant make no sign-in of what a provider declares.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SignInError {
    /// A setting is missing or wrong: the operator can mend it.
    #[error("the setting {key} {why}")]
    Setting {
        /// Which.
        key: String,
        /// What is wrong and what to write.
        why: String,
    },
    /// The declaration is wrong, whatever the settings are: its author has to mend it.
    #[error("{0}")]
    Declaration(String),
}

impl From<TemplateError> for SignInError {
    fn from(error: TemplateError) -> Self {
        match error {
            TemplateError::Missing(key) => {
                Self::Setting { key, why: "is missing: people sign in by it".into() }
            }
            TemplateError::Misfit { ref key, .. } => {
                Self::Setting { key: key.clone(), why: error.to_string() }
            }
            TemplateError::Address(_) => Self::Declaration(format!("how people sign in: {error}")),
        }
    }
}
