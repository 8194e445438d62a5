//! The declared sign-in with the operator's settings.

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

/// A sign-in with the operator's settings, ready to be filled for a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredSignIn {
    template: SignInTemplate,
    /// The claim with the tenant, if the issuer names tenants.
    tenant_claim: Option<String>,
    settings: Settings,
}

impl ConfiguredSignIn {
    /// The sign-in with these settings. `tenant_pointer` is the JSON Pointer to the tenant in the
    /// claims.
    ///
    /// # Errors
    /// The settings do not fill the templates with valid addresses.
    pub fn new(
        template: SignInTemplate,
        tenant_pointer: Option<&str>,
        settings: Settings,
    ) -> Result<Self, SignInError> {
        let mut configured = Self { template, tenant_claim: None, settings };
        let claim = tenant_pointer.and_then(|pointer| pointer.strip_prefix('/'));
        let claim = claim.filter(|_| configured.issuer_names_tenant());
        configured.tenant_claim = claim.map(str::to_owned);
        configured.at(None)?;
        Ok(configured)
    }

    /// The declared templates.
    pub fn template(&self) -> &SignInTemplate {
        &self.template
    }

    /// The sign-in to this tenant, or to the default one.
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

    /// The tenant if nobody asks for one.
    pub fn default_tenant(&self) -> Result<Option<TenantId>, SignInError> {
        let Some(template) = &self.template.default_tenant else { return Ok(None) };
        let text = template::fill(template, |key| self.settings.get(key));
        let tenant = TenantId::parse(text);
        tenant.map(Some).map_err(|error| SignInError::Declaration(format!("{template}: {error}")))
    }

    /// Whether each tenant has its own issuer.
    pub fn issuer_names_tenant(&self) -> bool {
        template::placeholders(self.template.endpoints.issuer()).any(|key| key == TENANT)
    }

    /// The keys of the settings in the issuer's address, in order: the operator checks these if the
    /// issuer is wrong.
    pub fn issuer_settings(&self) -> Vec<&str> {
        let mut keys: Vec<_> = template::placeholders(self.template.endpoints.issuer()).collect();
        if let Some(at) = keys.iter().position(|key| *key == TENANT) {
            let tenant = self.template.default_tenant.as_deref().unwrap_or_default();
            keys.splice(at..=at, template::placeholders(tenant));
        }
        keys
    }

    /// Whether the issuer is the value of one setting.
    pub fn issuer_is_a_setting(&self) -> bool {
        let issuer = self.template.endpoints.issuer();
        template::placeholders(issuer).any(|key| key != TENANT && issuer == format!("{{{key}}}"))
    }

    /// Whether `issuer` is the one of `tenant`: has the path of the filled template. The host is not
    /// compared, because it was checked against the discovery document when the token was verified.
    pub fn speaks_for(&self, issuer: &str, tenant: &TenantId) -> bool {
        let template = self.template.endpoints.issuer();
        let expected = template::address(template, &self.settings, Some(tenant));
        let verified = Url::parse(issuer);
        matches!((expected, verified), (Ok(expected), Ok(verified)) if expected.path() == verified.path())
    }

    /// An optional address; `None` if a setting in it has no value.
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
