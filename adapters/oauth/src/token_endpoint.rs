//! The token endpoint (RFC 6749 section 3.2): codes, refresh tokens and the application's own.
//!
//! Every request goes out once. What the endpoint says is cleaned before it becomes an error: no
//! token, code or secret is repeated in one.

use std::{borrow::Cow, fmt, pin::Pin, time::Duration};

use oauth2::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet,
    EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl,
    RefreshToken, RequestTokenError, Scope, StandardErrorResponse, StandardRevocableToken,
    StandardTokenResponse, TokenResponse,
    basic::{
        BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse,
        BasicTokenIntrospectionResponse, BasicTokenType,
    },
};
use portico_domain::{
    login::{ProviderSaid, Redemption},
    ports::IdentityProviderError,
    provider::ClientAuthentication,
    secret,
    session::TokenSet,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    discovery::Discovery,
    document::{TOKEN, untrue},
    http_client::{HttpClient, HttpError, Limits},
};

/// How long a token is taken to live whose reply does not say (RFC 6749 section 5.1 leaves it out
/// where it is documented elsewhere).
const UNSTATED_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// No access token is believed to live longer.
const LONGEST_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3_600);

/// The application as an identity provider knows it.
pub(crate) struct Application {
    pub(crate) id: String,
    pub(crate) secret: secret::ClientSecret,
}

/// Tokens as they came, with the ID token where there is one.
pub(crate) struct Tokens {
    pub(crate) set: TokenSet,
    pub(crate) id_token: Option<String>,
}

type Client = oauth2::Client<
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

/// What OpenID Connect Core section 3.1.3.3 adds to a token response.
#[derive(Deserialize, Serialize)]
pub(crate) struct OpenId {
    id_token: Option<String>,
}

impl ExtraTokenFields for OpenId {}

impl fmt::Debug for OpenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenId(redacted)")
    }
}

/// The application at one provider's endpoints.
pub(crate) fn client(
    application: &Application,
    discovery: &Discovery,
    authentication: ClientAuthentication,
) -> Client {
    let auth_type = match authentication {
        ClientAuthentication::Basic => AuthType::BasicAuth,
        ClientAuthentication::Post => AuthType::RequestBody,
    };
    oauth2::Client::new(ClientId::new(application.id.clone()))
        .set_client_secret(ClientSecret::new(application.secret.expose().to_owned()))
        .set_auth_type(auth_type)
        .set_auth_uri(discovery.authorization_endpoint.clone())
        .set_token_uri(discovery.token_endpoint.clone())
}

/// The token endpoint, for one application.
pub(crate) struct TokenEndpoint {
    pub(crate) transport: Transport,
    pub(crate) client: Client,
    pub(crate) now: Timestamp,
}

impl TokenEndpoint {
    /// Redeems a code (RFC 6749 section 4.1.3).
    pub(crate) async fn redeem(
        &self,
        redemption: &Redemption,
        scopes: &[String],
    ) -> Result<Tokens, IdentityProviderError> {
        let (code, verifier) = (redemption.code.expose(), redemption.verifier.expose());
        let redirect_uri = RedirectUrl::from_url(redemption.redirect_uri.clone());
        self.client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
            .set_redirect_uri(Cow::Owned(redirect_uri))
            .request_async(&self.transport)
            .await
            .map_err(|error| failed(error, &[code, verifier]))
            .and_then(|reply| self.read(&reply, scopes))
    }

    /// New tokens for old (RFC 6749 section 6).
    pub(crate) async fn refresh(
        &self,
        refresh_token: &secret::RefreshToken,
        scopes: &[String],
    ) -> Result<Tokens, IdentityProviderError> {
        let old = refresh_token.expose();
        self.client
            .exchange_refresh_token(&RefreshToken::new(old.to_owned()))
            .add_scopes(scopes.iter().cloned().map(Scope::new))
            .request_async(&self.transport)
            .await
            .map_err(|error| failed(error, &[old]))
            .and_then(|reply| self.read(&reply, scopes))
    }

    /// The application's own token (RFC 6749 section 4.4).
    pub(crate) async fn client_credentials(
        &self,
        scopes: &[String],
    ) -> Result<Tokens, IdentityProviderError> {
        self.client
            .exchange_client_credentials()
            .add_scopes(scopes.iter().cloned().map(Scope::new))
            .request_async(&self.transport)
            .await
            .map_err(|error| failed(error, &[]))
            .and_then(|reply| self.read(&reply, scopes))
    }

    fn read(&self, reply: &Reply, asked: &[String]) -> Result<Tokens, IdentityProviderError> {
        if *reply.token_type() != BasicTokenType::Bearer {
            return Err(untrue("token_type", "the token endpoint gave no bearer token"));
        }
        let lives = reply.expires_in().unwrap_or(UNSTATED_LIFETIME).min(LONGEST_LIFETIME);
        let scopes = match reply.scopes() {
            Some(granted) => granted.iter().map(|scope| scope.as_str().to_owned()).collect(),
            None => asked.to_vec(),
        };
        let refresh = reply.refresh_token().map(|token| token.secret().as_str());
        let set = TokenSet {
            access: secret::AccessToken::new(reply.access_token().secret().as_str()),
            expires_at: self.now.plus(lives),
            refresh: refresh.map(secret::RefreshToken::new),
            scopes,
        };
        Ok(Tokens { set, id_token: reply.extra_fields().id_token.clone() })
    }
}

/// Sends the requests that oauth2 makes through Portico's HTTP client.
pub(crate) struct Transport(pub(crate) HttpClient);

impl<'c> AsyncHttpClient<'c> for Transport {
    type Error = IdentityProviderError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Self::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let unsendable = |_| TOKEN.failed(HttpError::Unreachable("no such address".into()));
            let request = request.try_into().map_err(unsendable)?;
            let sent = self.0.send(request, Limits::default()).await;
            let answer = sent.map_err(|error| TOKEN.failed(error))?;
            match answer.status().as_u16() {
                // RFC 6749 section 5.2 answers with 400 and 401; what else refuses is read alike.
                200 | 400..=428 | 430..=499 => Ok(answer),
                _ => Err(TOKEN.answered(answer.status())),
            }
        })
    }
}

type Failed =
    RequestTokenError<IdentityProviderError, StandardErrorResponse<BasicErrorResponseType>>;

fn failed(error: Failed, secrets: &[&str]) -> IdentityProviderError {
    match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::ServerResponse(said) => refused(&said, secrets),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => TOKEN.unreadable(),
    }
}

/// What an OAuth error means: some say only that the provider cannot serve now.
fn refused(said: &BasicErrorResponse, secrets: &[&str]) -> IdentityProviderError {
    let word = said.error().as_ref();
    let description = said.error_description().map(|text| clean(text, secrets, 500));
    let said = ProviderSaid { error: clean(word, secrets, 64), description };
    match word {
        "temporarily_unavailable" | "server_error" => {
            IdentityProviderError::Unreachable(format!("the token endpoint said {said}"))
        }
        _ => IdentityProviderError::Refused(said),
    }
}

/// The provider's words, bounded, on one line, and without what was sent to it.
fn clean(text: &str, secrets: &[&str], longest: usize) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "(removed)");
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(longest).collect()
}
