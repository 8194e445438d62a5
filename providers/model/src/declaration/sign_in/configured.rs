//! The declaration with the operator's settings.

use url::Url;

use super::{
    EndpointTemplates, Endpoints, PlainEndpoints, SignIn, SignInError, SignInTemplate, UserRecord,
    UserRecordTemplate,
};
use crate::{
    declaration::{
        Settings,
        template::{self, TENANT, TemplateError},
    },
    identity::TenantId,
};

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
    ) -> Result<Self, SignInError> {
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
    pub fn at(&self, tenant: Option<&TenantId>) -> Result<SignIn, SignInError> {
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
            Ok::<_, SignInError>(UserRecord {
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
    pub fn default_tenant(&self) -> Result<Option<TenantId>, SignInError> {
        let Some(template) = &self.template.default_tenant else { return Ok(None) };
        let text = template::fill(template, |key| self.settings.get(key));
        let tenant = TenantId::parse(text);
        tenant.map(Some).map_err(|error| SignInError::Declaration(format!("{template}: {error}")))
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
