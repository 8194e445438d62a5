//! The declaration, as templates of settings and of the tenant.

use super::{ClientAuthentication, ScopeSeparator, TokenEncoding};

/// How people sign in, as a provider declares it: nothing else is done when somebody signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInTemplate {
    /// Where the provider's endpoints are.
    pub endpoints: EndpointTemplates,
    /// `{tenant}` where nobody asked for one: `{tenant-id}`.
    pub default_tenant: Option<String>,
    /// What to ask for; a setting may hold several, with blanks between.
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
    pub user_records: Vec<UserRecordTemplate>,
}

impl SignInTemplate {
    /// An OpenID provider with this issuer, which is asked for nothing more.
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

/// Where a provider's endpoints are, as templates of addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointTemplates {
    /// An OpenID provider's issuer.
    OpenId(String),
    /// OAuth without an ID token.
    Plain {
        /// Names the provider.
        issuer: String,
        /// The authorization endpoint.
        authorization: String,
        /// The token endpoint.
        token: String,
        /// Where a browser ends its session with the provider too.
        end_session: Option<String>,
    },
}

/// A document that says who a token belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecordTemplate {
    /// The member of the claims that it becomes; `None` for the document that is the claims.
    pub member: Option<String>,
    /// Where it is, as a template.
    pub url: String,
    /// Headers of the request.
    pub headers: Vec<(String, String)>,
    /// The grant of the signed-in person that covers it.
    pub permission: String,
}

impl EndpointTemplates {
    /// The template of the issuer.
    pub fn issuer(&self) -> &str {
        match self {
            Self::OpenId(issuer) | Self::Plain { issuer, .. } => issuer,
        }
    }

    /// Every address, each with what it is.
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
