//! The domain's identity provider, spoken to as OpenID Connect.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use async_trait::async_trait;
use oauth2::{CsrfToken, RedirectUrl, Scope};
use portico_domain::{
    login::Redemption,
    ports::{
        Authorization, AuthorizationRequest, Clock, IdentityProvider, IdentityProviderError,
        Prompt, SignedIn,
    },
    provider::{Endpoints, SignIn},
    secret::{AccessToken, ClientSecret, RefreshToken},
    session::TokenSet,
};
use url::Url;

use crate::{
    application_tokens::ApplicationTokens,
    discovery::Discovery,
    document::untrue,
    http_client::HttpClient,
    id_token::Expected,
    issuer::Issuer,
    token_endpoint::{Application, TokenEndpoint, Transport, client},
};

/// The parameters of an authorization request that are Portico's: a provider adds to them and
/// replaces none.
const OURS: [&str; 10] = [
    "response_type",
    "response_mode",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "request",
];

/// An OpenID provider with Portico's registration there, for one tenant or many.
///
/// Per issuer it keeps the discovery document and the keys, parsed: fresh for an hour, served for
/// a day where the provider cannot be reached, and fetched by one caller while others wait.
pub struct OpenIdProvider {
    http: HttpClient,
    clock: Arc<dyn Clock>,
    application: Application,
    issuers: RwLock<HashMap<Url, Arc<Issuer>>>,
    application_tokens: ApplicationTokens,
}

impl OpenIdProvider {
    /// The provider, not yet asked anything.
    pub fn new(
        http: HttpClient,
        clock: Arc<dyn Clock>,
        client_id: impl Into<String>,
        client_secret: ClientSecret,
    ) -> Self {
        Self {
            http,
            clock,
            application: Application { id: client_id.into(), secret: client_secret },
            issuers: RwLock::default(),
            application_tokens: ApplicationTokens::default(),
        }
    }

    /// What is kept of the issuer. There are as many as tenants that people may sign in to.
    fn issuer(&self, sign_in: &SignIn) -> Arc<Issuer> {
        let Endpoints::OpenId(url) = &sign_in.endpoints;
        let known = self.issuers.read().unwrap_or_else(PoisonError::into_inner).get(url).cloned();
        known.unwrap_or_else(|| {
            let mut issuers = self.issuers.write().unwrap_or_else(PoisonError::into_inner);
            let many_tenants = sign_in.tenant_claim.is_some();
            let new = || Arc::new(Issuer::new(self.http.clone(), url.clone(), many_tenants));
            issuers.entry(url.clone()).or_insert_with(new).clone()
        })
    }

    fn token_endpoint(&self, discovery: &Discovery, sign_in: &SignIn) -> TokenEndpoint {
        TokenEndpoint {
            transport: Transport(self.http.clone()),
            client: client(&self.application, discovery, sign_in.client_authentication),
            now: self.clock.now(),
        }
    }
}

#[async_trait]
impl IdentityProvider for OpenIdProvider {
    async fn authorization<'a>(
        &self,
        sign_in: &SignIn,
        request: AuthorizationRequest<'a>,
    ) -> Result<Authorization, IdentityProviderError> {
        let discovery = self.issuer(sign_in).discovery(self.clock.now()).await?;
        let client = client(&self.application, &discovery.value, sign_in.client_authentication);
        let secrets = request.secrets;
        let redirect_uri = RedirectUrl::from_url(request.redirect_uri.clone());
        let mut wanted = client
            .authorize_url(|| CsrfToken::new(secrets.state.expose().to_owned()))
            .set_redirect_uri(Cow::Owned(redirect_uri))
            .add_scopes(sign_in.scopes.iter().cloned().map(Scope::new))
            .add_extra_param("nonce", secrets.nonce.expose())
            .add_extra_param("code_challenge", secrets.verifier.challenge())
            .add_extra_param("code_challenge_method", "S256");
        for (name, value) in &sign_in.parameters {
            let asked_for = (name == "login_hint" && request.login_hint.is_some())
                || (name == "prompt" && request.prompt.is_some());
            if !OURS.contains(&name.as_str()) && !asked_for {
                wanted = wanted.add_extra_param(name, value);
            }
        }
        if let Some(hint) = request.login_hint {
            wanted = wanted.add_extra_param("login_hint", hint);
        }
        if let Some(prompt) = request.prompt {
            wanted = wanted.add_extra_param("prompt", word(prompt));
        }
        Ok(Authorization { url: wanted.url().0, issuer: discovery.value.issuer.clone() })
    }

    async fn redeem(
        &self,
        sign_in: &SignIn,
        redemption: Redemption,
    ) -> Result<SignedIn, IdentityProviderError> {
        let issuer = self.issuer(sign_in);
        let discovery = &issuer.discovery(self.clock.now()).await?.value;
        // A code works once: without keys it would be spent on a token that cannot be verified.
        let keys = issuer.keys(&discovery.jwks_uri, self.clock.now()).await?;
        let endpoint = self.token_endpoint(discovery, sign_in);
        let tokens = endpoint.redeem(&redemption, &sign_in.scopes).await?;
        let id_token = tokens
            .id_token
            .ok_or_else(|| untrue("id_token_missing", "the token endpoint gave no ID token"))?;
        let expected = Expected {
            issuer: &discovery.issuer.issuer,
            tenant_claim: sign_in.tenant_claim.as_deref(),
            client_id: &self.application.id,
            nonce: &redemption.nonce,
            now: self.clock.now(),
        };
        let verified = issuer.verify(&id_token, &expected, &discovery.jwks_uri, &keys).await?;
        Ok(SignedIn { claims: verified.claims, issuer: verified.issuer, tokens: tokens.set })
    }

    async fn application_token(
        &self,
        sign_in: &SignIn,
        scopes: &[String],
    ) -> Result<AccessToken, IdentityProviderError> {
        let now = self.clock.now();
        let discovery = self.issuer(sign_in).discovery(now).await?;
        let fetch = async {
            let endpoint = self.token_endpoint(&discovery.value, sign_in);
            Ok(endpoint.client_credentials(scopes).await?.set)
        };
        let address = discovery.value.token_endpoint.as_str();
        self.application_tokens.get(address, scopes, now, fetch).await
    }

    async fn refresh(
        &self,
        sign_in: &SignIn,
        refresh_token: &RefreshToken,
        scopes: &[String],
    ) -> Result<TokenSet, IdentityProviderError> {
        let discovery = self.issuer(sign_in).discovery(self.clock.now()).await?;
        let endpoint = self.token_endpoint(&discovery.value, sign_in);
        let mut tokens = endpoint.refresh(refresh_token, scopes).await?.set;
        tokens.refresh.get_or_insert_with(|| refresh_token.clone());
        Ok(tokens)
    }

    async fn end_session(
        &self,
        sign_in: &SignIn,
        return_to: &Url,
    ) -> Result<Option<Url>, IdentityProviderError> {
        let discovery = self.issuer(sign_in).discovery(self.clock.now()).await?;
        Ok(discovery.value.end_session_endpoint.clone().map(|mut url| {
            url.query_pairs_mut()
                .append_pair("client_id", &self.application.id)
                .append_pair("post_logout_redirect_uri", return_to.as_str());
            url
        }))
    }
}

fn word(prompt: Prompt) -> &'static str {
    match prompt {
        Prompt::None => "none",
        Prompt::Login => "login",
        Prompt::Consent => "consent",
        Prompt::SelectAccount => "select_account",
    }
}

#[cfg(test)]
mod tests;
