//! The consent of an operator in `providers.lock`: the sign-in, subject mapping and permissions of a
//! [`Descriptor`] in TOML. Texts and settings are read from the file that the digest names.

use std::collections::BTreeMap;

use portico_domain::provider::{
    Capability, ClientAuthentication, Descriptor, EndpointTemplates, Permission, ScopeSeparator,
    SignInTemplate, SubjectMapping, TokenEncoding, UserRecordTemplate,
};
use serde::{Deserialize, Serialize};

/// The sign-in: [`SignInTemplate`] in TOML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInEntry {
    /// The issuer of an OpenID or a plain provider.
    issuer: String,
    /// Set for a plain provider, together with `token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authorization: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_session: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default_tenant: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    scope_separator: Separator,
    token_encoding: Encoding,
    client_authentication: Authentication,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    token_reply: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    parameters: BTreeMap<String, String>,
    #[serde(default, rename = "user_record", skip_serializing_if = "Vec::is_empty")]
    user_records: Vec<UserRecordEntry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserRecordEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    url: String,
    permission: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    headers: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Separator {
    #[default]
    Space,
    Comma,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Encoding {
    Form,
    JsonCamelCase,
    JsonSnakeCase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Authentication {
    Basic,
    Post,
    None,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The subject mapping: [`SubjectMapping`] in TOML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeopleEntry {
    subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    display_name: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    username: Vec<String>,
}

impl From<&SignInTemplate> for SignInEntry {
    fn from(it: &SignInTemplate) -> Self {
        let (issuer, authorization, token, end_session) = match it.endpoints.clone() {
            EndpointTemplates::OpenId(issuer) => (issuer, None, None, None),
            EndpointTemplates::Plain { issuer, authorization, token, end_session } => {
                (issuer, Some(authorization), Some(token), end_session)
            }
        };
        Self {
            issuer,
            authorization,
            token,
            end_session,
            default_tenant: it.default_tenant.clone(),
            scopes: it.scopes.clone(),
            scope_separator: match it.scope_separator {
                ScopeSeparator::Space => Separator::Space,
                ScopeSeparator::Comma => Separator::Comma,
            },
            token_encoding: match it.token_encoding {
                TokenEncoding::Form => Encoding::Form,
                TokenEncoding::JsonCamelCase => Encoding::JsonCamelCase,
                TokenEncoding::JsonSnakeCase => Encoding::JsonSnakeCase,
            },
            client_authentication: match it.client_authentication {
                ClientAuthentication::Basic => Authentication::Basic,
                ClientAuthentication::Post => Authentication::Post,
                ClientAuthentication::None => Authentication::None,
            },
            token_reply: it.token_reply.clone(),
            parameters: it.parameters.iter().cloned().collect(),
            user_records: it.user_records.iter().map(UserRecordEntry::from).collect(),
        }
    }
}

impl SignInEntry {
    /// The sign-in; an error if its endpoints are neither those of an OpenID nor of a plain provider.
    pub(super) fn template(&self) -> Result<SignInTemplate, String> {
        let issuer = self.issuer.clone();
        let endpoints = match (&self.authorization, &self.token, &self.end_session) {
            (None, None, None) => EndpointTemplates::OpenId(issuer),
            (Some(authorization), Some(token), end_session) => EndpointTemplates::Plain {
                issuer,
                authorization: authorization.clone(),
                token: token.clone(),
                end_session: end_session.clone(),
            },
            _ => {
                return Err(
                    "a sign_in has an authorization endpoint and a token endpoint, or neither"
                        .into(),
                );
            }
        };
        Ok(SignInTemplate {
            endpoints,
            default_tenant: self.default_tenant.clone(),
            scopes: self.scopes.clone(),
            scope_separator: match self.scope_separator {
                Separator::Space => ScopeSeparator::Space,
                Separator::Comma => ScopeSeparator::Comma,
            },
            parameters: self.parameters.clone().into_iter().collect(),
            token_encoding: match self.token_encoding {
                Encoding::Form => TokenEncoding::Form,
                Encoding::JsonCamelCase => TokenEncoding::JsonCamelCase,
                Encoding::JsonSnakeCase => TokenEncoding::JsonSnakeCase,
            },
            client_authentication: match self.client_authentication {
                Authentication::Basic => ClientAuthentication::Basic,
                Authentication::Post => ClientAuthentication::Post,
                Authentication::None => ClientAuthentication::None,
            },
            token_reply: self.token_reply.clone(),
            user_records: self.user_records.iter().map(UserRecordTemplate::from).collect(),
        })
    }
}

impl From<&UserRecordTemplate> for UserRecordEntry {
    fn from(it: &UserRecordTemplate) -> Self {
        Self {
            member: it.member.clone(),
            url: it.url.clone(),
            permission: it.permission.clone(),
            headers: it.headers.clone(),
        }
    }
}

impl From<&UserRecordEntry> for UserRecordTemplate {
    fn from(it: &UserRecordEntry) -> Self {
        Self {
            member: it.member.clone(),
            url: it.url.clone(),
            headers: it.headers.clone(),
            permission: it.permission.clone(),
        }
    }
}

impl From<&SubjectMapping> for PeopleEntry {
    fn from(it: &SubjectMapping) -> Self {
        Self {
            subject: it.subject.clone(),
            tenant: it.tenant.clone(),
            display_name: it.display_name.clone(),
            username: it.username.clone(),
        }
    }
}

impl From<&PeopleEntry> for SubjectMapping {
    fn from(it: &PeopleEntry) -> Self {
        Self {
            subject: it.subject.clone(),
            tenant: it.tenant.clone(),
            display_name: it.display_name.clone(),
            username: it.username.clone(),
        }
    }
}

/// The consent of an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The sign-in.
    pub sign_in: SignInTemplate,
    /// The subject mapping; `None` if nobody signs in.
    pub people: Option<SubjectMapping>,
    /// The permissions.
    pub permissions: Vec<Permission>,
    /// The capabilities.
    pub capabilities: Vec<Capability>,
}

impl Consent {
    /// The descriptor with the agreed parts in place of its own.
    pub fn apply_to(&self, descriptor: Descriptor) -> Descriptor {
        Descriptor {
            sign_in: self.sign_in.clone(),
            people: self.people.clone(),
            capabilities: self.capabilities.clone(),
            permissions: self.permissions.clone(),
            ..descriptor
        }
    }
}
