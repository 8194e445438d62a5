//! Entra ID's authorization codes: their prefix, and the errors for codes that cannot be redeemed.

use super::error::EntraError;
use crate::grants::CodeError;

/// Prefix of every code.
pub(crate) const PREFIX: &str = "1.AX.";

impl From<CodeError> for EntraError {
    fn from(error: CodeError) -> Self {
        let (number, text) = match error {
            CodeError::Unknown => (9002313, "Invalid request. Request is malformed or invalid."),
            CodeError::Redeemed => (
                54005,
                "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an \
                 existing refresh token.",
            ),
            CodeError::Expired => (
                70008,
                "The provided authorization code or refresh token has expired due to inactivity. Send a new \
                 interactive authorization request for this user and resource.",
            ),
        };
        Self::new("invalid_grant", number, text)
    }
}
