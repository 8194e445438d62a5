//! The error of a sign-in that cannot be filled.

use thiserror::Error;

use crate::declaration::template::TemplateError;

/// Why the templates of a sign-in cannot be filled with settings and tenant.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SignInError {
    /// A setting is missing or invalid. The operator can correct it.
    #[error("the setting {key} {why}")]
    Setting {
        /// The setting's key.
        key: String,
        /// What is wrong and what to write; continues "the setting …".
        why: String,
    },
    /// The declaration is invalid whatever the settings are. Only its author can correct it.
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
