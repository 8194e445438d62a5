//! The proof that claims were verified, as a type.

use portico_provider_model::identity::Claims;

/// Claims that passed every check.
///
/// A login needs these: [`Claims`] may come from anywhere. To find what creates them, search for
/// `VerifiedClaims::assertion`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedClaims(Claims);

impl VerifiedClaims {
    /// Asserts that these claims passed every check. Three callers do so:
    /// * the verifier of ID tokens, after the last of its checks (OpenID Connect Core 3.1.3.7, 12.2);
    /// * the verifier of logout tokens, after the last of its checks (OpenID Connect Back-Channel Logout
    ///   2.6);
    /// * the user record, fetched over TLS with the access token of this login, from the address that
    ///   the operator agreed to (OpenID Connect Core 5.3.2).
    pub const fn assertion(claims: Claims) -> Self {
        Self(claims)
    }

    /// The claims.
    pub const fn claims(&self) -> &Claims {
        &self.0
    }

    /// The claims, for the session.
    pub fn into_claims(self) -> Claims {
        self.0
    }
}
