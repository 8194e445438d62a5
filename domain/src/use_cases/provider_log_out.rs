//! Ends sessions that a provider says have ended there: OpenID Connect Back-Channel Logout, and
//! Front-Channel Logout as Entra ID does it.
//!
//! A session ends if the account that it began with is of what has ended. An account that was connected
//! later is only disconnected: its person is still signed in with the other one.

mod seen;

use std::sync::Arc;

use serde_json::Value;
use thiserror::Error;

use self::seen::Added;
pub use self::seen::SeenLogouts;
use crate::{
    account::{Account, AccountId},
    check::Check,
    identity::{PersonKey, ProviderId},
    ports::{
        Clock, EndedAtProvider, IdentityProviderError, Sessions, StoreError, Stored,
        VerifiedLogout, Written,
    },
    provider::{Providers, Registration},
    secret::LogoutToken,
    session::{Ending, SessionKey},
    sign_in::{ProviderSessionId, SignInKey},
    verified_claims::VerifiedClaims,
};

/// How often the index is read: more often than one browser has logins at once.
const MAX_PASSES: usize = 64;

/// Whether an account is of what has ended.
type IsOfIt<'a> = &'a (dyn Fn(&Account) -> bool + Sync);

/// Ends sessions for providers.
pub struct ProviderLogOut {
    /// The providers, whose keys sign logout tokens.
    pub providers: Providers,
    /// The sessions.
    pub sessions: Arc<dyn Sessions>,
    /// The logout tokens that came.
    pub seen: SeenLogouts,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The result of a provider's logout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProviderLoggedOut {
    /// The number of ended sessions.
    pub sessions: usize,
    /// The number of accounts that were disconnected from other sessions.
    pub accounts: usize,
}

/// Why a logout token had no effect.
#[derive(Debug, Error)]
pub enum LogoutTokenError {
    /// The provider is not offered.
    #[error("the provider is not offered")]
    UnknownProvider,
    /// The token is invalid, or could not be verified now.
    #[error(transparent)]
    Token(#[from] IdentityProviderError),
    /// The provider sent more tokens than are remembered, so that this one might come again.
    #[error("the provider sent more logout tokens at once than are remembered")]
    TooMany,
    /// The store could not be used. The token may come again.
    #[error("the sessions could not be ended")]
    Store(#[from] StoreError),
}

impl ProviderLogOut {
    /// Carries out a logout token (OpenID Connect Back-Channel Logout section 2.7). One that ends
    /// nothing is no error. Once this returns, the ends survive a kill, and no login that is under way
    /// brings back what has ended.
    pub async fn by_token(
        &self,
        provider: &ProviderId,
        token: &LogoutToken,
    ) -> Result<ProviderLoggedOut, LogoutTokenError> {
        let provider = self.providers.find(provider).ok_or(LogoutTokenError::UnknownProvider)?;
        let sign_in = provider.sign_in.at(None).map_err(|error| {
            LogoutTokenError::Token(IdentityProviderError::Misconfigured(error.to_string()))
        })?;
        let logout = provider.identity.verify_logout(&sign_in, token).await?;
        let person = match &logout.ended {
            EndedAtProvider::Session(_) => None,
            EndedAtProvider::Person(claims) => Some(person(&provider, claims, &logout.issuer)?),
        };
        match self.seen.add(provider.id(), &logout, self.clock.now()) {
            Added::New => {}
            Added::Replayed => {
                return Err(refused(Check::LogoutTokenReplayed, "its jti came before").into());
            }
            Added::Full => return Err(LogoutTokenError::TooMany),
        }
        let ended = self.carry_out(provider.id(), &logout, person).await;
        if ended.is_err() {
            self.seen.forget(provider.id(), &logout);
        }
        Ok(ended?)
    }

    async fn carry_out(
        &self,
        provider: &ProviderId,
        logout: &VerifiedLogout,
        person: Option<PersonKey>,
    ) -> Result<ProviderLoggedOut, StoreError> {
        if let EndedAtProvider::Session(session) = &logout.ended {
            let sign_in = SignInKey::of_session(provider, session);
            // Before the sessions are looked up: a login that lands later is refused, and one that
            // landed before is found.
            self.sessions.sign_out_at(&sign_in, self.clock.now()).await?;
            return self.by_session(provider, session, Some(&logout.issuer)).await;
        }
        match person {
            Some(person) => self.end_person(&person).await,
            None => Ok(ProviderLoggedOut::default()),
        }
    }

    /// Ends what is of this session at the provider; with an issuer, only what it has identified. An
    /// unknown one is no error.
    ///
    /// Nothing is written if there is none, because a front-channel logout proves nothing but the
    /// knowledge of the id.
    pub async fn by_session(
        &self,
        provider: &ProviderId,
        session: &ProviderSessionId,
        issuer: Option<&str>,
    ) -> Result<ProviderLoggedOut, StoreError> {
        let sign_in = SignInKey::of_session(provider, session);
        let is_of_it = |account: &Account| {
            account.provider_session == Some(sign_in)
                && issuer.is_none_or(|issuer| account.is_of_issuer(issuer))
        };
        self.end_at(&sign_in, &is_of_it).await
    }

    /// Ends every session of a person, and disconnects their accounts from those of others.
    async fn end_person(&self, person: &PersonKey) -> Result<ProviderLoggedOut, StoreError> {
        let heads = self.sessions.heads_of(person, self.clock.now()).await?;
        let mut ended = ProviderLoggedOut::default();
        // One by one, for the reason that each browser is told.
        for (key, _) in heads {
            let why = Ending::SignedOutAtProvider;
            ended.sessions += usize::from(self.sessions.end(&key, why, self.clock.now()).await?);
        }
        // What landed meanwhile ends as well, and nothing lands any more that began before.
        ended.sessions += self.sessions.sign_out_everywhere(person, self.clock.now()).await?;
        let is_theirs = |account: &Account| account.person == Some(*person);
        let connected = self.end_at(&SignInKey::of_connected(person), &is_theirs).await?;
        ended.accounts += connected.accounts;
        Ok(ended)
    }

    /// Ends the sessions that began with an account of which `is_of_it` is true, and disconnects it from
    /// the others. A login that moves a session to another key at the same time is found at its new
    /// place, because the index is read again.
    async fn end_at(
        &self,
        sign_in: &SignInKey,
        is_of_it: IsOfIt<'_>,
    ) -> Result<ProviderLoggedOut, StoreError> {
        let mut ended = ProviderLoggedOut::default();
        for _ in 0..MAX_PASSES {
            let mut changed = false;
            for key in self.sessions.sessions_at(sign_in).await? {
                changed |= self.end_in(&key, is_of_it, &mut ended).await?;
            }
            if !changed {
                return Ok(ended);
            }
        }
        Err(StoreError::Unavailable("every write of the sessions conflicted".into()))
    }

    /// Ends one session of the index, or disconnects accounts from it; `true` if it changed meanwhile.
    async fn end_in(
        &self,
        key: &SessionKey,
        is_of_it: IsOfIt<'_>,
        ended: &mut ProviderLoggedOut,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        // The index is not authenticated, so the accounts of the session decide.
        let Some(Stored { value, version }) = self.sessions.find_readable(key, now).await? else {
            let ending = self.sessions.ending(key, now).await?;
            return Ok(matches!(ending, Some(Ending::Moved(_))));
        };
        if value.own_account().is_some_and(is_of_it) {
            let done = self.sessions.end(key, Ending::SignedOutAtProvider, now).await?;
            ended.sessions += usize::from(done);
            return Ok(!done);
        }
        let of_it = value.accounts.iter().filter(|account| is_of_it(account));
        let accounts: Vec<AccountId> = of_it.map(|account| account.id.clone()).collect();
        if accounts.is_empty() {
            return Ok(false);
        }
        let session = value.without(&accounts);
        let written = self.sessions.disconnect(key, version, &session, &accounts).await?;
        if written == Written::Done {
            ended.accounts += accounts.len();
        }
        Ok(written == Written::Conflict)
    }
}

/// The person whom a logout token names, by the mapping that the operator agreed to. A provider whose
/// mapping reads claims that a logout token does not have must name the session instead: without the
/// tenant, the token would name somebody else.
fn person(
    provider: &Registration,
    claims: &VerifiedClaims,
    issuer: &str,
) -> Result<PersonKey, IdentityProviderError> {
    let nobody = |detail: &str| refused(Check::Identity, detail);
    let people = provider.cloud.descriptor().people.as_ref();
    let people = people.ok_or_else(|| nobody("the provider is connect-only"))?;
    let identity = people.identify(claims.claims(), issuer);
    let mut identity = identity.map_err(|error| nobody(&error.to_string()))?;
    match &people.tenant {
        Some(pointer) => {
            let members = Value::Object(claims.claims().members());
            members.pointer(pointer).ok_or_else(|| nobody("it names no tenant"))?;
        }
        // As at a login: the tenant is the one whose issuer it is.
        None if provider.sign_in.issuer_names_tenant() => {
            let tenant = provider.sign_in.default_tenant().ok().flatten();
            identity.tenant = tenant.ok_or_else(|| nobody("it names no tenant"))?;
        }
        None => {}
    }
    Ok(PersonKey::of(provider.id(), issuer, &identity.tenant, &identity.subject))
}

fn refused(check: Check, detail: &str) -> IdentityProviderError {
    IdentityProviderError::InvalidResponse { check, detail: detail.into() }
}

#[cfg(test)]
mod tests;
