//! The port `IdentityProvider` over OpenID Connect, or over plain OAuth 2.0 for a provider without
//! discovery.

use std::sync::Arc;

use async_trait::async_trait;
use moka::sync::Cache;
use portico_domain::{
    check::Check,
    identity::Claims,
    issuer_template::IssuerTemplate,
    login::Redemption,
    ports::{
        Authorization, AuthorizationRequest, Clock, IdentityProvider, IdentityProviderError,
        Refreshed, SignedIn, VerifiedLogout,
    },
    provider::{self, ClientCredential, SignIn},
    secret::{AccessToken, ClientSecret, IdToken, LogoutToken, Nonce, RefreshToken},
    session::MAX_HINT_LEN,
};
use url::Url;

use crate::{
    advice::IssuerSettings,
    application_tokens::ApplicationTokens,
    authorization_request,
    client::{Application, InvalidCredential, ReadCredential},
    discovery::Discovery,
    document::invalid,
    endpoints::Endpoints,
    http_client::HttpClient,
    id_token::{Expected, Verified},
    issuer::Issuer,
    keys::KeySet,
    pushed_request::PushedRequest,
    shared::Dated,
    token_endpoint::{Authentication, TokenEndpoint, Tokens},
    transport::Transport,
};

mod logout;
mod refresh;

/// The most cached issuers of a provider with many tenants.
const MAX_ISSUERS: u64 = 1_024;

/// An OpenID or plain OAuth provider with Portico's client registration, for one or many tenants.
///
/// Discovery document and keys are cached for each OpenID issuer: fresh for an hour, and served for a
/// day while the provider is unreachable. Concurrent callers share one fetch.
pub struct OpenIdProvider {
    http: HttpClient,
    clock: Arc<dyn Clock>,
    application: Application,
    issuer_settings: Arc<IssuerSettings>,
    issuers: Cache<Url, Arc<Issuer>>,
    application_tokens: ApplicationTokens,
}

impl OpenIdProvider {
    /// A provider with empty caches. Without a secret Portico is a public client (RFC 6749 section
    /// 2.1); an empty secret counts as none.
    pub fn new(
        http: HttpClient,
        clock: Arc<dyn Clock>,
        client_id: impl Into<String>,
        client_secret: Option<ClientSecret>,
    ) -> Self {
        Self {
            http,
            clock,
            application: Application::with_secret(client_id.into(), client_secret),
            issuer_settings: Arc::default(),
            issuers: Cache::new(MAX_ISSUERS),
            application_tokens: ApplicationTokens::default(),
        }
    }

    /// Sets the credential, of any kind. `read` reads it again when the provider refuses it: files with
    /// credentials are replaced while Portico runs.
    ///
    /// # Errors
    /// The credential holds no key that can sign.
    pub fn with_credential(
        mut self,
        credential: &ClientCredential,
        read: ReadCredential,
    ) -> Result<Self, InvalidCredential> {
        self.application.set(credential, read)?;
        Ok(self)
    }

    /// Sets the settings that hold the issuer; errors about a wrong issuer name them.
    #[must_use]
    pub fn with_issuer_settings(mut self, settings: IssuerSettings) -> Self {
        self.issuer_settings = Arc::new(settings);
        self
    }

    /// The cached issuer. A callback may name any tenant, allowed or not; over the limit, the cache
    /// evicts rarely used entries (TinyLFU), which are the invented tenants.
    fn issuer(&self, url: &Url, sign_in: &SignIn) -> Arc<Issuer> {
        self.issuers.get_with_by_ref(url, || Arc::new(self.new_issuer(url, sign_in)))
    }

    /// An issuer with empty caches.
    fn new_issuer(&self, url: &Url, sign_in: &SignIn) -> Issuer {
        let (many_tenants, settings) =
            (sign_in.tenant_claim.is_some(), self.issuer_settings.clone());
        Issuer::new(self.http.clone(), url.clone(), many_tenants, settings)
    }

    async fn endpoints(&self, sign_in: &SignIn) -> Result<Endpoints, IdentityProviderError> {
        match &sign_in.endpoints {
            provider::Endpoints::OpenId(url) => {
                let discovery = self.issuer(url, sign_in).discovery(self.clock.now()).await?;
                Ok(discovery.value.endpoints.clone())
            }
            provider::Endpoints::Plain(named) => Endpoints::plain(named),
        }
    }

    fn authentication<'a>(
        &'a self,
        endpoints: &'a Endpoints,
        sign_in: &SignIn,
    ) -> Authentication<'a> {
        let declared = sign_in.client_authentication;
        Authentication { application: &self.application, endpoints, declared }
    }

    fn token_endpoint<'a>(
        &'a self,
        endpoints: &'a Endpoints,
        sign_in: &SignIn,
    ) -> TokenEndpoint<'a> {
        TokenEndpoint {
            transport: Transport::new(self.http.clone(), sign_in.token_encoding),
            authentication: self.authentication(endpoints, sign_in),
            scope_separator: sign_in.scope_separator,
            now: self.clock.now(),
        }
    }

    /// Redeems a code at an OpenID provider and verifies the ID token.
    async fn redeem_openid(
        &self,
        issuer: &Issuer,
        sign_in: &SignIn,
        redemption: &Redemption,
    ) -> Result<SignedIn, IdentityProviderError> {
        let discovery = &issuer.discovery(self.clock.now()).await?.value;
        let endpoint = self.token_endpoint(&discovery.endpoints, sign_in);
        // Fetched before the code is sent: a code works once, and without keys its ID token could not
        // be verified.
        let keys = issuer.keys(&discovery.jwks_uri, self.clock.now()).await?;
        let tokens = endpoint.redeem(redemption, &sign_in.scopes).await?;
        let token_reply =
            tokens.listing_members(&sign_in.token_reply, self.application.secret().as_ref());
        let id_token = tokens
            .id_token
            .as_deref()
            .ok_or_else(|| invalid(Check::IdTokenMissing, "the token endpoint gave no ID token"))?;
        let expected = self.expected(discovery, sign_in, &tokens, Some(&redemption.nonce));
        let verified = verified(issuer, discovery, (id_token, &expected), &keys).await?;
        let (claims, issuer) = (Some(verified.claims), verified.issuer);
        let mut tokens = tokens.set;
        // It is kept for a logout at the provider alone.
        if discovery.endpoints.end_session.is_some() && id_token.len() <= MAX_HINT_LEN {
            tokens.id_token = Some(IdToken::new(id_token));
        }
        Ok(SignedIn { claims, issuer, tokens, token_reply })
    }

    /// What the ID token in this token response must have.
    fn expected<'a>(
        &'a self,
        discovery: &'a Discovery,
        sign_in: &'a SignIn,
        tokens: &'a Tokens,
        nonce: Option<&'a Nonce>,
    ) -> Expected<'a> {
        Expected {
            issuer: &discovery.endpoints.issuer.issuer,
            tenant_claim: sign_in.tenant_claim.as_deref(),
            client_id: &self.application.id,
            nonce,
            access_token: Some(&tokens.set.access),
            now: self.clock.now(),
            provider_time: tokens.provider_time,
        }
    }

    /// Redeems a code at a plain OAuth provider. An ID token in the reply is ignored.
    async fn redeem_plain(
        &self,
        endpoints: Endpoints,
        sign_in: &SignIn,
        redemption: &Redemption,
    ) -> Result<SignedIn, IdentityProviderError> {
        let endpoint = self.token_endpoint(&endpoints, sign_in);
        let tokens = endpoint.redeem(redemption, &sign_in.scopes).await?;
        let token_reply =
            tokens.listing_members(&sign_in.token_reply, self.application.secret().as_ref());
        let (issuer, tokens) = (endpoints.issuer.issuer, tokens.set);
        Ok(SignedIn { claims: None, issuer, tokens, token_reply })
    }
}

/// Verifies the ID token of a redeemed code or of a refresh, with `keys` that were fetched before.
async fn verified(
    issuer: &Issuer,
    discovery: &Discovery,
    (id_token, expected): (&str, &Expected<'_>),
    keys: &Arc<Dated<KeySet>>,
) -> Result<Verified, IdentityProviderError> {
    let verified = issuer.verify(id_token, expected, &discovery.jwks_uri, keys).await?;
    if IssuerTemplate::new(expected.issuer).has_placeholder() {
        tenant_is_guid(verified.claims.claims(), expected.tenant_claim)?;
    }
    Ok(verified)
}

/// Issuers with `{tenantid}` are Entra ID's, whose tenant ids are GUIDs
/// (<https://learn.microsoft.com/en-us/entra/identity-platform/access-tokens#validate-the-issuer>).
fn tenant_is_guid(claims: &Claims, claim: Option<&str>) -> Result<(), IdentityProviderError> {
    let members = claims.members();
    let tenant = claim.and_then(|name| members.get(name)?.as_str());
    let is_guid = tenant.is_some_and(|tenant| {
        tenant.len() == 36
            && tenant.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
    });
    if is_guid { Ok(()) } else { Err(invalid(Check::IdTokenTenant, "its tenant is no GUID")) }
}

#[async_trait]
impl IdentityProvider for OpenIdProvider {
    async fn check(&self, sign_in: &SignIn) -> Result<(), IdentityProviderError> {
        match &sign_in.endpoints {
            provider::Endpoints::OpenId(issuer) => self.new_issuer(issuer, sign_in).check().await,
            provider::Endpoints::Plain(named) => Endpoints::plain(named).map(drop),
        }
    }

    async fn authorization<'a>(
        &self,
        sign_in: &SignIn,
        request: AuthorizationRequest<'a>,
    ) -> Result<Authorization, IdentityProviderError> {
        let endpoints = self.endpoints(sign_in).await?;
        let authentication = self.authentication(&endpoints, sign_in);
        let mut url = authorization_request::url(&authentication.client()?, sign_in, &request)?;
        if let Some(endpoint) = &endpoints.pushed_requests {
            let push = PushedRequest { http: &self.http, authentication, endpoint };
            url = push.send(&url, self.clock.now()).await?;
        }
        Ok(Authorization { url, issuer: endpoints.issuer })
    }

    async fn redeem(
        &self,
        sign_in: &SignIn,
        redemption: Redemption,
    ) -> Result<SignedIn, IdentityProviderError> {
        match &sign_in.endpoints {
            provider::Endpoints::OpenId(url) => {
                let issuer = self.issuer(url, sign_in);
                self.redeem_openid(&issuer, sign_in, &redemption).await
            }
            provider::Endpoints::Plain(named) => {
                self.redeem_plain(Endpoints::plain(named)?, sign_in, &redemption).await
            }
        }
    }

    async fn application_token(
        &self,
        sign_in: &SignIn,
        scopes: &[String],
    ) -> Result<AccessToken, IdentityProviderError> {
        let endpoints = self.endpoints(sign_in).await?;
        let endpoint = self.token_endpoint(&endpoints, sign_in);
        let fetch = async { Ok(endpoint.client_credentials(scopes).await?.set) };
        self.application_tokens.get(endpoints.token.as_str(), scopes, self.clock.now(), fetch).await
    }

    async fn refresh(
        &self,
        sign_in: &SignIn,
        refresh_token: &RefreshToken,
        scopes: &[String],
    ) -> Result<Refreshed, IdentityProviderError> {
        let mut refreshed = match &sign_in.endpoints {
            provider::Endpoints::OpenId(url) => {
                let issuer = self.issuer(url, sign_in);
                self.refresh_openid(&issuer, sign_in, refresh_token, scopes).await?
            }
            provider::Endpoints::Plain(named) => {
                let endpoints = Endpoints::plain(named)?;
                let endpoint = self.token_endpoint(&endpoints, sign_in);
                let tokens = endpoint.refresh(refresh_token, scopes).await?.set;
                Refreshed { tokens, id_token: None }
            }
        };
        refreshed.tokens.refresh.get_or_insert_with(|| refresh_token.clone());
        Ok(refreshed)
    }

    async fn verify_logout(
        &self,
        sign_in: &SignIn,
        token: &LogoutToken,
    ) -> Result<VerifiedLogout, IdentityProviderError> {
        self.verify_logout_token(sign_in, token).await
    }

    fn end_session(
        &self,
        sign_in: &SignIn,
        return_to: &Url,
        hint: Option<&IdToken>,
    ) -> Option<Url> {
        let issuer = match &sign_in.endpoints {
            // The parameters below are OpenID's; a plain provider's URL is used unchanged.
            provider::Endpoints::Plain(named) => return Endpoints::plain(named).ok()?.end_session,
            provider::Endpoints::OpenId(url) => self.issuer(url, sign_in),
        };
        let discovery = issuer.cached_discovery(self.clock.now())?;
        let mut url = discovery.value.endpoints.end_session.clone()?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.application.id)
            .append_pair("post_logout_redirect_uri", return_to.as_str());
        if let Some(hint) = hint {
            url.query_pairs_mut().append_pair("id_token_hint", hint.expose());
        }
        Some(url)
    }
}

#[cfg(test)]
mod tests;
