//! The audit log of cloud tokens that backends get.

use crate::{
    account::AccountId,
    apps::{AppId, Resource},
    identity::{ProviderId, TenantId},
};

/// A token that was handed to a backend: who acts for whom, where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedToken {
    /// The backend, which acts for the person (`act` of RFC 8693 section 4.1).
    pub actor: AppId,
    /// The person, as session JWTs name them in `sub`.
    pub subject: String,
    /// The provider.
    pub provider: ProviderId,
    /// The account.
    pub account: AccountId,
    /// The tenant that the token is for.
    pub tenant: TenantId,
    /// The API that takes it.
    pub resource: Resource,
    /// The granted scopes.
    pub scopes: Vec<String>,
}

/// Records tokens that backends get.
pub trait ExchangeLog: Send + Sync {
    /// A token is handed out. An adapter MUST log one line, without the token.
    fn handed(&self, token: &HandedToken);
}
