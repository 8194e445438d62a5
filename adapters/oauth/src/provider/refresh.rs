//! A refresh at an OpenID provider, whose response may have an ID token (OpenID Connect Core section 12).

use portico_domain::{
    ports::{IdentityProviderError, Refreshed, RefreshedIdToken},
    provider::SignIn,
    secret::RefreshToken,
};

use super::{OpenIdProvider, verified};
use crate::issuer::Issuer;

impl OpenIdProvider {
    /// Refreshes tokens at an OpenID provider, and verifies the ID token if the response has one.
    pub(super) async fn refresh_openid(
        &self,
        issuer: &Issuer,
        sign_in: &SignIn,
        refresh_token: &RefreshToken,
        scopes: &[String],
    ) -> Result<Refreshed, IdentityProviderError> {
        let discovery = &issuer.discovery(self.clock.now()).await?.value;
        let endpoint = self.token_endpoint(&discovery.endpoints, sign_in);
        // Fetched before the refresh token is sent: it may work once, and without keys the ID token of
        // the response could not be verified.
        let keys = issuer.keys(&discovery.jwks_uri, self.clock.now()).await?;
        let tokens = endpoint.refresh(refresh_token, scopes).await?;
        let Some(id_token) = tokens.id_token.as_deref() else {
            return Ok(Refreshed { tokens: tokens.set, id_token: None });
        };
        let expected = self.expected(discovery, sign_in, &tokens, None);
        let verified = verified(issuer, discovery, (id_token, &expected), &keys).await?;
        let id_token = RefreshedIdToken { claims: verified.claims, issuer: verified.issuer };
        Ok(Refreshed { tokens: tokens.set, id_token: Some(id_token) })
    }
}
