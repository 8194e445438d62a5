//! What an authorization code of Entra ID stands for, and how it says that one stands for nothing.

use super::refusal::Refusal;
use crate::codes::Spent;
use crate::personas::{Membership, Person};

/// How every code begins.
pub(crate) const PREFIX: &str = "1.AX.";

/// What a code stands for.
#[derive(Clone, Debug)]
pub(crate) struct CodeGrant {
    pub(crate) person: &'static Person,
    pub(crate) membership: &'static Membership,
    pub(crate) redirect_uri: String,
    /// PKCE's S256 challenge.
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) scope: String,
    /// Whether the sign-in had a second factor.
    pub(crate) mfa: bool,
}

impl From<Spent> for Refusal {
    fn from(spent: Spent) -> Self {
        let (number, text) = match spent {
            Spent::Unknown => (9002313, "Invalid request. Request is malformed or invalid."),
            Spent::Redeemed => (
                54005,
                "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an \
                 existing refresh token.",
            ),
            Spent::Expired => (
                70008,
                "The provided authorization code or refresh token has expired due to inactivity. Send a new \
                 interactive authorization request for this user and resource.",
            ),
        };
        Self::new("invalid_grant", number, text)
    }
}
