//! Trades a session JWT for a cloud token (RFC 8693).

use std::sync::Arc;

use thiserror::Error;

use super::{
    DEFAULT_MIN_VALIDITY, FreshToken, InvalidSessionJwt, ReadSessionJwt, SessionOfJwt, TokenError,
    ValidToken,
};
use crate::{
    account::{Account, AccountId},
    apps::{Apps, ExchangeRule, OPENID_SCOPES, ProtectedApp, Resource},
    challenge::Challenge,
    identity::TenantId,
    ports::{ExchangeLog, HandedToken},
    provider::{Availability, Principal, Providers, Registration},
    secret::AccessToken,
    session::Session,
    time::Timestamp,
};

/// Exchanges session JWTs.
pub struct ExchangeToken {
    /// The apps, whose rules may change while a provider is asked.
    pub apps: Apps,
    /// Reads session JWTs.
    pub read: ReadSessionJwt,
    /// The providers.
    pub providers: Providers,
    /// Gets cloud tokens.
    pub fresh_token: FreshToken,
    /// The audit log.
    pub log: Arc<dyn ExchangeLog>,
}

/// What a backend asks for.
#[derive(Clone, Debug)]
pub struct ExchangeRequest {
    /// The session JWT.
    pub subject_token: String,
    /// The API that takes the token.
    pub resource: Resource,
    /// The account; `None` if one fits.
    pub account: Option<AccountId>,
    /// The tenant; `None` for the account's own.
    pub tenant: Option<TenantId>,
    /// The scopes; empty for those that the rule allows.
    pub scopes: Vec<String>,
}

/// A cloud token for a backend.
#[derive(Clone, Debug)]
pub struct Exchanged {
    /// The token.
    pub access: AccessToken,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// The account.
    pub account: AccountId,
    /// The tenant.
    pub tenant: TenantId,
}

/// Why a backend gets no token.
#[derive(Debug, Error)]
pub enum ExchangeError {
    /// The app may ask for no tokens at all.
    #[error("the app has no [[apps.exchange]] in portico.toml")]
    NoBackend,
    /// The session JWT is not valid.
    #[error(transparent)]
    Subject(#[from] InvalidSessionJwt),
    /// The app may not ask for tokens for this resource or in this tenant.
    #[error("no [[apps.exchange]] of the app allows this resource and tenant")]
    Target,
    /// The provider issues no tokens for this resource or tenant.
    #[error("the tokens of {0} are for its own API, in the tenant that was signed in to")]
    Fixed(String),
    /// The session has no such account.
    #[error("the session has no account that fits")]
    NoAccount,
    /// Several accounts fit.
    #[error("the session has several accounts that fit")]
    SeveralAccounts,
    /// The app may not ask for these scopes, or a token with fewer than it has cannot be issued.
    #[error("no [[apps.exchange]] of the app allows these scopes, or they cannot be narrowed")]
    Scope,
    /// The provider granted more scopes than the rule or the request has.
    #[error("the provider granted more scopes than the rule or the request names")]
    Granted,
    /// The person must sign in with the account again, and satisfy the challenge.
    #[error("the account needs a new sign-in")]
    NeedsPerson(Box<NeedsPerson>),
    /// There is no token for another reason.
    #[error("there is no token")]
    Token(#[from] TokenError),
}

/// What the person must do.
#[derive(Debug)]
pub struct NeedsPerson {
    /// The account.
    pub account: Account,
    /// The tenant that asks for it.
    pub tenant: TenantId,
    /// What is asked.
    pub challenge: Option<Box<Challenge>>,
}

/// Where the token comes from.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    /// It is the token of the sign-in.
    SignIn,
    /// It is issued for these scopes.
    Derived(Vec<String>),
}

impl ExchangeToken {
    /// The token that this app asks for.
    pub async fn run(
        &self,
        app: &Arc<ProtectedApp>,
        request: ExchangeRequest,
    ) -> Result<Exchanged, ExchangeError> {
        if app.backend.exchanges.is_empty() {
            return Err(ExchangeError::NoBackend);
        }
        let subject = self.read.run(&request.subject_token, app).await?;
        let (account, rule) = choose(&subject.live.session, app, &request)?;
        let tenant = spelt(rule, account, &request);
        let provider = self.provider(account)?;
        let token = match source(rule, &provider, (account, tenant), &request.scopes)? {
            Source::SignIn => {
                self.fresh_token.run(&subject.key, &account.id, DEFAULT_MIN_VALIDITY).await
            }
            Source::Derived(scopes) => {
                let (wanted, validity) = ((tenant, scopes.as_slice()), DEFAULT_MIN_VALIDITY);
                self.fresh_token.derived(&subject.key, &account.id, wanted, validity).await
            }
        };
        let token = token.map_err(|error| described(error, account, tenant))?;
        let limit = if request.scopes.is_empty() { &rule.scopes } else { &request.scopes };
        if exceeds(&token.scopes, limit, &rule.resource) {
            return Err(ExchangeError::Granted);
        }
        self.check_again(app, &request, (&subject, account, rule)).await?;
        let handed = HandedToken {
            actor: app.id.clone(),
            subject: subject.live.session.person.id(),
            provider: account.provider.clone(),
            account: account.id.clone(),
            tenant: tenant.clone(),
            resource: rule.resource.clone(),
            scopes: token.scopes.clone(),
        };
        self.log.handed(&handed);
        let ValidToken { access, expires_at, scopes } = token;
        let HandedToken { account, tenant, .. } = handed;
        Ok(Exchanged { access, expires_at, scopes, account, tenant })
    }

    /// Checks everything again if anything changed while the provider was asked, which may take long: the
    /// session may have ended, its account may be gone, and the operator may have changed the rules.
    async fn check_again(
        &self,
        app: &Arc<ProtectedApp>,
        request: &ExchangeRequest,
        (subject, account, rule): (&SessionOfJwt, &Account, &ExchangeRule),
    ) -> Result<(), ExchangeError> {
        let now = self.apps.named(&app.id).ok_or(ExchangeError::NoBackend)?;
        let is_same_session = match subject.live.stamp() {
            Some(stamp) => self.read.sessions.is_current(&subject.key, &stamp).await,
            None => false,
        };
        if is_same_session && Arc::ptr_eq(&now, app) {
            return Ok(());
        }
        let subject = self.read.run(&request.subject_token, &now).await?;
        let (account_now, rule_now) = choose(&subject.live.session, &now, request)?;
        match account_now.id == account.id && rule_now == rule {
            true => Ok(()),
            false => Err(ExchangeError::Target),
        }
    }

    fn provider(&self, account: &Account) -> Result<Arc<Registration>, TokenError> {
        let (id, tenant) = (&account.provider, &account.identity.tenant);
        match self.providers.availability_for(id, tenant) {
            Availability::Offered(provider) => Ok(provider),
            Availability::Away => Err(TokenError::Away(id.clone())),
            Availability::Gone => Err(TokenError::NotOffered(id.clone())),
        }
    }
}

/// The account that the request is about, and the rule that allows it. If several fit: the one that is at
/// home in the tenant that is asked for, or the one with which the session began.
fn choose<'a>(
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
fn spelt<'a>(
    rule: &'a ExchangeRule,
    account: &'a Account,
    request: &'a ExchangeRequest,
) -> &'a TenantId {
    let home = &account.identity.tenant;
    let Some(asked) = &request.tenant else { return home };
    let is_asked = |it: &&TenantId| it.as_str().eq_ignore_ascii_case(asked.as_str());
    std::iter::once(home).chain(&rule.tenants).find(is_asked).unwrap_or(asked)
}

/// Whether a token has more scopes at its API than these; without any, there is no limit. Entra ID names
/// some scopes without the resource before them, and grants `.default` as a list of them.
fn exceeds(granted: &[String], limit: &[String], resource: &Resource) -> bool {
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
fn source(
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

fn described(error: TokenError, account: &Account, tenant: &TenantId) -> ExchangeError {
    match error {
        TokenError::NeedsSignIn(challenge) => {
            let (account, tenant) = (account.clone(), tenant.clone());
            ExchangeError::NeedsPerson(Box::new(NeedsPerson { account, tenant, challenge }))
        }
        TokenError::NotFound | TokenError::OtherPerson => {
            ExchangeError::Subject(InvalidSessionJwt::SessionEnded)
        }
        other => ExchangeError::Token(other),
    }
}

#[cfg(test)]
mod tests;
