//! Disconnects an account from a session, and restores it within a minute.

use std::sync::Arc;

use thiserror::Error;

use super::update::until_written;
use crate::{
    account::{Account, AccountId, MAX_ACCOUNTS},
    ports::{
        Clock, DisconnectedAccounts, SessionTokens, Sessions, StoreError, Stored, Version, Written,
    },
    secret::SessionId,
    session::{DisconnectedAccount, Session, SessionKey},
    time::Timestamp,
};

/// Disconnects and restores accounts.
pub struct DisconnectAccount {
    /// The sessions.
    pub sessions: Arc<dyn Sessions>,
    /// The tokens of their accounts.
    pub tokens: Arc<dyn SessionTokens>,
    /// The accounts that can be restored.
    pub disconnected: Arc<dyn DisconnectedAccounts>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Why an account was neither disconnected nor restored.
#[derive(Debug, Error)]
pub enum DisconnectError {
    /// There is no such session.
    #[error("there is no such session")]
    NoSession,
    /// The session has no such account, or none that can be restored.
    #[error("there is no such account")]
    UnknownAccount,
    /// The session began with this account: without it there is no session.
    #[error("the session began with this account")]
    OwnAccount,
    /// The session has [`MAX_ACCOUNTS`] accounts.
    #[error("the session has {MAX_ACCOUNTS} accounts already")]
    TooManyAccounts,
    /// Every write conflicted with another one.
    #[error("every write of the session conflicted")]
    Contended,
    /// The store could not be used.
    #[error("the store could not be used")]
    Store(#[from] StoreError),
}

impl DisconnectAccount {
    /// Removes the account and its tokens from the session. Once this returns, both are out of the
    /// session, also after a kill; returns until when the account can be [restored](Self::restore).
    pub async fn run(
        &self,
        session: &SessionId,
        account: &AccountId,
    ) -> Result<Timestamp, DisconnectError> {
        let key = SessionKey::of(session);
        let done = until_written(|| Box::pin(self.try_to_disconnect(&key, account)));
        done.await?.ok_or(DisconnectError::Contended)
    }

    async fn try_to_disconnect(
        &self,
        key: &SessionKey,
        id: &AccountId,
    ) -> Result<Option<Timestamp>, DisconnectError> {
        let now = self.clock.now();
        let Stored { value: session, version } = self.session(key, now).await?;
        let is_it = |account: &Account| account.id == *id;
        let account = match session.accounts.split_first() {
            Some((own, _)) if is_it(own) => return Err(DisconnectError::OwnAccount),
            Some((_, others)) => others.iter().find(|account| is_it(account)).cloned(),
            None => None,
        };
        let account = account.ok_or(DisconnectError::UnknownAccount)?;
        let tokens = self.tokens.find_tokens(key, id, now).await?.map(|stored| stored.value);
        let disconnected = DisconnectedAccount::at(account, tokens, now);
        // First, so that a kill in between loses nothing: an account that is connected is not restored.
        self.disconnected.keep(key, &disconnected).await?;
        let gone = [id.clone()];
        let provider = &disconnected.account.provider;
        let session = session.without(&gone).awaiting_listings_of(provider);
        let written = self.sessions.disconnect(key, version, &session, &gone).await?;
        Ok((written == Written::Done).then_some(disconnected.expires_at))
    }

    /// Puts an account that was [disconnected](Self::run) from this session back, with its tokens. An
    /// account of the same tenant that was connected meanwhile stays instead.
    pub async fn restore(
        &self,
        session: &SessionId,
        account: &AccountId,
    ) -> Result<(), DisconnectError> {
        let key = SessionKey::of(session);
        let restored = until_written(|| Box::pin(self.try_to_restore(&key, account)));
        let version = restored.await?.ok_or(DisconnectError::Contended)?;
        Ok(self.disconnected.remove(&key, account, version).await?)
    }

    /// Returns the version of the account that is restored.
    async fn try_to_restore(
        &self,
        key: &SessionKey,
        id: &AccountId,
    ) -> Result<Option<Version>, DisconnectError> {
        let now = self.clock.now();
        let Stored { value: session, version } = self.session(key, now).await?;
        let found = self.disconnected.find(key, id, now).await?;
        let Stored { value: disconnected, version: restored } =
            found.ok_or(DisconnectError::UnknownAccount)?;
        let DisconnectedAccount { account, tokens, .. } = disconnected;
        if session.accounts.iter().any(|known| known.same_tenant(&account)) {
            return Ok(Some(restored));
        }
        if session.accounts.len() >= MAX_ACCOUNTS {
            return Err(DisconnectError::TooManyAccounts);
        }
        let (person, user) = (session.person, session.user.clone());
        let (connected_at, seen_at) = (account.connected_at, session.seen_at);
        let mut session = session.connect(person, user, account);
        session.seen_at = seen_at.max(connected_at);
        let tokens = tokens.map(|tokens| (id.clone(), tokens)).into_iter().collect();
        let written = self.sessions.replace(key, version, &session, tokens).await?;
        Ok((written == Written::Done).then_some(restored))
    }

    async fn session(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Stored<Session>, DisconnectError> {
        self.sessions.find(key, now).await?.ok_or(DisconnectError::NoSession)
    }
}

#[cfg(test)]
mod tests;
