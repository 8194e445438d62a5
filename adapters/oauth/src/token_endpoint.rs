//! The token endpoint (RFC 6749 section 3.2): authorization codes, refresh tokens and client
//! credentials.
//!
//! A request is sent once, unless its credential was refused and has been replaced since
//! (`authentication.rs`). Error texts of the endpoint are cleaned: no token, code or secret is
//! repeated in an error.

mod authentication;
mod error;
mod tokens;

use std::{borrow::Cow, collections::BTreeMap, fmt, time::Duration};

use oauth2::{
    AuthorizationCode, EndpointNotSet, EndpointSet, ExtraTokenFields, PkceCodeVerifier,
    RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardErrorResponse,
    StandardRevocableToken, StandardTokenResponse, TokenResponse,
    basic::{
        BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse,
        BasicTokenIntrospectionResponse, BasicTokenType,
    },
};
use portico_domain::{
    check::Check, login::Redemption, ports::IdentityProviderError, provider::ScopeSeparator,
    secret, session::TokenSet, time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use self::{
    authentication::{Authenticated, Authentication, Proof},
    error::oauth_error,
    tokens::Tokens,
};
use crate::{document::invalid, transport::Transport, url_text::shown};

/// The lifetime of a token whose reply has no `expires_in`, which is optional (RFC 6749 section 5.1).
const DEFAULT_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// The longest lifetime of an access token; a longer `expires_in` is capped.
const MAX_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3_600);

/// The longest access token, in bytes. It is sent in a header, and servers accept 8 to 16 KiB of
/// headers.
const MAX_TOKEN_LEN: usize = 16 << 10;

/// The oauth2 crate's client, with the endpoints that every provider has.
pub(crate) type Client = oauth2::Client<
    BasicErrorResponse,
    Reply,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;
type Reply = StandardTokenResponse<OpenId, BasicTokenType>;
type Failed =
    RequestTokenError<IdentityProviderError, StandardErrorResponse<BasicErrorResponseType>>;

/// The members that OpenID Connect Core section 3.1.3.3 adds to a token response, and vendors' own.
#[derive(Deserialize, Serialize)]
pub(crate) struct OpenId {
    /// Any JSON: it must be a string only if an ID token is expected.
    id_token: Option<Value>,
    /// Vendors' members, such as Salesforce's `instance_url`.
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

impl ExtraTokenFields for OpenId {}

impl fmt::Debug for OpenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenId(redacted)")
    }
}

/// The token endpoint of one provider.
pub(crate) struct TokenEndpoint<'a> {
    pub(crate) transport: Transport,
    pub(crate) authentication: Authentication<'a>,
    pub(crate) scope_separator: ScopeSeparator,
    pub(crate) now: Timestamp,
}

impl TokenEndpoint<'_> {
    /// Redeems a code (RFC 6749 section 4.1.3).
    pub(crate) async fn redeem(
        &self,
        redemption: &Redemption,
        scopes: &[String],
    ) -> Result<Tokens, IdentityProviderError> {
        let (code, verifier) = (redemption.code.expose(), redemption.verifier.expose());
        let redirect_uri = RedirectUrl::from_url(redemption.redirect_uri.clone());
        let send = |client: Authenticated| {
            let (redirect_uri, transport) = (redirect_uri.clone(), &self.transport);
            async move {
                let mut request = client
                    .client
                    .exchange_code(AuthorizationCode::new(code.to_owned()))
                    .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
                    .set_redirect_uri(Cow::Owned(redirect_uri));
                for (name, value) in client.parameters {
                    request = request.add_extra_param(name, value);
                }
                request.request_async(transport).await
            }
        };
        let reply =
            self.authentication.send((&self.transport, self.now), &[code, verifier], send).await?;
        self.read(&reply, scopes)
    }

    /// As [`redeem`](Self::redeem), with this response instead of a request.
    #[cfg(feature = "testing")]
    pub(crate) fn redeem_with_response(
        &self,
        redemption: &Redemption,
        scopes: &[String],
        response: &oauth2::HttpResponse,
    ) -> Result<Tokens, IdentityProviderError> {
        let (code, verifier) = (redemption.code.expose(), redemption.verifier.expose());
        let at = self.authentication.endpoints.token.url();
        let authenticated = self.authentication.now(self.now)?;
        authenticated
            .client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .request(&|_| self.transport.read(at, response.clone()))
            .map_err(|error| {
                let members = self.transport.error_members();
                self.authentication.failed(error, members, &[code, verifier], None)
            })
            .and_then(|reply| self.read(&reply, scopes))
    }

    /// Redeems a refresh token (RFC 6749 section 6).
    pub(crate) async fn refresh(
        &self,
        refresh_token: &secret::RefreshToken,
        scopes: &[String],
    ) -> Result<Tokens, IdentityProviderError> {
        let old = refresh_token.expose();
        let send = |client: Authenticated| {
            let (scopes, transport) = (self.scopes(scopes), &self.transport);
            async move {
                let token = RefreshToken::new(old.to_owned());
                let mut request = client.client.exchange_refresh_token(&token).add_scopes(scopes);
                for (name, value) in client.parameters {
                    request = request.add_extra_param(name, value);
                }
                request.request_async(transport).await
            }
        };
        let reply = self.authentication.send((&self.transport, self.now), &[old], send).await?;
        self.read(&reply, scopes)
    }

    /// Requests the application's own token (RFC 6749 section 4.4).
    pub(crate) async fn client_credentials(
        &self,
        scopes: &[String],
    ) -> Result<Tokens, IdentityProviderError> {
        let send = |client: Authenticated| {
            let (scopes, transport) = (self.scopes(scopes), &self.transport);
            async move {
                let mut request = client.client.exchange_client_credentials().add_scopes(scopes);
                for (name, value) in client.parameters {
                    request = request.add_extra_param(name, value);
                }
                request.request_async(transport).await
            }
        };
        let reply = self.authentication.send((&self.transport, self.now), &[], send).await?;
        self.read(&reply, scopes)
    }

    fn scopes(&self, requested: &[String]) -> Vec<Scope> {
        scopes(requested, self.scope_separator)
    }

    fn read(&self, reply: &Reply, requested: &[String]) -> Result<Tokens, IdentityProviderError> {
        if *reply.token_type() != BasicTokenType::Bearer {
            return Err(invalid(
                Check::TokenType,
                format!("{} gave no bearer token", self.shown()),
            ));
        }
        let access = reply.access_token().secret().as_str();
        if access.is_empty() {
            return Err(self.unreadable());
        }
        if access.len() > MAX_TOKEN_LEN {
            let detail = format!("the access token of {} fits into no header", self.shown());
            return Err(invalid(Check::TokenTooLong, detail));
        }
        let lifetime = reply.expires_in().unwrap_or(DEFAULT_LIFETIME).min(MAX_LIFETIME);
        let scopes = match reply.scopes() {
            Some(granted) => granted_scopes(granted),
            None => requested.to_vec(),
        };
        let refresh = reply.refresh_token().map(|token| token.secret().as_str());
        let refresh = refresh.filter(|token| !token.is_empty());
        let set = TokenSet {
            access: secret::AccessToken::new(access),
            expires_at: self.now.plus(lifetime),
            refresh: refresh.map(secret::RefreshToken::new),
            scopes,
            // Not verified yet.
            id_token: None,
            // Chosen by the sign-in.
            token_reply: vec![],
        };
        let extra = reply.extra_fields();
        let id_token = extra.id_token.as_ref().and_then(Value::as_str).map(str::to_owned);
        let provider_time = self.transport.provider_time();
        Ok(Tokens { set, id_token, provider_time, others: extra.others.clone() })
    }

    fn unreadable(&self) -> IdentityProviderError {
        self.authentication.unreadable()
    }

    fn shown(&self) -> String {
        shown(self.authentication.endpoints.token.url())
    }
}

/// The requested scopes. The oauth2 crate joins them with spaces; for a provider that wants commas they
/// are joined to a single scope here.
pub(crate) fn scopes(requested: &[String], separator: ScopeSeparator) -> Vec<Scope> {
    match separator {
        ScopeSeparator::Space => requested.iter().cloned().map(Scope::new).collect(),
        ScopeSeparator::Comma if requested.is_empty() => vec![],
        ScopeSeparator::Comma => vec![Scope::new(requested.join(","))],
    }
}

/// The granted scopes. RFC 6749 section 3.3 separates them by spaces; GitHub separates them by commas
/// and sends an empty string for none.
fn granted_scopes(granted: &[Scope]) -> Vec<String> {
    let texts: Vec<&str> = match granted {
        [only] => only.split(',').collect(),
        several => several.iter().map(|scope| scope.as_str()).collect(),
    };
    texts.into_iter().filter(|text| !text.is_empty()).map(str::to_owned).collect()
}
