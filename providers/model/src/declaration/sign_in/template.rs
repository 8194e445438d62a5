//! The declared sign-in, with templates of settings and of the tenant.

use super::{ClientAuthentication, ScopeSeparator, TokenEncoding};

/// The declared sign-in. No code of a provider runs when somebody signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInTemplate {
    /// The provider's endpoints.
    pub endpoints: EndpointTemplates,
    /// The tenant if nobody asks for one: `{tenant-id}`.
    pub default_tenant: Option<String>,
    /// The scopes of the authorization request. A setting may contain several, separated by spaces.
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
    pub user_records: Vec<UserRecordTemplate>,
}

impl SignInTemplate {
    /// A public client of an OpenID provider with this issuer, without scopes.
    pub fn of_issuer(issuer: impl Into<String>) -> Self {
        Self {
            endpoints: EndpointTemplates::OpenId(issuer.into()),
            default_tenant: None,
            scopes: vec![],
            scope_separator: ScopeSeparator::Space,
            parameters: vec![],
            token_encoding: TokenEncoding::Form,
            client_authentication: ClientAuthentication::None,
            token_reply: vec![],
            user_records: vec![],
        }
    }
}

/// Templates of a provider's endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointTemplates {
    /// The issuer of an OpenID provider.
    OpenId(String),
    /// OAuth without an ID token.
    Plain {
        /// The issuer.
        issuer: String,
        /// The authorization endpoint.
        authorization: String,
        /// The token endpoint.
        token: String,
        /// The address that ends the browser's session with the provider.
        end_session: Option<String>,
    },
}

/// A JSON object about the owner of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecordTemplate {
    /// The member of the claims that it becomes; `None` if it is the claims.
    pub member: Option<String>,
    /// A template of the address.
    pub url: String,
    /// Headers of the request.
    pub headers: Vec<(String, String)>,
    /// The permission of the signed-in person that covers it.
    pub permission: String,
}

impl EndpointTemplates {
    /// The template of the issuer.
    pub fn issuer(&self) -> &str {
        match self {
            Self::OpenId(issuer) | Self::Plain { issuer, .. } => issuer,
        }
    }

    /// The templates of all addresses, each with a description.
    pub fn addresses(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::OpenId(issuer) => vec![("issuer", issuer)],
            Self::Plain { issuer, authorization, token, end_session } => {
                let mut all = vec![
                    ("issuer", issuer.as_str()),
                    ("authorization endpoint", authorization),
                    ("token endpoint", token),
                ];
                all.extend(end_session.as_deref().map(|url| ("end-session endpoint", url)));
                all
            }
        }
    }
}
