//! How people sign in with a provider: declared as templates, agreed to by the operator, and filled
//! by the host for its OAuth client.

use url::Url;

use super::{
    ProviderError, Settings,
    template::{self, TENANT, TemplateError},
};
use crate::identity::TenantId;

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

/// A provider's sign-in with the operator's settings, ready to be filled for a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredSignIn {
    template: SignInTemplate,
    /// The claim that names the tenant, where the issuer is one of many.
    tenant_claim: Option<String>,
    settings: Settings,
}

impl ConfiguredSignIn {
    /// The sign-in with these settings; refuses settings that make no addresses of it.
    ///
    /// `tenant_pointer` is where a person's tenant stands in the claims (JSON Pointer).
    pub fn new(
        template: SignInTemplate,
        tenant_pointer: Option<&str>,
        settings: Settings,
    ) -> Result<Self, ProviderError> {
        let of_many = template::placeholders(template.endpoints.issuer()).any(|key| key == TENANT);
        let claim = tenant_pointer.filter(|_| of_many).and_then(|at| at.strip_prefix('/'));
        let tenant_claim = claim.map(str::to_owned);
        let configured = Self { template, tenant_claim, settings };
        configured.at(None)?;
        Ok(configured)
    }

    /// What the operator agreed to.
    pub fn template(&self) -> &SignInTemplate {
        &self.template
    }

    /// How people sign in to this tenant, or to the default one.
    pub fn at(&self, tenant: Option<&TenantId>) -> Result<SignIn, ProviderError> {
        let default = match tenant {
            Some(_) => None,
            None => self.default_tenant()?,
        };
        let tenant = tenant.or(default.as_ref());
        let filled = |template: &str| template::address(template, &self.settings, tenant);
        let endpoints = match &self.template.endpoints {
            EndpointTemplates::OpenId(issuer) => Endpoints::OpenId(filled(issuer)?),
            EndpointTemplates::Plain { issuer, authorization, token, end_session } => {
                Endpoints::Plain(PlainEndpoints {
                    issuer: filled(issuer)?,
                    authorization: filled(authorization)?,
                    token: filled(token)?,
                    end_session: self.optional(end_session.as_deref().map(filled))?,
                })
            }
        };
        let record = |record: &UserRecordTemplate| {
            Ok::<_, ProviderError>(UserRecord {
                member: record.member.clone(),
                url: filled(&record.url)?,
                headers: record.headers.clone(),
                permission: record.permission.clone(),
            })
        };
        Ok(SignIn {
            endpoints,
            tenant_claim: self.tenant_claim.clone(),
            scopes: self.scopes(),
            scope_separator: self.template.scope_separator,
            parameters: self.template.parameters.clone(),
            token_encoding: self.template.token_encoding,
            client_authentication: self.template.client_authentication,
            token_reply: self.template.token_reply.clone(),
            user_records: self
                .template
                .user_records
                .iter()
                .map(record)
                .collect::<Result<_, _>>()?,
        })
    }

    /// The tenant that somebody signs in to where nobody asked for one.
    pub fn default_tenant(&self) -> Result<Option<TenantId>, ProviderError> {
        let Some(template) = &self.template.default_tenant else { return Ok(None) };
        let text = template::fill(template, |key| self.settings.get(key));
        let tenant = TenantId::parse(text);
        tenant.map(Some).map_err(|error| ProviderError::Broken(format!("{template}: {error}")))
    }

    /// Whether the issuer is one of many, each of a tenant.
    pub fn issuer_names_tenant(&self) -> bool {
        template::placeholders(self.template.endpoints.issuer()).any(|key| key == TENANT)
    }

    /// The settings that the issuer's address is made of, by their keys, in the order in which they
    /// stand there: where to look when the issuer is wrong.
    pub fn issuer_settings(&self) -> Vec<&str> {
        let mut keys: Vec<_> = template::placeholders(self.template.endpoints.issuer()).collect();
        if let Some(at) = keys.iter().position(|key| *key == TENANT) {
            let tenant = self.template.default_tenant.as_deref().unwrap_or_default();
            keys.splice(at..=at, template::placeholders(tenant));
        }
        keys
    }

    /// Whether one setting is the issuer as it is.
    pub fn issuer_is_a_setting(&self) -> bool {
        let issuer = self.template.endpoints.issuer();
        template::placeholders(issuer).any(|key| key != TENANT && issuer == format!("{{{key}}}"))
    }

    /// Whether `issuer` is the one that speaks for `tenant`: of the path that the template has for
    /// it. The host was held against the issuer's own document when the token was verified.
    pub fn speaks_for(&self, issuer: &str, tenant: &TenantId) -> bool {
        let template = self.template.endpoints.issuer();
        let expected = template::address(template, &self.settings, Some(tenant));
        let verified = Url::parse(issuer);
        matches!((expected, verified), (Ok(expected), Ok(verified)) if expected.path() == verified.path())
    }

    /// An address that is not given is none.
    fn optional(
        &self,
        filled: Option<Result<Url, TemplateError>>,
    ) -> Result<Option<Url>, TemplateError> {
        match filled {
            Some(Err(TemplateError::Missing(_))) | None => Ok(None),
            Some(filled) => filled.map(Some),
        }
    }

    fn scopes(&self) -> Vec<String> {
        let value = |key: &str| Some(self.settings.get(key)?.trim_end_matches('/'));
        let filled = self.template.scopes.iter().map(|scope| template::fill(scope, value));
        let all: Vec<String> = filled.collect();
        all.iter().flat_map(|scope| scope.split_whitespace()).map(str::to_owned).collect()
    }
}

impl From<TemplateError> for ProviderError {
    fn from(error: TemplateError) -> Self {
        match error {
            TemplateError::Missing(key) => {
                Self::Setting { key, why: "is missing: people sign in by it".into() }
            }
            TemplateError::Misfit { ref key, .. } => {
                Self::Setting { key: key.clone(), why: error.to_string() }
            }
            TemplateError::Address(_) => Self::Broken(format!("how people sign in: {error}")),
        }
    }
}

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

/// How a request to the token endpoint is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenEncoding {
    /// `application/x-www-form-urlencoded` (RFC 6749 section 4.1.3).
    #[default]
    Form,
    /// JSON with names in camel case both ways, as AWS SSO OIDC has it (`CreateToken`).
    JsonCamelCase,
    /// JSON with the names of RFC 6749 both ways, as Atlassian and Notion have it.
    JsonSnakeCase,
}

/// What stands between scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScopeSeparator {
    /// A space (RFC 6749 section 3.3).
    #[default]
    Space,
    /// A comma, as Linear and Strava have it.
    Comma,
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

impl ClientAuthentication {
    /// How to authenticate where the token endpoint takes these ways
    /// (`token_endpoint_auth_methods_supported`, RFC 8414 section 2); `None` where it takes none that
    /// Portico has.
    ///
    /// What was declared and agreed to goes first. The same secret goes to the same endpoint in the
    /// other place, header or form, where that alone is taken: whom the operator trusts with it
    /// stays the same. A client that was declared public stays public, whatever is announced.
    pub fn among(self, announced: &[String]) -> Option<Self> {
        let takes = |way: &Self| announced.iter().any(|name| name == way.name());
        let others = [Self::Basic, Self::Post, Self::None];
        match self {
            Self::None => Some(Self::None),
            declared => [declared].into_iter().chain(others).find(takes),
        }
    }

    /// As metadata names it (RFC 7591 section 2).
    fn name(self) -> &'static str {
        match self {
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
            Self::None => "none",
        }
    }
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

#[cfg(test)]
mod tests;
