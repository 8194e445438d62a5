//! The refresh: under a lease, after the store was read again.

use std::sync::Arc;

use super::{
    FreshToken, LEASE_WAIT, TokenError, ValidToken,
    flights::Flight,
    held::{Held, Need},
    request::{checked, send},
    response::is_final,
    valid,
};
use crate::{
    account::{Account, AccountId},
    check::Check,
    ports::{
        EndRefresh, IdentityProviderError, LeaseKey, RefreshOutcome, Refreshed, RefreshedAccount,
    },
    provider::{Availability, Registration},
    session::{Ending, SessionKey},
    use_cases::lineage::{Lineage, trace},
};

/// How often the tokens are read anew because somebody else replaced them.
const MAX_ROUNDS: usize = 8;

impl FreshToken {
    /// A token that satisfies `need`: the stored one, or a refreshed one.
    pub(super) async fn refresh(
        &self,
        key: SessionKey,
        account: &AccountId,
        need: Need,
    ) -> Result<ValidToken, TokenError> {
        for _ in 0..MAX_ROUNDS {
            let held = self.held(&key, account).await?;
            if held.satisfies(need, self) {
                self.describe(&held).await;
                return Ok(valid(held.tokens.value));
            }
            if let Some(refused) = held.refusal() {
                return Err(refused);
            }
            let Some(refresh) = &held.tokens.value.refresh else {
                return Err(TokenError::NeedsSignIn(None));
            };
            let lease_key = LeaseKey::of(refresh);
            let flight = self.flights.join(&lease_key);
            let failures = flight.count();
            let lease = self.ports.leases.acquire(&lease_key, LEASE_WAIT).await?;
            let Some(_lease) = lease else { return Err(TokenError::Busy) };
            // The former holder may have replaced or refused the token.
            let held = self.held(&key, account).await?;
            let unchanged = held.tokens.value.refresh.as_ref().map(LeaseKey::of) == Some(lease_key);
            if !unchanged || held.satisfies(need, self) || held.refusal().is_some() {
                continue;
            }
            if let Some(failure) = flight.failure_since(failures) {
                return Err(TokenError::Failed(failure));
            }
            if let Some(token) = self.ask(held, lease_key, &flight).await? {
                return Ok(token);
            }
        }
        Err(TokenError::Busy)
    }

    /// Reads the tokens, wherever the session moved.
    pub(super) async fn held(
        &self,
        key: &SessionKey,
        account: &AccountId,
    ) -> Result<Held, TokenError> {
        let now = self.ports.clock.now();
        let lineage = trace(&*self.ports.sessions, *key, now).await?;
        let Lineage::Lives(key, stored) = lineage else { return Err(TokenError::NotFound) };
        let tokens = self.ports.tokens.find_tokens(&key, account, now).await?;
        let found = stored.value.accounts.iter().find(|known| known.id == *account).cloned();
        let (Some(tokens), Some(account)) = (tokens, found) else {
            return Err(TokenError::NotFound);
        };
        Ok(Held { key, session: stored.value, account, tokens })
    }

    /// Asks the provider for new tokens; `None` if the stored ones are others by now.
    async fn ask(
        &self,
        held: Held,
        lease_key: LeaseKey,
        flight: &Arc<Flight>,
    ) -> Result<Option<ValidToken>, TokenError> {
        let provider = self.provider(&held.account)?;
        let person = held.account.identity.identifiers();
        let of = RefreshedAccount { provider: provider.id().clone(), person };
        let end = self.ports.log.begin(&of);
        let response = match self.flights.take(&lease_key) {
            // The provider has answered before, and the store could not be written.
            Some(tokens) => Ok(Refreshed { tokens, id_token: None }),
            None => send(&provider, &held).await,
        };
        match response.and_then(|refreshed| checked(&provider, &held, refreshed)) {
            Ok(Some(tokens)) => self.store(held, tokens, lease_key, end).await,
            Ok(None) => self.end_session(&held, end).await,
            Err(error) if is_final(&error) => self.refuse(held, error, end).await,
            Err(error) => {
                flight.failed(&error);
                self.describe_failing(&held).await;
                end(RefreshOutcome::Failed(&error));
                Err(TokenError::Failed(error))
            }
        }
    }

    /// The provider of the account, if it may still be used.
    pub(in crate::use_cases) fn provider(
        &self,
        account: &Account,
    ) -> Result<Arc<Registration>, TokenError> {
        let (id, tenant) = (&account.provider, &account.identity.tenant);
        match self.ports.providers.availability_for(id, tenant) {
            Availability::Offered(provider) => Ok(provider),
            Availability::Away => Err(TokenError::Away(id.clone())),
            Availability::Gone => Err(TokenError::NotOffered(id.clone())),
        }
    }

    /// Believes that the provider refuses the refresh token, unless the stored one is another by now:
    /// then another process used this one first.
    async fn refuse(
        &self,
        held: Held,
        error: IdentityProviderError,
        end: EndRefresh,
    ) -> Result<Option<ValidToken>, TokenError> {
        let again = self.held(&held.key, &held.account.id).await?;
        if again.tokens.value.refresh != held.tokens.value.refresh {
            end(RefreshOutcome::Superseded);
            return Ok(None);
        }
        let challenge = match &error {
            IdentityProviderError::Refused { error, .. } => error.challenge.clone(),
            _ => None,
        };
        self.describe_refused(&held, challenge.clone()).await;
        end(RefreshOutcome::NeedsSignIn(&error));
        Err(TokenError::NeedsSignIn(challenge))
    }

    /// Ends a session whose provider answered for another person: it does not know whose the account is.
    async fn end_session(
        &self,
        held: &Held,
        end: EndRefresh,
    ) -> Result<Option<ValidToken>, TokenError> {
        let (now, sessions) = (self.ports.clock.now(), &self.ports.sessions);
        for _ in 0..MAX_ROUNDS {
            let Lineage::Lives(key, _) = trace(&**sessions, held.key, now).await? else { break };
            if sessions.end(&key, Ending::OtherPerson, now).await? {
                break;
            }
        }
        end(RefreshOutcome::OtherPerson(Check::RefreshSubject));
        Err(TokenError::OtherPerson)
    }
}
