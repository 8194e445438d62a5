//! How people sign in with a provider: what the host's OAuth client needs to know.

use url::Url;

/// How people sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Where the provider's endpoints are.
    pub endpoints: Endpoints,
    /// The claim that fills `{tenantid}` in the issuer: Entra's `tid`.
    pub tenant_claim: Option<String>,
    /// What to ask for.
    pub scopes: Vec<String>,
    /// More parameters of the authorization request.
    pub parameters: Vec<(String, String)>,
    /// How Portico proves itself at the token endpoint.
    pub client_authentication: ClientAuthentication,
}

/// Where a provider's endpoints are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoints {
    /// An OpenID provider: the host reads its discovery document below this issuer, fetches its
    /// keys and verifies ID tokens (OpenID Connect Discovery section 4).
    OpenId(Url),
}

/// How a client authenticates (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// HTTP Basic.
    Basic,
    /// `client_id` and `client_secret` in the body.
    Post,
}
