//! Logout tokens of an OpenID provider (OpenID Connect Back-Channel Logout section 2.6).

use portico_domain::{
    check::Check,
    issuer_template::IssuerTemplate,
    ports::{EndedAtProvider, IdentityProviderError, VerifiedLogout},
    provider::{Endpoints, SignIn},
    secret::LogoutToken,
};

use super::{OpenIdProvider, tenant_is_guid};
use crate::{document::invalid, id_token::Expected};

impl OpenIdProvider {
    pub(super) async fn verify_logout_token(
        &self,
        sign_in: &SignIn,
        token: &LogoutToken,
    ) -> Result<VerifiedLogout, IdentityProviderError> {
        let Endpoints::OpenId(url) = &sign_in.endpoints else {
            let detail = "it has no keys, since it issues no ID tokens";
            return Err(invalid(Check::LogoutTokenProvider, detail));
        };
        let issuer = self.issuer(url, sign_in);
        let discovery = &issuer.discovery(self.clock.now()).await?.value;
        let expected = Expected {
            issuer: &discovery.endpoints.issuer.issuer,
            tenant_claim: sign_in.tenant_claim.as_deref(),
            client_id: &self.application.id,
            nonce: None,
            access_token: None,
            now: self.clock.now(),
            provider_time: None,
        };
        let logout = issuer.verify_logout(token.expose(), &expected, &discovery.jwks_uri).await?;
        if let EndedAtProvider::Person(claims) = &logout.ended
            && IssuerTemplate::new(expected.issuer).has_placeholder()
        {
            tenant_is_guid(claims.claims(), expected.tenant_claim)?;
        }
        Ok(logout)
    }
}
