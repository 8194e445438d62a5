//! Gets an access token of an account that is valid for a while, and refreshes it if it is not.
//!
//! * [`FreshToken::run`]: the token now, for a caller that waits;
//! * `held.rs`: the tokens that the store has, and whether they are enough;
//! * `refresh.rs`: the refresh, under the lease of its refresh token;
//! * `request.rs`: the request to the provider;
//! * `response.rs`: whose a response is, and which errors are final;
//! * `stored.rs`: writes the new tokens, and the state of the account in its session;
//! * `derived.rs`: tokens for other APIs and tenants, by the same refresh token;
//! * `ahead.rs`: refreshes before somebody needs the token;
//! * `flights.rs`: failures that concurrent callers share, and tokens that could not be stored.

mod ahead;
mod derived;
mod flights;
mod held;
mod refresh;
mod request;
mod response;
mod stored;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use thiserror::Error;

use self::{derived::DerivedTokens, flights::Flights, held::Need};
use super::account_tasks::AccountTasks;
use crate::{
    account::AccountId,
    challenge::Challenge,
    identity::ProviderId,
    ports::{
        BackgroundTasks, Clock, IdentityProviderError, Leases, RefreshLog, SessionTokens, Sessions,
        StoreError,
    },
    provider::Providers,
    secret::AccessToken,
    session::{SessionKey, TokenSet},
    time::Timestamp,
};

pub use self::ahead::MAX_AHEAD;

/// How long a token is valid at least, if the caller asks for nothing else.
pub const DEFAULT_MIN_VALIDITY: Duration = Duration::from_mins(5);

/// How long a caller waits for the refresh of another: the timeout of a request to a provider, and half
/// of it.
const LEASE_WAIT: Duration = Duration::from_secs(15);

/// What refreshes need.
pub struct RefreshPorts {
    /// The providers.
    pub providers: Providers,
    /// The sessions, which say what is known of each account's tokens.
    pub sessions: Arc<dyn Sessions>,
    /// The tokens.
    pub tokens: Arc<dyn SessionTokens>,
    /// One refresh at a time with one refresh token.
    pub leases: Arc<dyn Leases>,
    /// Runs refreshes apart from requests.
    pub tasks: Arc<dyn BackgroundTasks>,
    /// Logs refreshes.
    pub log: Arc<dyn RefreshLog>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Gets valid access tokens. Clones share their state.
#[derive(Clone)]
pub struct FreshToken {
    ports: Arc<RefreshPorts>,
    flights: Arc<Flights>,
    derived: Arc<DerivedTokens>,
    ahead: Arc<AccountTasks>,
}

/// An access token that is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidToken {
    /// The token.
    pub access: AccessToken,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The granted scopes, as the provider named them.
    pub scopes: Vec<String>,
}

/// Why there is no valid token.
#[derive(Debug, Error)]
pub enum TokenError {
    /// There is no such session, or it has no such account.
    #[error("there is no such session or account")]
    NotFound,
    /// The provider or the tenant is not allowed any more.
    #[error("the provider {0} is not offered for this account any more")]
    NotOffered(ProviderId),
    /// The operator agreed to the provider, but it cannot be loaded now.
    #[error("the provider {0} cannot be loaded now")]
    Away(ProviderId),
    /// The person must sign in with this account again, and satisfy the challenge.
    #[error("the account needs a new sign-in")]
    NeedsSignIn(Option<Box<Challenge>>),
    /// The provider answered for another person, so the session ended.
    #[error("the provider answered for another person: the session ended")]
    OtherPerson,
    /// The refresh failed for a reason that may pass.
    #[error("the refresh failed")]
    Failed(#[source] IdentityProviderError),
    /// Another caller's refresh took too long, or the task of this one was cancelled.
    #[error("the refresh did not end in time")]
    Busy,
    /// The store could not be used.
    #[error("the store could not be used")]
    Store(#[from] StoreError),
}

impl TokenError {
    /// Whether the access token that the store has may be used as long as it is valid.
    fn leaves_the_token(&self) -> bool {
        match self {
            Self::Away(_) | Self::NeedsSignIn(_) | Self::Failed(_) => true,
            Self::Busy | Self::Store(_) => true,
            Self::NotFound | Self::NotOffered(_) | Self::OtherPerson => false,
        }
    }
}

impl FreshToken {
    /// Nothing is refreshed yet.
    pub fn new(ports: RefreshPorts) -> Self {
        let ahead = Arc::new(AccountTasks::new(MAX_AHEAD));
        let (flights, derived) = (Arc::default(), Arc::default());
        Self { ports: Arc::new(ports), flights, derived, ahead }
    }

    /// The access token of this account, valid for `min_validity`, or for half of its lifetime if that is
    /// less.
    ///
    /// Concurrent callers cause one refresh. It goes on if the returned future is dropped. If it fails,
    /// the token that there is is returned as long as it is valid at all.
    ///
    /// # Errors
    /// [`TokenError::NeedsSignIn`] is final until the person signs in with this account again;
    /// [`TokenError::Failed`], [`TokenError::Away`], [`TokenError::Busy`] and [`TokenError::Store`] may
    /// pass.
    pub async fn run(
        &self,
        key: &SessionKey,
        account: &AccountId,
        min_validity: Duration,
    ) -> Result<ValidToken, TokenError> {
        let now = self.ports.clock.now();
        let found = self.ports.tokens.find_tokens(key, account, now).await?;
        let found = found.ok_or(TokenError::NotFound)?.value;
        if found.is_valid_for(min_validity, now) {
            return Ok(valid(found));
        }
        match self.in_background(key, account, Need::For(min_validity)).await {
            Err(error) if error.leaves_the_token() => {
                let now = self.ports.clock.now();
                let left = found.is_valid_for(Duration::ZERO, now).then(|| valid(found));
                left.ok_or(error)
            }
            refreshed => refreshed,
        }
    }

    /// Refreshes in a task of its own.
    async fn in_background(
        &self,
        key: &SessionKey,
        account: &AccountId,
        need: Need,
    ) -> Result<ValidToken, TokenError> {
        let (this, key, account) = (self.clone(), *key, account.clone());
        self.apart(async move { this.refresh(key, &account, need).await }).await
    }

    /// Runs this in a task of its own, which goes on if this future is dropped.
    async fn apart(
        &self,
        work: impl Future<Output = Result<ValidToken, TokenError>> + Send + 'static,
    ) -> Result<ValidToken, TokenError> {
        let result = Arc::new(Mutex::new(None));
        let place = result.clone();
        let work = async move {
            let token = work.await;
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
        };
        self.ports.tasks.finish(Box::pin(work)).await;
        let token = result.lock().unwrap_or_else(PoisonError::into_inner).take();
        token.unwrap_or(Err(TokenError::Busy))
    }
}

fn valid(TokenSet { access, expires_at, scopes, .. }: TokenSet) -> ValidToken {
    ValidToken { access, expires_at, scopes }
}

#[cfg(test)]
mod tests;
