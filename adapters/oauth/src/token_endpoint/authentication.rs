//! Client authentication of requests to a provider (RFC 6749 section 2.3, RFC 7523 section 2.2).
//!
//! A request whose credential the provider refused is repeated once if the credential has been replaced
//! since. That is safe for a code too: the provider authenticates the client before it looks at the code
//! (RFC 6749 section 4.1.3), and has issued nothing. One that spends the code nevertheless refuses
//! the second request, and the login fails as it would have without it.

use std::sync::Arc;

use oauth2::{AuthType, ClientId, ClientSecret, RequestTokenError};
use portico_domain::{
    issuer_template::IssuerTemplate, ports::IdentityProviderError, provider::ClientAuthentication,
    secret, time::Timestamp,
};

use super::{Client, Failed, Reply, oauth_error};
use crate::{
    client::{Application, Credential, JWT_BEARER, Material, SigningKey},
    document::{TOKEN, misconfigured},
    endpoints::Endpoints,
    transport::{ErrorMembers, Transport},
    url_text::{shown, text},
};

/// The name of authentication by an assertion in metadata (RFC 8414 section 2).
const PRIVATE_KEY_JWT: &str = "private_key_jwt";
/// The error of a refused client authentication (RFC 6749 section 5.2).
const INVALID_CLIENT: &str = "invalid_client";

/// How Portico authenticates at one provider.
pub(crate) struct Authentication<'a> {
    pub(crate) application: &'a Application,
    pub(crate) endpoints: &'a Endpoints,
    /// The method that the provider declares for a client secret.
    pub(crate) declared: ClientAuthentication,
}

/// A client with what one request authenticates by.
pub(crate) struct Authenticated {
    pub(crate) client: Client,
    /// The parameters of an assertion, which the oauth2 crate does not know.
    pub(crate) parameters: Vec<(&'static str, String)>,
}

/// What a request sends to authenticate the client.
pub(crate) enum Proof {
    /// Its id alone.
    Public,
    /// The secret in an `Authorization` header.
    Basic(secret::ClientSecret),
    /// The secret in the form.
    Post(secret::ClientSecret),
    /// A JSON Web Token in the form: `client_assertion` (RFC 7521 section 4.2).
    Assertion(String),
}

impl Authenticated {
    /// The assertion or secret in it, which no error may repeat.
    fn assertion(&self) -> Option<String> {
        self.parameters.iter().find(|(name, _)| *name == "client_assertion").map(|it| it.1.clone())
    }
}

impl Authentication<'_> {
    /// A client for a request that needs none, or an error if no request could be authenticated.
    pub(crate) fn client(&self) -> Result<Client, IdentityProviderError> {
        self.method(&self.application.credential())?;
        Ok(self.bare())
    }

    /// A client that authenticates by the current credential.
    #[cfg(feature = "testing")]
    pub(crate) fn now(&self, now: Timestamp) -> Result<Authenticated, IdentityProviderError> {
        self.by(&self.application.credential(), now)
    }

    /// Sends a request by `transport`, and once more if its credential was refused and has a successor.
    /// `secrets` are removed from the text of an error.
    pub(crate) async fn send<F>(
        &self,
        (transport, now): (&Transport, Timestamp),
        secrets: &[&str],
        send: impl Fn(Authenticated) -> F,
    ) -> Result<Reply, IdentityProviderError>
    where
        F: Future<Output = Result<Reply, Failed>>,
    {
        let credential = self.application.credential();
        let attempt = self.by(&credential, now)?;
        let assertion = attempt.assertion();
        let error = match send(attempt).await {
            Ok(reply) => return Ok(reply),
            Err(error) => {
                self.failed(error, transport.error_members(), secrets, assertion.as_deref())
            }
        };
        let Some(newer) = self.successor(&credential, &error).await else { return Err(error) };
        let attempt = self.by(&newer, now)?;
        let assertion = attempt.assertion();
        send(attempt).await.map_err(|error| {
            self.failed(error, transport.error_members(), secrets, assertion.as_deref())
        })
    }

    /// The credential to repeat a request by that failed with `error`.
    pub(crate) async fn successor(
        &self,
        refused: &Arc<Credential>,
        error: &IdentityProviderError,
    ) -> Option<Arc<Credential>> {
        match error {
            IdentityProviderError::Refused { error, .. } if error.error == INVALID_CLIENT => {
                self.application.successor(refused).await
            }
            _ => None,
        }
    }

    /// The client with this credential.
    pub(crate) fn by(
        &self,
        credential: &Credential,
        now: Timestamp,
    ) -> Result<Authenticated, IdentityProviderError> {
        let (client, secret) = (self.bare(), |text: &str| ClientSecret::new(text.to_owned()));
        let without_parameters = |client| Authenticated { client, parameters: vec![] };
        Ok(match self.proof(credential, now)? {
            Proof::Public => without_parameters(client),
            Proof::Basic(text) => without_parameters(
                client.set_auth_type(AuthType::BasicAuth).set_client_secret(secret(text.expose())),
            ),
            Proof::Post(text) => {
                without_parameters(client.set_client_secret(secret(text.expose())))
            }
            Proof::Assertion(assertion) => Authenticated {
                client,
                parameters: vec![
                    ("client_assertion_type", JWT_BEARER.to_owned()),
                    ("client_assertion", assertion),
                ],
            },
        })
    }

    /// What authenticates one request.
    pub(crate) fn proof(
        &self,
        credential: &Credential,
        now: Timestamp,
    ) -> Result<Proof, IdentityProviderError> {
        let method = self.method(credential)?;
        let without_random = || IdentityProviderError::Unreachable("no random bytes".into());
        let assertion =
            |made: Option<String>| made.map(Proof::Assertion).ok_or_else(without_random);
        match credential.material() {
            Material::Secret(secret) => Ok(match method {
                ClientAuthentication::Basic => Proof::Basic(secret.clone()),
                ClientAuthentication::Post => Proof::Post(secret.clone()),
                ClientAuthentication::None => Proof::Public,
            }),
            Material::None => Ok(Proof::Public),
            Material::Assertion(token) => Ok(Proof::Assertion(token.expose().to_owned())),
            Material::Key(key) => {
                let audience = audience(key, self.endpoints);
                assertion(key.assertion(&self.application.id, audience, now))
            }
        }
    }

    fn bare(&self) -> Client {
        oauth2::Client::new(ClientId::new(self.application.id.clone()))
            .set_auth_uri(self.endpoints.authorization.clone())
            .set_token_uri(self.endpoints.token.clone())
            .set_auth_type(AuthType::RequestBody)
    }

    /// Whether the provider declares that its clients have no secret: one that is set is not sent.
    fn is_public(&self, credential: &Credential) -> bool {
        self.declared == ClientAuthentication::None && !credential.is_assertion()
    }

    /// The place of a secret: the declared one, or one that the token endpoint announces. An assertion is
    /// always in the form. Fails if there is no secret and one is needed, or if the endpoint announces
    /// no method that can be used.
    fn method(
        &self,
        credential: &Credential,
    ) -> Result<ClientAuthentication, IdentityProviderError> {
        let at = shown(self.endpoints.token.url());
        if self.is_public(credential) {
            return Ok(ClientAuthentication::None);
        }
        let announced = self.endpoints.authentication.as_deref();
        let refuse = |taken: &[String], advice: &str| {
            let names: Vec<_> = taken.iter().map(String::as_str).take(8).collect();
            let names = text(&names.join(", "));
            misconfigured(format!("client_authentication: {at} takes {names:?} alone; {advice}"))
        };
        if credential.is_assertion() {
            return match announced {
                Some(methods) if !methods.iter().any(|name| name == PRIVATE_KEY_JWT) => {
                    Err(refuse(methods, "set a client secret instead of a key or a token"))
                }
                _ => Ok(ClientAuthentication::Post),
            };
        }
        // RFC 8414 section 2 would default to Basic, but the declaration exists for providers that want
        // another method without announcing it.
        let method = match announced {
            None => self.declared,
            Some(methods) => self.declared.among(methods).ok_or_else(|| {
                let advice = "have the provider take client_secret_basic or client_secret_post from \
                              this client, or set a key for private_key_jwt if it takes that";
                refuse(methods, advice)
            })?,
        };
        let has_secret = matches!(credential.material(), Material::Secret(_));
        if method != ClientAuthentication::None && !has_secret {
            return Err(misconfigured(format!(
                "client_secret_missing: {at} wants a client secret, and none is set"
            )));
        }
        Ok(method)
    }

    pub(super) fn unreadable(&self) -> IdentityProviderError {
        TOKEN.unreadable(self.endpoints.token.url())
    }

    /// The error of a request, without `secrets`, the client's own and its `assertion`.
    pub(super) fn failed(
        &self,
        error: Failed,
        members: ErrorMembers,
        secrets: &[&str],
        assertion: Option<&str>,
    ) -> IdentityProviderError {
        match error {
            RequestTokenError::Request(error) => error,
            RequestTokenError::ServerResponse(response) => {
                let own = self.application.secret();
                let own = own.as_ref().map(secret::ClientSecret::expose);
                let secrets: Vec<_> = secrets.iter().copied().chain(own).chain(assertion).collect();
                let at = shown(self.endpoints.token.url());
                oauth_error(&response, &members, &secrets, &at)
            }
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => self.unreadable(),
        }
    }
}

/// The audience of an assertion: the issuer alone, as draft-ietf-oauth-rfc7523bis wants of clients, and as
/// RFC 9126 section 2 makes servers accept. A provider that names the endpoints of another one in its
/// metadata could otherwise get assertions that are valid there. Entra ID documents its token endpoint,
/// for certificates; the issuer of many tenants is a template, and no audience.
fn audience<'a>(key: &SigningKey, endpoints: &'a Endpoints) -> &'a str {
    let issuer = &endpoints.issuer.issuer;
    match key.has_certificate() || IssuerTemplate::new(issuer).has_placeholder() {
        true => endpoints.token.url().as_str(),
        false => issuer,
    }
}
