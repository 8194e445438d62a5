//! Chooses the token of a request, and detects responses that echo one.

use std::collections::BTreeMap;

use crate::{
    echo::TokenEcho,
    identity::TenantId,
    ports::FetchFailure,
    provider::{FetchError, Permission, Principal, Reply, Request},
    secret::AccessToken,
};

/// Names one of the application's tokens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenName {
    /// The permission that it is used under.
    pub permission: String,
    /// Its tenant.
    pub tenant: TenantId,
}

/// The tokens of one listing.
pub(super) struct Tokens<'a> {
    person: &'a AccessToken,
    /// The tenant that the person signed in to.
    tenant: &'a TenantId,
    /// The application's tokens so far. None is used under another name.
    application: BTreeMap<TokenName, AccessToken>,
    /// Every token that was sent so far. A cloud may echo one in a later response.
    echo: TokenEcho,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(person: &'a AccessToken, tenant: &'a TenantId, echo: TokenEcho) -> Self {
        Self { person, tenant, application: BTreeMap::new(), echo }
    }

    /// The name of the token of a request. Its tenant is the person's, unless the request names another.
    fn name(&self, request: &Request, permission: &Permission) -> TokenName {
        let named = request.credential.as_ref().and_then(|credential| credential.tenant.clone());
        let tenant = named.unwrap_or_else(|| self.tenant.clone());
        TokenName { permission: permission.name.clone(), tenant }
    }

    /// The application's token that the request needs, if it is missing.
    pub(super) fn missing(&self, request: &Request, permission: &Permission) -> Option<TokenName> {
        let name = self.name(request, permission);
        let needed = permission.principal == Principal::Application;
        (needed && !self.application.contains_key(&name)).then_some(name)
    }

    pub(super) fn insert(&mut self, name: TokenName, token: AccessToken) {
        self.application.insert(name, token);
    }

    /// The token of a request; `None` if its permission uses none.
    pub(super) fn of(
        &self,
        request: &Request,
        permission: &Permission,
    ) -> Result<Option<&AccessToken>, FetchFailure> {
        let name = self.name(request, permission);
        let token = match permission.principal {
            Principal::Nobody => return Ok(None),
            // The person's token is of the tenant they signed in to.
            Principal::SignedInUser if name.tenant != *self.tenant => None,
            Principal::SignedInUser => Some(self.person),
            Principal::Application => self.application.get(&name),
        };
        let TokenName { permission, tenant } = name;
        token.map(Some).ok_or_else(|| FetchFailure {
            error: FetchError::NoToken,
            detail: format!("there is no token under {permission} in {tenant}"),
        })
    }

    /// Detects the token of this request in every response from now on.
    pub(super) fn watch(&mut self, request: &Request, permission: &Permission) {
        if let Ok(Some(token)) = self.of(request, permission).map(|token| token.cloned()) {
            self.echo.watch(&token);
        }
    }

    pub(super) fn are_in(&self, reply: &Reply) -> bool {
        self.echo.is_in(reply)
    }
}
