//! Writes new tokens, and what the session says of them.

use super::{FreshToken, TokenError, ValidToken, held::Held, valid};
use crate::{
    account::{AccountId, AccountToken},
    challenge::Challenge,
    ports::{EndRefresh, LeaseKey, RefreshOutcome, StoreError, Written},
    session::{Session, TokenSet},
    use_cases::update::{Change, update_traced},
};

/// How many moves of the session a write follows.
const MAX_MOVES: usize = 8;

impl FreshToken {
    /// Stores the new tokens, and only then returns the access token: a refresh token that works once is
    /// lost with the process otherwise. `None` if others replaced the old tokens meanwhile.
    pub(super) async fn store(
        &self,
        mut held: Held,
        tokens: TokenSet,
        lease_key: LeaseKey,
        end: EndRefresh,
    ) -> Result<Option<ValidToken>, TokenError> {
        for _ in 0..MAX_MOVES {
            let Held { key, account, tokens: seen, .. } = &held;
            let (version, now) = (seen.version, self.ports.clock.now());
            let written =
                self.ports.tokens.swap_tokens(key, &account.id, version, &tokens, now).await;
            match written {
                Ok(Written::Done) => {
                    self.describe_as(&held, tokens.described(now)).await;
                    end(RefreshOutcome::Refreshed);
                    return Ok(Some(valid(tokens)));
                }
                Ok(Written::Conflict) => match self.held(key, &account.id).await {
                    // A login moved the session to another key, and its tokens with it.
                    Ok(again) if again.tokens.version == version => held = again,
                    Ok(_) => {
                        end(RefreshOutcome::Superseded);
                        return Ok(None);
                    }
                    Err(TokenError::Store(error)) => {
                        return self.keep(lease_key, tokens, error, end);
                    }
                    Err(error) => {
                        end(RefreshOutcome::Ended);
                        return Err(error);
                    }
                },
                Err(error) => return self.keep(lease_key, tokens, error, end),
            }
        }
        let conflicts = "the session moved at every write of its tokens".into();
        self.keep(lease_key, tokens, StoreError::Unavailable(conflicts), end)
    }

    /// Keeps new tokens that cannot be stored now, for the next refresh.
    fn keep(
        &self,
        lease_key: LeaseKey,
        tokens: TokenSet,
        error: StoreError,
        end: EndRefresh,
    ) -> Result<Option<ValidToken>, TokenError> {
        self.flights.keep(lease_key, tokens);
        end(RefreshOutcome::NotStored(&error));
        Err(error.into())
    }

    /// Has the session describe the tokens that it has, if it describes others: it is of an earlier
    /// version, or the process ended before their description was written.
    pub(super) async fn describe(&self, held: &Held) {
        let tokens = &held.tokens.value;
        let known = held.account.token.as_ref().map(|token| token.status.expires_at);
        if known != Some(tokens.expires_at) {
            self.describe_as(held, tokens.described(self.ports.clock.now())).await;
        }
    }

    /// Has the session say that the last refresh failed.
    pub(super) async fn describe_failing(&self, held: &Held) {
        self.describe_as(held, self.known(held).failing()).await;
    }

    /// Has the session say that the account needs a sign-in.
    pub(super) async fn describe_refused(&self, held: &Held, challenge: Option<Box<Challenge>>) {
        self.describe_as(held, self.known(held).refused(challenge)).await;
    }

    fn known(&self, held: &Held) -> AccountToken {
        let described = || held.tokens.value.described(self.ports.clock.now());
        held.account.token.clone().unwrap_or_else(described)
    }

    /// Has the session describe the tokens of the account as `token`, unless somebody else changed the
    /// description since it was read: a login, which brought other tokens.
    ///
    /// A failure is left out: the tokens are stored, and the next use of the session writes what it finds.
    async fn describe_as(&self, held: &Held, token: AccountToken) {
        let Held { account, .. } = held;
        let (now, sessions) = (self.ports.clock.now(), &*self.ports.sessions);
        let change = |session: &Session| described(session, &account.id, &account.token, &token);
        let _ = update_traced(sessions, &held.key, now, change).await;
    }
}

/// The session with this description of the account's tokens, if it has the description `seen`.
fn described(
    session: &Session,
    id: &AccountId,
    seen: &Option<AccountToken>,
    token: &AccountToken,
) -> Change {
    let mut session = session.clone();
    let account = session.accounts.iter_mut().find(|account| account.id == *id);
    match account {
        Some(account) if account.token == *seen && seen.as_ref() != Some(token) => {
            account.token = Some(token.clone());
            Change::Replace(session)
        }
        _ => Change::Nothing,
    }
}
