//! Chooses the token of a request, and detects responses that echo one.

use std::collections::BTreeMap;

use crate::{
    echo::TokenEcho,
    identity::TenantId,
    ports::FetchFailure,
    provider::{Descriptor, FetchError, Permission, Principal, Reply, Request},
    secret::AccessToken,
};

/// Names one of the application's tokens, or one of the person's in another tenant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenName {
    /// The permission that it is used under.
    pub permission: String,
    /// Its tenant.
    pub tenant: TenantId,
}

/// A token that the driver of a listing obtains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedToken {
    /// Its name.
    pub name: TokenName,
    /// Whose it is: the application's, or the signed-in person's in another tenant.
    pub principal: Principal,
    /// Its scopes.
    pub scopes: Vec<String>,
}

/// The token that a request carries.
pub(super) enum Choice {
    /// Its permission uses none.
    Nothing,
    /// This one.
    Known(AccessToken),
    /// One that was not obtained yet.
    Missing(TokenName),
}

/// The tokens of one listing.
pub(super) struct Tokens<'a> {
    person: &'a AccessToken,
    /// The tenant that the person signed in to.
    tenant: &'a TenantId,
    /// The tokens that were asked for so far, each once. None is used under another name.
    obtained: BTreeMap<TokenName, Result<AccessToken, FetchFailure>>,
    /// Every token that was sent so far. A cloud may echo one in a later response.
    echo: TokenEcho,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(person: &'a AccessToken, tenant: &'a TenantId, echo: TokenEcho) -> Self {
        Self { person, tenant, obtained: BTreeMap::new(), echo }
    }

    /// The token of a request under its permission. Its tenant is the person's, unless the request
    /// names another.
    pub(super) fn of(
        &self,
        descriptor: &Descriptor,
        request: &Request,
        permission: &Permission,
    ) -> Result<Choice, FetchFailure> {
        let named = request.credential.as_ref().and_then(|credential| credential.tenant.clone());
        let tenant = named.unwrap_or_else(|| self.tenant.clone());
        match permission.principal {
            Principal::Nobody => return Ok(Choice::Nothing),
            Principal::SignedInUser if tenant == *self.tenant => {
                return Ok(Choice::Known(self.person.clone()));
            }
            // The operator agreed to the person's token of the tenant that they signed in to.
            Principal::SignedInUser if !descriptor.uses_other_tenants(&permission.name) => {
                let name = &permission.name;
                let detail = format!("no capability lets {name} use the token of {tenant}");
                return Err(FetchFailure { error: FetchError::NoToken, detail });
            }
            Principal::SignedInUser | Principal::Application => {}
        }
        let name = TokenName { permission: permission.name.clone(), tenant };
        match self.obtained.get(&name) {
            Some(Ok(token)) => Ok(Choice::Known(token.clone())),
            Some(Err(failure)) => Err(failure.clone()),
            None => Ok(Choice::Missing(name)),
        }
    }

    /// Stores the token, or why there is none, and detects it in every response from now on.
    pub(super) fn insert(&mut self, name: TokenName, token: Result<AccessToken, FetchFailure>) {
        if let Ok(token) = &token {
            self.echo.watch(token);
        }
        self.obtained.insert(name, token);
    }

    pub(super) fn are_in(&self, reply: &Reply) -> bool {
        self.echo.is_in(reply)
    }
}
