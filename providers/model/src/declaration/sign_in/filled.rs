//! The sign-in to one tenant, with every template filled.

use url::Url;

use super::{ClientAuthentication, ScopeSeparator, TokenEncoding};

/// How people sign in to one tenant: the parameters of the host's OAuth client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The provider's endpoints.
    pub endpoints: Endpoints,
    /// The claim that fills `{tenantid}` in the issuer: Entra ID's `tid`.
    pub tenant_claim: Option<String>,
    /// The scopes of the authorization request.
    pub scopes: Vec<String>,
    /// The separator of the scopes.
    pub scope_separator: ScopeSeparator,
    /// Additional parameters of the authorization request.
    pub parameters: Vec<(String, String)>,
    /// The encoding at the token endpoint.
    pub token_encoding: TokenEncoding,
    /// The client authentication at the token endpoint.
    pub client_authentication: ClientAuthentication,
    /// Members of the token reply that a listing gets.
    pub token_reply: Vec<String>,
    /// Documents about the owner of a token.
    pub user_records: Vec<UserRecord>,
}

/// A provider's endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there is one for each login under way")]
pub enum Endpoints {
    /// An OpenID provider with this issuer: the host reads its discovery document, fetches its keys and
    /// verifies ID tokens (OpenID Connect Discovery section 4).
    OpenId(Url),
    /// OAuth without an ID token.
    Plain(PlainEndpoints),
}

/// The endpoints of a provider without discovery and ID tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainEndpoints {
    /// The issuer. An authorization response with `iss` (RFC 9207) must have this one.
    pub issuer: Url,
    /// The authorization endpoint (RFC 6749 section 3.1).
    pub authorization: Url,
    /// The token endpoint (section 3.2).
    pub token: Url,
    /// The address that ends the browser's session with the provider.
    pub end_session: Option<Url>,
}

/// A JSON object about the owner of a token, fetched with that token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    /// The member of the claims that it becomes; `None` if it is the claims.
    pub member: Option<String>,
    /// The address.
    pub url: Url,
    /// Headers of the request.
    pub headers: Vec<(String, String)>,
    /// The permission of the signed-in person that covers it.
    pub permission: String,
}

impl SignIn {
    /// The provider's issuer identifier.
    pub fn issuer(&self) -> &Url {
        match &self.endpoints {
            Endpoints::OpenId(issuer) => issuer,
            Endpoints::Plain(plain) => &plain.issuer,
        }
    }
}
