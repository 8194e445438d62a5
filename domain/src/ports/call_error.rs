//! What a call to a provider can come to.

use portico_provider_model::{ProviderError, SignInError};
use thiserror::Error;

/// Why a call to a provider gave no result.
///
/// A provider says [`ProviderError`] and nothing else; that it broke a rule, or that the host has no
/// room for it, only the host can say.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CallError {
    /// The provider says why it cannot go on.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The provider is at fault: it broke this rule or limit of the host. The login fails, whatever
    /// came so far.
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
    fn sign_in_error_is_the_operators_setting_or_the_providers_broken_rule() {
        let (key, why) = ("url".to_owned(), "is missing".to_owned());
        let setting = SignInError::Setting { key: key.clone(), why: why.clone() };
        let expected = CallError::Provider(ProviderError::Setting { key, why });
        assert_eq!(CallError::from(setting), expected);
        let declaration = SignInError::Declaration("no address".into());
        assert_eq!(CallError::from(declaration), CallError::Broken("no address".into()));
    }
}
