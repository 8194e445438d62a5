//! Trades a session JWT for a cloud token (RFC 8693).
//!
//! * `choice.rs`: which account, tenant and rule a request is about;
//! * `source.rs`: where the token comes from.

mod choice;
mod source;

use std::sync::Arc;

use thiserror::Error;

use self::{
    choice::{choose, spelt},
    source::{Source, exceeds, source},
};
use super::{
    DEFAULT_MIN_VALIDITY, FreshToken, InvalidSessionJwt, ReadSessionJwt, SessionOfJwt, TokenError,
    ValidToken,
};
use crate::{
    account::{Account, AccountId},
    apps::{Apps, ExchangeRule, ProtectedApp, Resource},
    challenge::Challenge,
    identity::TenantId,
    ports::{ExchangeLog, HandedToken},
    secret::AccessToken,
    time::Timestamp,
};

/// Exchanges session JWTs.
pub struct ExchangeToken {
    /// The apps, whose rules may change while a provider is asked.
    pub apps: Apps,
    /// Reads session JWTs.
    pub read: ReadSessionJwt,
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
        let provider = self.fresh_token.provider(account)?;
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
