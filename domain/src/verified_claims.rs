//! The witness that claims were verified.

use crate::identity::Claims;

/// Claims that say who somebody is: a type that only verified claims have.
///
/// Nobody is signed in by [`Claims`], which may come from anywhere. What makes these is easy to find:
/// search for `VerifiedClaims::assertion`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedClaims(Claims);

impl VerifiedClaims {
    /// Asserts that every check of these claims has passed. Two places do:
    /// * the verifier of ID tokens, after the last of its checks (OpenID Connect Core 3.1.3.7);
    /// * the user record, fetched over TLS with the access token that the login just brought, from the
    ///   address that the operator agreed to (OpenID Connect Core 5.3.2).
    pub const fn assertion(claims: Claims) -> Self {
        Self(claims)
    }

    /// The claims.
    pub const fn claims(&self) -> &Claims {
        &self.0
    }

    /// The claims, to be kept with the session.
    pub fn into_claims(self) -> Claims {
        self.0
    }
}
