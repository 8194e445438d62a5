//! The error of a call to a provider.

use portico_provider_model::{ProviderError, SignInError};
use thiserror::Error;

/// Why a call to a provider has no result.
///
/// A provider itself can only return [`ProviderError`]; the host detects broken rules and overload.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CallError {
    /// The error that the provider returned.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The provider broke this rule or limit of the host. The login fails, and earlier results of the
    /// provider are dropped.
    #[error("the provider broke a rule: {0}")]
    Broken(String),
    /// The host runs as many plug-ins at once as it can. The provider is not at fault.
    #[error("too many plug-ins run at once")]
    Overloaded,
}

impl From<SignInError> for CallError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Setting { key, why } => ProviderError::Setting { key, why }.into(),
            SignInError::Declaration(rule) => Self::Broken(rule),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn call_error_from_sign_in_error_blames_the_setting_or_the_declaration() {
        let (key, why) = ("url".to_owned(), "is missing".to_owned());
        let setting = SignInError::Setting { key: key.clone(), why: why.clone() };
        let expected = CallError::Provider(ProviderError::Setting { key, why });
        assert_eq!(CallError::from(setting), expected);
        let declaration = SignInError::Declaration("no address".into());
        assert_eq!(CallError::from(declaration), CallError::Broken("no address".into()));
    }
}
