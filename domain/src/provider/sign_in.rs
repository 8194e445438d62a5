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
    /// How the token endpoint is spoken to.
    pub token_encoding: TokenEncoding,
    /// How Portico proves itself at the token endpoint.
    pub client_authentication: ClientAuthentication,
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
    /// Says who a token belongs to; needed where people sign in.
    pub user_record: Option<UserRecord>,
}

/// The document that says who a token belongs to, fetched with that token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    /// Where it is: a JSON object.
    pub url: Url,
    /// Headers of the request, from the host's allow-list.
    pub headers: Vec<(String, String)>,
    /// The grant of the signed-in person that covers it.
    pub grant: String,
}

/// How a request to the token endpoint is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenEncoding {
    /// `application/x-www-form-urlencoded` (RFC 6749 section 4.1.3).
    #[default]
    Form,
    /// JSON with names in camel case both ways, as AWS SSO OIDC has it (`CreateToken`).
    JsonCamelCase,
}

/// How a client authenticates (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// HTTP Basic.
    Basic,
    /// `client_id` and `client_secret` in the body.
    Post,
    /// A public client: `client_id` alone, and PKCE.
    None,
}

impl SignIn {
    /// Names the provider: what it is asked to be known by.
    pub fn issuer(&self) -> &Url {
        match &self.endpoints {
            Endpoints::OpenId(issuer) => issuer,
            Endpoints::Plain(plain) => &plain.issuer,
        }
    }
}
