//! The token endpoint (RFC 6749 section 3.2): codes, refresh tokens and the application's own.
//!
//! Every request goes out once. What the endpoint says is cleaned before it becomes an error: no
//! token, code or secret is repeated in one.

use std::{borrow::Cow, collections::BTreeMap, fmt, time::Duration};

use oauth2::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet, EndpointSet,
    ExtraTokenFields, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardErrorResponse, StandardRevocableToken, StandardTokenResponse, TokenResponse,
    basic::{
        BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse,
        BasicTokenIntrospectionResponse, BasicTokenType,
    },
};
use portico_domain::{
    check::Check,
    echo::TokenEcho,
    login::{OAuthError, Redemption},
    ports::IdentityProviderError,
    provider::{ClientAuthentication, ScopeSeparator},
    secret,
    session::TokenSet,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::form_urlencoded;

use crate::{
    advice::{shown, text},
    document::{TOKEN, invalid, misconfigured},
    endpoints::Endpoints,
    transport::Transport,
};

/// How long a token is taken to live whose reply does not say (RFC 6749 section 5.1 leaves it out
/// where it is documented elsewhere).
const UNSTATED_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// No access token is believed to live longer.
const MAX_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3_600);

/// The longest access token, in bytes. It goes in a header, and servers take 8 to 16 KiB of headers.
const MAX_TOKEN_LEN: usize = 16 << 10;

/// The application as an identity provider knows it.
pub(crate) struct Application {
    pub(crate) id: String,
    /// A public client has none (RFC 6749 section 2.1).
    pub(crate) secret: Option<secret::ClientSecret>,
}

/// Tokens as they came, with the ID token where there is one.
pub(crate) struct Tokens {
    pub(crate) set: TokenSet,
    pub(crate) id_token: Option<String>,
    /// What time it was at the provider, as the answer's header `Date` has it.
    pub(crate) provider_time: Option<Timestamp>,
    others: BTreeMap<String, Value>,
}

/// The longest text of a token reply that a listing is told, in bytes.
const MAX_MEMBER_VALUE_LEN: usize = 1 << 10;

impl Tokens {
    /// The members of the reply that `names` asks for. One that holds a token or the client secret,
    /// or a long part of one, in any usual encoding, is left out: a listing is told no secret,
    /// whatever the provider calls it.
    pub(crate) fn told(
        &self,
        names: &[String],
        client_secret: Option<&secret::ClientSecret>,
    ) -> Vec<(String, String)> {
        if names.is_empty() {
            return Vec::new();
        }
        let refresh = self.set.refresh.as_ref().map(secret::RefreshToken::expose);
        let client_secret = client_secret.map(secret::ClientSecret::expose);
        let secrets =
            [Some(self.set.access.expose()), refresh, self.id_token.as_deref(), client_secret];
        let mut echo = TokenEcho::default();
        for secret in secrets.into_iter().flatten() {
            echo.watch(&secret::AccessToken::new(secret));
        }
        let told = |name: &String| {
            let text = match self.others.get(name)? {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Bool(flag) => flag.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => return None,
            };
            (text.len() <= MAX_MEMBER_VALUE_LEN && !echo.is_in_text(&text))
                .then(|| (name.clone(), text))
        };
        names.iter().filter_map(told).collect()
    }
}

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

/// What OpenID Connect Core section 3.1.3.3 adds to a token response. It is read where an ID token
/// is wanted: a provider without them may send anything under that name.
#[derive(Deserialize, Serialize)]
pub(crate) struct OpenId {
    id_token: Option<Value>,
    /// What a provider says beside tokens: Salesforce's `instance_url`.
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

impl ExtraTokenFields for OpenId {}

impl fmt::Debug for OpenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenId(redacted)")
    }
}

/// The application at one provider's endpoints. Refused where the provider wants a secret and there
/// is none: without it a confidential client would be taken for anybody; and where it takes the
/// secret in no way that Portico has.
pub(crate) fn client(
    application: &Application,
    endpoints: &Endpoints,
    authentication: ClientAuthentication,
) -> Result<Client, IdentityProviderError> {
    let client = oauth2::Client::new(ClientId::new(application.id.clone()))
        .set_auth_uri(endpoints.authorization.clone())
        .set_token_uri(endpoints.token.clone());
    let auth_type = match announced(authentication, endpoints)? {
        ClientAuthentication::Basic => AuthType::BasicAuth,
        ClientAuthentication::Post => AuthType::RequestBody,
        ClientAuthentication::None => return Ok(client.set_auth_type(AuthType::RequestBody)),
    };
    let secret = application.secret.as_ref().ok_or_else(|| {
        let at = shown(endpoints.token.url());
        misconfigured(format!("client_secret_missing: {at} wants a client secret, and none is set"))
    })?;
    let secret = ClientSecret::new(secret.expose().to_owned());
    Ok(client.set_auth_type(auth_type).set_client_secret(secret))
}

/// How the client authenticates: as was declared, or as the token endpoint announces.
fn announced(
    declared: ClientAuthentication,
    endpoints: &Endpoints,
) -> Result<ClientAuthentication, IdentityProviderError> {
    // Without an announcement, what was declared is all that is known. RFC 8414 section 2 would have
    // it be Basic, and a provider that wants something else and says nothing is why one declares it.
    let Some(ways) = &endpoints.authentication else { return Ok(declared) };
    declared.among(ways).ok_or_else(|| {
        let ways: Vec<_> = ways.iter().map(String::as_str).take(8).collect();
        misconfigured(format!(
            "client_authentication: {} takes {:?} alone; have the provider take client_secret_basic \
             or client_secret_post from this client",
            shown(endpoints.token.url()),
            text(&ways.join(", ")),
        ))
    })
}

/// The token endpoint, for one application.
pub(crate) struct TokenEndpoint<'a> {
    pub(crate) transport: Transport,
    pub(crate) client: Client,
    /// Kept out of what the endpoint is quoted with.
    pub(crate) client_secret: Option<&'a secret::ClientSecret>,
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
        self.client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
            .set_redirect_uri(Cow::Owned(redirect_uri))
            .request_async(&self.transport)
            .await
            .map_err(|error| self.failed(error, &[code, verifier]))
            .and_then(|reply| self.read(&reply, scopes))
    }

    /// What redeeming a code comes to where the endpoint answers so.
    #[cfg(feature = "testing")]
    pub(crate) fn redeem_answered(
        &self,
        redemption: &Redemption,
        scopes: &[String],
        answer: &oauth2::HttpResponse,
    ) -> Result<Tokens, IdentityProviderError> {
        let (code, verifier) = (redemption.code.expose(), redemption.verifier.expose());
        self.client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .request(&|_| self.transport.read(self.client.token_uri().url(), answer.clone()))
            .map_err(|error| self.failed(error, &[code, verifier]))
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
            .add_scopes(self.scopes(scopes))
            .request_async(&self.transport)
            .await
            .map_err(|error| self.failed(error, &[old]))
            .and_then(|reply| self.read(&reply, scopes))
    }

    /// The application's own token (RFC 6749 section 4.4).
    pub(crate) async fn client_credentials(
        &self,
        scopes: &[String],
    ) -> Result<Tokens, IdentityProviderError> {
        self.client
            .exchange_client_credentials()
            .add_scopes(self.scopes(scopes))
            .request_async(&self.transport)
            .await
            .map_err(|error| self.failed(error, &[]))
            .and_then(|reply| self.read(&reply, scopes))
    }

    fn scopes(&self, asked: &[String]) -> Vec<Scope> {
        scopes(asked, self.scope_separator)
    }

    fn read(&self, reply: &Reply, asked: &[String]) -> Result<Tokens, IdentityProviderError> {
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
        let lives = reply.expires_in().unwrap_or(UNSTATED_LIFETIME).min(MAX_LIFETIME);
        let scopes = match reply.scopes() {
            Some(granted) => list(granted),
            None => asked.to_vec(),
        };
        let refresh = reply.refresh_token().map(|token| token.secret().as_str());
        let refresh = refresh.filter(|token| !token.is_empty());
        let set = TokenSet {
            access: secret::AccessToken::new(access),
            expires_at: self.now.plus(lives),
            refresh: refresh.map(secret::RefreshToken::new),
            scopes,
        };
        let extra = reply.extra_fields();
        let id_token = extra.id_token.as_ref().and_then(Value::as_str).map(str::to_owned);
        let provider_time = self.transport.provider_time();
        Ok(Tokens { set, id_token, provider_time, others: extra.others.clone() })
    }

    fn unreadable(&self) -> IdentityProviderError {
        TOKEN.unreadable(self.client.token_uri().url())
    }

    fn shown(&self) -> String {
        shown(self.client.token_uri().url())
    }

    fn failed(&self, error: Failed, secrets: &[&str]) -> IdentityProviderError {
        match error {
            RequestTokenError::Request(error) => error,
            RequestTokenError::ServerResponse(said) => {
                let ours = self.client_secret.map(secret::ClientSecret::expose);
                let secrets: Vec<_> = secrets.iter().copied().chain(ours).collect();
                refused(&said, &secrets, &self.shown())
            }
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => self.unreadable(),
        }
    }
}

/// The scopes to ask for: the crate puts a space between two, and a provider that wants commas gets
/// all of them as one.
pub(crate) fn scopes(asked: &[String], separator: ScopeSeparator) -> Vec<Scope> {
    match separator {
        ScopeSeparator::Space => asked.iter().cloned().map(Scope::new).collect(),
        ScopeSeparator::Comma if asked.is_empty() => vec![],
        ScopeSeparator::Comma => vec![Scope::new(asked.join(","))],
    }
}

/// The scopes that were granted. They are separated by spaces (RFC 6749 section 3.3); GitHub
/// separates them by commas, and grants none as an empty text.
fn list(granted: &[Scope]) -> Vec<String> {
    let texts: Vec<&str> = match granted {
        [only] => only.split(',').collect(),
        several => several.iter().map(|scope| scope.as_str()).collect(),
    };
    texts.into_iter().filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

type Failed =
    RequestTokenError<IdentityProviderError, StandardErrorResponse<BasicErrorResponseType>>;

/// What an OAuth error means: some say only that the provider cannot serve now.
fn refused(said: &BasicErrorResponse, secrets: &[&str], at: &str) -> IdentityProviderError {
    let word = said.error().as_ref();
    let description = said.error_description().map(|text| clean(text, secrets, 500));
    let said = OAuthError { error: clean(word, secrets, 64), description };
    match word {
        "temporarily_unavailable" | "server_error" => {
            IdentityProviderError::Unreachable(format!("the token endpoint {at} said {said}"))
        }
        _ => IdentityProviderError::Refused { said, by: at.to_owned() },
    }
}

/// The provider's words, bounded, on one line, and without what was sent to it, however encoded.
fn clean(text: &str, secrets: &[&str], longest: usize) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        text = text.replace(secret, "(removed)").replace(&encoded, "(removed)");
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(longest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCESS: &str = "eyJh-access-token-4f1c9d7b2a60";
    const CLIENT_SECRET: &str = "client-secret-83b1f0c7d5e94a26";

    #[test]
    fn listing_members_omit_tokens_and_client_secret_in_any_encoding() {
        let backwards: String = ACCESS.chars().rev().collect();
        let encoded = "ZXlKaC1hY2Nlc3MtdG9rZW4tNGYxYzlkN2IyYTYw";
        let others = [
            ("instance_url", "https://eu7.cloud.example"),
            ("same", ACCESS),
            ("encoded", encoded),
            ("backwards", &backwards),
            ("secret", CLIENT_SECRET),
            ("refresh", "the-refresh-token-0a9b8c7d"),
        ];
        let names: Vec<String> = others.iter().map(|(name, _)| (*name).to_owned()).collect();
        let tokens = Tokens {
            set: TokenSet {
                access: secret::AccessToken::new(ACCESS),
                expires_at: Timestamp::default(),
                refresh: Some(secret::RefreshToken::new("the-refresh-token-0a9b8c7d")),
                scopes: vec![],
            },
            id_token: None,
            provider_time: None,
            others: others.map(|(name, text)| (name.to_owned(), text.into())).into(),
        };
        let secret = secret::ClientSecret::new(CLIENT_SECRET);
        let told = tokens.told(&names, Some(&secret));
        assert_eq!(told, [("instance_url".into(), "https://eu7.cloud.example".into())]);
    }
}
