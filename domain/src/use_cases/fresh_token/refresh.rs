//! The refresh: under a lease, after the store was read again.

use std::{sync::Arc, time::Duration};

use super::{
    FreshToken, LEASE_WAIT, TokenError, ValidToken,
    flights::Flight,
    request::{checked, send},
    response::is_final,
    valid,
};
use crate::{
    account::{Account, AccountId, REFRESH_AHEAD, Renewal},
    check::Check,
    ports::{
        EndRefresh, IdentityProviderError, LeaseKey, RefreshOutcome, Refreshed, RefreshedAccount,
        Stored,
    },
    provider::{Availability, Registration},
    session::{Ending, Session, SessionKey, TokenSet},
    use_cases::lineage::{Lineage, trace},
};

/// How often the tokens are read anew because somebody else replaced them.
const MAX_ROUNDS: usize = 8;

/// How long a token must be valid.
#[derive(Clone, Copy, Debug)]
pub(super) enum Need {
    /// For so long, if its lifetime allows that.
    For(Duration),
    /// For so long that it is not due for a refresh.
    Ahead,
}

/// The tokens of an account as the store has them, with their session.
pub(super) struct Held {
    /// The key that the session has now: logins may move it.
    pub(super) key: SessionKey,
    pub(super) session: Session,
    pub(super) account: Account,
    pub(super) tokens: Stored<TokenSet>,
}

impl Held {
    /// Whether the access token is valid for as long as it is needed.
    fn satisfies(&self, need: Need, token: &FreshToken) -> bool {
        let tokens = &self.tokens.value;
        let known = self.account.token.as_ref().map(|token| token.status);
        // The lifetime is known if the session describes these tokens.
        let known = known.filter(|status| status.expires_at == tokens.expires_at);
        let now = token.ports.clock.now();
        match (need, known) {
            (Need::For(min_validity), Some(status)) => {
                tokens.is_valid_for(status.achievable(min_validity), now)
            }
            (Need::For(min_validity), None) => tokens.is_valid_for(min_validity, now),
            (Need::Ahead, Some(status)) => !status.is_refresh_due(now),
            (Need::Ahead, None) => tokens.is_valid_for(REFRESH_AHEAD, now),
        }
    }

    /// The refusal of the last refresh, if there was one: only a login brings other tokens.
    fn refusal(&self) -> Option<TokenError> {
        let token = self.account.token.as_ref()?;
        let refused = token.status.renewal == Renewal::Refused;
        refused.then(|| TokenError::NeedsSignIn(token.challenge.clone()))
    }
}

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
    fn provider(&self, account: &Account) -> Result<Arc<Registration>, TokenError> {
        let (id, tenant) = (&account.provider, &account.identity.tenant);
        match self.ports.providers.availability(id) {
            Availability::Offered(provider) if provider.serves(tenant) => Ok(provider),
            Availability::Away => Err(TokenError::Away(id.clone())),
            Availability::Offered(_) | Availability::Gone => {
                Err(TokenError::NotOffered(id.clone()))
            }
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
