//! The authorization response that a redirect URI receives.

use thiserror::Error;

use crate::{challenge::Challenge, secret::AuthorizationCode};

/// The parameters of a redirect URI, parsed and not yet checked.
#[derive(Clone, Debug)]
pub struct Callback {
    /// The `iss` parameter (RFC 9207).
    pub iss: Option<String>,
    /// The code or the error.
    pub response: AuthorizationResponse,
}

/// An identity provider's response to an authorization request.
#[derive(Clone, Debug)]
pub enum AuthorizationResponse {
    /// The person signed in (RFC 6749 section 4.1.2).
    Code(AuthorizationCode),
    /// The person did not sign in, or may not (section 4.1.2.1).
    Error(OAuthError),
}

/// An OAuth error in the provider's words. For the log; a page shows it escaped or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OAuthError {
    /// The registered error code, such as `access_denied`.
    pub error: String,
    /// `error_description`.
    pub description: Option<String>,
    /// What a new sign-in must satisfy, if the provider says so.
    pub challenge: Option<Box<Challenge>>,
}

impl std::fmt::Display for OAuthError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.description {
            Some(description) => write!(f, "{}: {description}", self.error),
            None => f.write_str(&self.error),
        }
    }
}

/// Why an attempt does not accept a callback.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum CallbackRejected {
    /// It came to the redirect URI of another provider.
    #[error("the login began with another provider")]
    OtherProvider,
    /// `iss` is not the provider's issuer, or is missing though the provider sends it (RFC 9207).
    #[error("the response does not have the issuer of the provider")]
    WrongIssuer,
    /// The provider responded with an error.
    #[error("the provider refused: {0}")]
    Refused(OAuthError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oauth_error_displays_the_code_and_the_description() {
        let denied = OAuthError { error: "access_denied".into(), ..OAuthError::default() };
        assert_eq!(denied.to_string(), "access_denied");
        let explained = OAuthError { description: Some("not today".into()), ..denied };
        assert_eq!(explained.to_string(), "access_denied: not today");
    }
}
