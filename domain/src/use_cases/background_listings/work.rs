//! The listing of an account, and the write of its session.

use std::sync::Arc;

use thiserror::Error;

use super::BackgroundListings;
use crate::{
    account::{Account, AccountId},
    identity::{PersonKey, ProviderId},
    ports::{DatedListing, EndListing, ListingKey, ListingOutcome, StoreError},
    provider::{Availability, CallError, Person, Registration},
    session::{Session, SessionKey},
    use_cases::{
        DEFAULT_MIN_VALIDITY, TokenError,
        account_tasks::Key,
        lineage::{Lineage, trace},
        list_resources::{ListingRequest, Progress},
        update::{Change, Updated, update_traced},
    },
};

/// Why an account was not listed again. It keeps the listing that it had.
#[derive(Debug, Error)]
pub enum ListingError {
    /// There is no such session, or it has no such account.
    #[error("there is no such session or account")]
    NotFound,
    /// The operator agreed to the provider, but it cannot be loaded now.
    #[error("the provider {0} cannot be loaded now")]
    Away(ProviderId),
    /// There is no token to list with.
    #[error("there is no token to list with")]
    Token(ProviderId, #[source] TokenError),
    /// The provider failed.
    #[error("the provider {0} failed")]
    Provider(ProviderId, #[source] CallError),
    /// Too many listings are under way, or the last one of the account failed a short time ago.
    #[error("too many listings are under way, or the last one failed a short time ago")]
    Busy,
    /// The store could not be used.
    #[error("the store could not be used")]
    Store(#[from] StoreError),
}

impl From<(ProviderId, CallError)> for ListingError {
    fn from((provider, error): (ProviderId, CallError)) -> Self {
        Self::Provider(provider, error)
    }
}

/// An account of a session.
pub(super) struct FoundAccount {
    /// The key of the session now.
    key: SessionKey,
    pub(super) person: PersonKey,
    pub(super) account: Account,
}

impl BackgroundListings {
    /// Lists an account with a fresh token, and writes the listing into its session.
    pub(super) async fn list_and_store(&self, of: &Key, refresh: bool) -> Result<(), ListingError> {
        let (session, id) = of;
        let found = self.account(session, id).await?;
        let account = &found.account;
        let (provider, person) = (account.provider.clone(), account.identity.identifiers());
        let end = self.ports.log.begin(&ListingKey { provider, person });
        let listed = self.list(&found.key, account, refresh).await;
        self.conclude(of, listed, end).await
    }

    async fn list(
        &self,
        key: &SessionKey,
        account: &Account,
        refresh: bool,
    ) -> Result<DatedListing, ListingError> {
        let provider = self.provider(account)?;
        let now = self.ports.clock.now();
        let fresh = self.ports.fresh_token.run(key, &account.id, DEFAULT_MIN_VALIDITY).await;
        fresh.map_err(|error| ListingError::Token(account.provider.clone(), error))?;
        let tokens = self.ports.tokens.find_tokens(key, &account.id, now).await?;
        let tokens = tokens.ok_or(ListingError::NotFound)?.value;
        let person =
            Person { identity: account.identity.clone(), token_reply: tokens.token_reply.clone() };
        // No claims say whose the token of a connect-only provider is, so nobody shares its listing.
        let refresh = refresh || provider.cloud.descriptor().people.is_none();
        let request = ListingRequest { provider, person, tokens };
        let listed = self.ports.list_recent.run(&request, refresh, &Progress::default()).await;
        listed.map_err(|error| (account.provider.clone(), error).into())
    }

    /// Writes a listing into its session, or why there is none, and logs it.
    pub(super) async fn conclude(
        &self,
        of: &Key,
        listed: Result<DatedListing, ListingError>,
        end: EndListing,
    ) -> Result<(), ListingError> {
        let (key, id) = of;
        let now = self.ports.clock.now();
        let change = |session: &Session| {
            let changed = match &listed {
                Ok(it) => session.relisted(id, it.listing.clone(), it.listed_at),
                Err(ListingError::Provider(_, CallError::Broken(_))) => {
                    session.not_relisted(id, BROKEN)
                }
                // The listing stays pending: it is tried again.
                Err(_) => None,
            };
            changed.map_or(Change::Nothing, Change::Replace)
        };
        let written = update_traced(&*self.ports.sessions, key, now, change).await;
        let done = listed.and_then(|listed| Ok((listed, written?)));
        self.running.ended(of, done.is_ok(), now);
        end(match &done {
            Ok((listed, Updated::Written(_))) => ListingOutcome::Listed(listed),
            Ok((_, Updated::Unchanged(_) | Updated::Gone)) => ListingOutcome::Superseded,
            Err(error) => failure(error),
        });
        done.map(drop)
    }

    /// The account with its session, wherever that moved.
    pub(super) async fn account(
        &self,
        key: &SessionKey,
        id: &AccountId,
    ) -> Result<FoundAccount, ListingError> {
        let lineage = trace(&*self.ports.sessions, *key, self.ports.clock.now()).await?;
        let Lineage::Lives(key, stored) = lineage else { return Err(ListingError::NotFound) };
        let found = stored.value.accounts.iter().find(|account| account.id == *id).cloned();
        let account = found.ok_or(ListingError::NotFound)?;
        Ok(FoundAccount { key, person: stored.value.person, account })
    }

    /// The provider of the account, if it may still be used.
    fn provider(&self, account: &Account) -> Result<Arc<Registration>, ListingError> {
        let (id, tenant) = (&account.provider, &account.identity.tenant);
        match self.ports.providers.availability_for(id, tenant) {
            Availability::Offered(provider) => Ok(provider),
            Availability::Away => Err(ListingError::Away(id.clone())),
            Availability::Gone => Err(ListingError::NotFound),
        }
    }
}

/// The warning of an account whose provider broke a rule.
const BROKEN: &str = "What this account reaches could not be listed: the provider's plug-in broke a rule \
                      of Portico. Whoever runs this Portico finds the reason in its log.";

/// The outcome of a listing that failed, for the log.
fn failure(error: &ListingError) -> ListingOutcome<'_> {
    match error {
        ListingError::NotFound => ListingOutcome::Superseded,
        ListingError::Token(_, TokenError::NeedsSignIn(_)) => ListingOutcome::NeedsSignIn,
        ListingError::Token(_, TokenError::Failed(error)) => ListingOutcome::NoToken(Some(error)),
        ListingError::Token(..) | ListingError::Away(_) | ListingError::Busy => {
            ListingOutcome::NoToken(None)
        }
        ListingError::Provider(_, error) => ListingOutcome::Failed(error),
        ListingError::Store(error) => ListingOutcome::NotStored(error),
    }
}
