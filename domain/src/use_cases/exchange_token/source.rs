//! Where the token of a rule comes from, and whether it has more scopes than were allowed.

use super::ExchangeError;
use crate::{
    account::Account,
    apps::{ExchangeRule, OPENID_SCOPES, Resource},
    identity::TenantId,
    provider::{Principal, Registration},
};

/// Where the token comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// It is the token of the sign-in.
    SignIn,
    /// It is issued for these scopes.
    Derived(Vec<String>),
}

/// Whether a token has more scopes at its API than these; without any, there is no limit. Entra ID names
/// some scopes without the resource before them, and grants `.default` as a list of them.
pub(super) fn exceeds(granted: &[String], limit: &[String], resource: &Resource) -> bool {
    let prefix = format!("{resource}/");
    let named = |scope: &String| scope.strip_prefix(&prefix).unwrap_or(scope).to_owned();
    let limit: Vec<_> = limit.iter().map(named).collect();
    if limit.is_empty() || limit.iter().any(|scope| scope == ".default") {
        return false;
    }
    let about_resource = granted.iter().filter(|it| !OPENID_SCOPES.contains(&it.as_str()));
    about_resource.map(named).any(|scope| !limit.contains(&scope))
}

/// Where the token of this rule comes from, if these scopes are asked for (none: all of the rule).
pub(super) fn source(
    rule: &ExchangeRule,
    provider: &Registration,
    (account, tenant): (&Account, &TenantId),
    scopes: &[String],
) -> Result<Source, ExchangeError> {
    let home = &account.identity.tenant;
    let permissions = &provider.cloud.descriptor().permissions;
    let is_signed_in_to = permissions.iter().any(|permission| {
        permission.principal == Principal::SignedInUser
            && permission.is_at_host(rule.resource.url())
    });
    let sign_in = sign_in_scopes(provider, home);
    let is_part = |part: &[String], whole: &[String]| part.iter().all(|it| whole.contains(it));
    let is_home = tenant.as_str().eq_ignore_ascii_case(home.as_str());
    // What the person agreed to at the sign-in must not be more than the operator allows the app.
    let fits = rule.scopes.is_empty() || is_part(&sign_in, &rule.scopes);
    let is_narrower = !scopes.is_empty() && !is_part(&sign_in, scopes);
    let default = match (rule.scopes.is_empty(), is_signed_in_to) {
        (false, _) => rule.scopes.clone(),
        (true, true) => sign_in,
        (true, false) => vec![rule.resource.default_scope()],
    };
    if !is_part(scopes, &default) {
        return Err(ExchangeError::Scope);
    }
    if is_signed_in_to && is_home && fits && !is_narrower {
        return Ok(Source::SignIn);
    }
    if !provider.sign_in.issuer_names_tenant() {
        let is_about_scopes = is_signed_in_to && is_home;
        return Err(match is_about_scopes {
            true => ExchangeError::Scope,
            false => ExchangeError::Fixed(provider.cloud.descriptor().name.clone()),
        });
    }
    let scopes = if scopes.is_empty() { default } else { scopes.to_vec() };
    // The provider decides by the scopes which API the token is for.
    let prefix = format!("{}/", rule.resource);
    let is_elsewhere = |scope: &String| scope.contains("://") && !scope.starts_with(&prefix);
    if scopes.iter().any(is_elsewhere) {
        Err(ExchangeError::Scope)
    } else {
        Ok(Source::Derived(scopes))
    }
}

/// The scopes of the sign-in that are about resources.
fn sign_in_scopes(provider: &Registration, home: &TenantId) -> Vec<String> {
    let tenant = provider.sign_in.issuer_names_tenant().then_some(home);
    let sign_in = provider.sign_in.at(tenant).map(|sign_in| sign_in.scopes).unwrap_or_default();
    sign_in.into_iter().filter(|scope| !OPENID_SCOPES.contains(&scope.as_str())).collect()
}
