//! Which account, tenant and rule a request is about.

use super::{ExchangeError, ExchangeRequest};
use crate::{
    account::Account,
    apps::{ExchangeRule, ProtectedApp},
    identity::TenantId,
    session::Session,
};

/// The account that the request is about, and the rule that allows it. If several fit: the one that is at
/// home in the tenant that is asked for, or the one with which the session began.
pub(super) fn choose<'a>(
    session: &'a Session,
    app: &'a ProtectedApp,
    request: &ExchangeRequest,
) -> Result<(&'a Account, &'a ExchangeRule), ExchangeError> {
    let rules = || app.backend.exchanges.iter().filter(|rule| rule.resource == request.resource);
    if rules().next().is_none() {
        return Err(ExchangeError::Target);
    }
    let is_asked = |account: &&Account| request.account.as_ref().is_none_or(|id| *id == account.id);
    let of_rule = |account: &&Account| rules().any(|rule| rule.provider == account.provider);
    let accounts: Vec<_> = session.accounts.iter().filter(is_asked).filter(of_rule).collect();
    if accounts.is_empty() {
        return Err(ExchangeError::NoAccount);
    }
    let allowed = |account: &&'a Account| {
        let home = &account.identity.tenant;
        let tenant = request.tenant.as_ref().unwrap_or(home);
        let mut rules = rules().filter(|rule| rule.provider == account.provider);
        // A rule without tenants is for those of the people who may use the app.
        let is_admitted = |rule: &&ExchangeRule| {
            let tenants = &app.access.tenants;
            !rule.tenants.is_empty() || tenants.is_empty() || tenants.contains(home)
        };
        let found = rules.find(|rule| rule.allows(tenant, home)).filter(is_admitted)?;
        Some((*account, found))
    };
    let fitting: Vec<_> = accounts.iter().filter_map(allowed).collect();
    let is_at_home = |(account, _): &&(&Account, _)| {
        let home = account.identity.tenant.as_str();
        request.tenant.as_ref().is_some_and(|it| it.as_str().eq_ignore_ascii_case(home))
    };
    let is_own = |(account, _): &&(&Account, _)| account.person == Some(session.person);
    let preferred = fitting.iter().find(is_at_home).or_else(|| fitting.iter().find(is_own));
    match (fitting.as_slice(), preferred) {
        ([], _) => Err(ExchangeError::Target),
        ([only], _) => Ok(*only),
        (_, Some(preferred)) => Ok(*preferred),
        _ => Err(ExchangeError::SeveralAccounts),
    }
}

/// The tenant that the token is for, as the rule or the account spells it.
pub(super) fn spelt<'a>(
    rule: &'a ExchangeRule,
    account: &'a Account,
    request: &'a ExchangeRequest,
) -> &'a TenantId {
    let home = &account.identity.tenant;
    let Some(asked) = &request.tenant else { return home };
    let is_asked = |it: &&TenantId| it.as_str().eq_ignore_ascii_case(asked.as_str());
    std::iter::once(home).chain(&rule.tenants).find(is_asked).unwrap_or(asked)
}
