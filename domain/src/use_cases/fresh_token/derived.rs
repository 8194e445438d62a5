//! Access tokens for other APIs or tenants than those of the sign-in, by the same refresh token.
//!
//! Only providers whose refresh tokens are bound to neither have them: Entra ID
//! (<https://learn.microsoft.com/entra/identity-platform/refresh-tokens>). What such a request returns
//! never replaces the tokens of the session: a tenant that refuses costs the person nothing else. The
//! tokens are kept in memory.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{FreshToken, LEASE_WAIT, TokenError, ValidToken, held::Held, response::is_final};
use crate::{
    account::AccountId,
    challenge::Challenge,
    identity::TenantId,
    ports::{IdentityProviderError, LeaseKey, RefreshOutcome, RefreshedAccount},
    session::SessionKey,
    time::Timestamp,
};

/// The most answers in memory: tokens of some 40 MB.
const MAX_KEPT: usize = 10_000;

/// The most answers for one session, so that a backend that asks for many tenants of few people leaves
/// room for others.
const MAX_KEPT_PER_SESSION: usize = 50;

/// How long a refusal is believed. Then the person may have satisfied it.
const REFUSAL_KEPT: Duration = Duration::from_secs(10);

/// How long callers share a failure that may pass.
const FAILURE_KEPT: Duration = Duration::from_secs(2);

/// Names a token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Name {
    session: SessionKey,
    account: AccountId,
    tenant: String,
    scopes: Vec<String>,
}

/// What the provider answered.
#[derive(Clone)]
enum Answer {
    Token(ValidToken),
    Refused(Option<Box<Challenge>>),
    Failed(IdentityProviderError),
}

/// The answers that are kept, each until its time.
#[derive(Default)]
pub(super) struct DerivedTokens(Mutex<HashMap<Name, (Answer, Timestamp)>>);

impl DerivedTokens {
    /// The answer, if it is still to be used.
    fn find(&self, name: &Name, now: Timestamp) -> Option<Answer> {
        let (answer, until) = self.lock().get(name).cloned()?;
        (now < until).then_some(answer)
    }

    /// Keeps an answer: a token as long as it is valid for `min_validity`, or for half of its lifetime if
    /// that is less.
    fn keep(&self, name: Name, answer: Answer, (min_validity, now): (Duration, Timestamp)) {
        let until = match &answer {
            Answer::Token(token) => {
                let lifetime = token.expires_at.since(now);
                now.plus(lifetime.saturating_sub(min_validity).max(lifetime / 2))
            }
            Answer::Refused(_) => now.plus(REFUSAL_KEPT),
            Answer::Failed(_) => now.plus(FAILURE_KEPT),
        };
        let mut kept = self.lock();
        if kept.len() >= MAX_KEPT {
            kept.retain(|_, (_, until)| now < *until);
        }
        let of_session = kept.keys().filter(|known| known.session == name.session).count();
        // Without room the token is asked for again each time.
        if kept.len() < MAX_KEPT && of_session < MAX_KEPT_PER_SESSION {
            kept.insert(name, (answer, until));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Name, (Answer, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Answer> for Result<ValidToken, TokenError> {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Token(token) => Ok(token),
            Answer::Refused(challenge) => Err(TokenError::NeedsSignIn(challenge)),
            Answer::Failed(error) => Err(TokenError::Failed(error)),
        }
    }
}

impl FreshToken {
    /// An access token of this account for these scopes in this tenant, valid for `min_validity`, or for
    /// half of its lifetime if that is less.
    ///
    /// Concurrent callers cause one request to the provider. It goes on if the returned future is
    /// dropped.
    ///
    /// # Errors
    /// As [`FreshToken::run`]. [`TokenError::NeedsSignIn`] is about these scopes in this tenant alone.
    pub async fn derived(
        &self,
        key: &SessionKey,
        account: &AccountId,
        (tenant, scopes): (&TenantId, &[String]),
        min_validity: Duration,
    ) -> Result<ValidToken, TokenError> {
        // In one order and without repetition: other spellings are the same token.
        let scopes: BTreeSet<_> = scopes.iter().cloned().collect();
        let name = Name {
            session: *key,
            account: account.clone(),
            tenant: tenant.as_str().to_ascii_lowercase(),
            scopes: scopes.into_iter().collect(),
        };
        if let Some(answer) = self.derived.find(&name, self.ports.clock.now()) {
            return answer.into();
        }
        let (this, tenant) = (self.clone(), tenant.clone());
        self.apart(async move { this.ask_for(name, &tenant, min_validity).await }).await
    }

    /// Asks the provider, unless another caller has meanwhile.
    async fn ask_for(
        &self,
        name: Name,
        tenant: &TenantId,
        min_validity: Duration,
    ) -> Result<ValidToken, TokenError> {
        let held = self.held(&name.session, &name.account).await?;
        let lease_key = refresh_lease(&held)?;
        let lease = self.ports.leases.acquire(&lease_key, LEASE_WAIT).await?;
        let Some(_lease) = lease else { return Err(TokenError::Busy) };
        if let Some(answer) = self.derived.find(&name, self.ports.clock.now()) {
            return answer.into();
        }
        // The former holder may have replaced the refresh token.
        let held = self.held(&name.session, &name.account).await?;
        let answer = self.derive(&held, tenant, &name.scopes).await?;
        self.derived.keep(name, answer.clone(), (min_validity, self.ports.clock.now()));
        answer.into()
    }

    /// Asks the provider.
    async fn derive(
        &self,
        held: &Held,
        tenant: &TenantId,
        scopes: &[String],
    ) -> Result<Answer, TokenError> {
        refresh_lease(held)?;
        let provider = self.provider(&held.account)?;
        let of = RefreshedAccount {
            provider: provider.id().clone(),
            person: held.account.identity.identifiers(),
        };
        let end = self.ports.log.begin(&of);
        let sign_in = provider.sign_in.at(Some(tenant));
        let sign_in = sign_in.map_err(|it| IdentityProviderError::Misconfigured(it.to_string()));
        let refreshed = match (sign_in, &held.tokens.value.refresh) {
            (Ok(sign_in), Some(refresh)) => {
                provider.identity.refresh(&sign_in, refresh, scopes).await
            }
            (Err(error), _) => Err(error),
            (Ok(_), None) => return Err(TokenError::NeedsSignIn(None)),
        };
        Ok(match refreshed {
            Ok(refreshed) => {
                end(RefreshOutcome::Refreshed);
                let mut tokens = refreshed.tokens;
                if tokens.scopes.is_empty() {
                    tokens.scopes = scopes.to_vec();
                }
                Answer::Token(super::valid(tokens))
            }
            Err(error) if is_final(&error) => {
                end(RefreshOutcome::NeedsSignIn(&error));
                let IdentityProviderError::Refused { error, .. } = error else {
                    return Err(TokenError::Failed(error));
                };
                Answer::Refused(error.challenge)
            }
            Err(error) => {
                end(RefreshOutcome::Failed(&error));
                Answer::Failed(error)
            }
        })
    }
}

/// The lease of the refresh token, so that no two requests use it at once.
fn refresh_lease(held: &Held) -> Result<LeaseKey, TokenError> {
    if let Some(refused) = held.refusal() {
        return Err(refused);
    }
    let refresh = held.tokens.value.refresh.as_ref();
    refresh.map(LeaseKey::of).ok_or(TokenError::NeedsSignIn(None))
}
