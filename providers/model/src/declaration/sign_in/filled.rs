//! The sign-in of one tenant: every template filled.

use url::Url;

use super::{ClientAuthentication, ScopeSeparator, TokenEncoding};

/// How people sign in to one tenant: what the host's OAuth client needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Where the provider's endpoints are.
    pub endpoints: Endpoints,
    /// The claim that fills `{tenantid}` in the issuer: Entra's `tid`.
    pub tenant_claim: Option<String>,
    /// What to ask for.
    pub scopes: Vec<String>,
    /// What stands between scopes.
    pub scope_separator: ScopeSeparator,
    /// More parameters of the authorization request.
    pub parameters: Vec<(String, String)>,
    /// How the token endpoint is spoken to.
    pub token_encoding: TokenEncoding,
    /// How Portico proves itself at the token endpoint.
    pub client_authentication: ClientAuthentication,
    /// Members of the token reply that a listing is told.
    pub token_reply: Vec<String>,
    /// The documents that say who a token belongs to.
    pub user_records: Vec<UserRecord>,
}

/// Where a provider's endpoints are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there is one for a login, gone when it has ended")]
pub enum Endpoints {
    /// An OpenID provider: the host reads its discovery document below this issuer, fetches its
    /// keys and verifies ID tokens (OpenID Connect Discovery section 4).
    OpenId(Url),
    /// OAuth without an ID token.
    Plain(PlainEndpoints),
}

/// The endpoints of a provider without discovery and ID tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainEndpoints {
    /// Names the provider. Where an answer carries `iss` (RFC 9207) it must be this.
    pub issuer: Url,
    /// The authorization endpoint (RFC 6749 section 3.1).
    pub authorization: Url,
    /// The token endpoint (section 3.2).
    pub token: Url,
    /// Where a browser ends its session with the provider too.
    pub end_session: Option<Url>,
}

/// A document that says who a token belongs to, fetched with that token: a JSON object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    /// The member of the claims that it becomes; `None` for the document that is the claims.
    pub member: Option<String>,
    /// Where it is.
    pub url: Url,
    /// Headers of the request.
    pub headers: Vec<(String, String)>,
    /// The grant of the signed-in person that covers it.
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
