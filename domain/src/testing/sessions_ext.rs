//! Shortcuts for tests: sessions without a login.

use async_trait::async_trait;

use crate::{
    account::AccountId,
    identity::PersonKey,
    ports::{
        Former, Landed, Landing, NewTokens, SessionTokens, Sessions, StoreError, Version, Written,
    },
    session::{Session, SessionKey, TokenSet},
    time::Timestamp,
};

/// Sessions without a login.
#[async_trait]
pub trait SessionsExt: Sessions {
    /// Stores a new session.
    async fn create(
        &self,
        key: SessionKey,
        session: &Session,
        tokens: NewTokens,
    ) -> Result<(), StoreError> {
        self.land(landing(key, session, tokens)).await.map(drop)
    }

    /// Moves the session to the new key `to` if it still has the version `expected`.
    async fn rotate(
        &self,
        from: &SessionKey,
        expected: Version,
        to: SessionKey,
        session: &Session,
        tokens: NewTokens,
    ) -> Result<Written, StoreError> {
        let former = Former { key: *from, version: expected, moves: true, without: vec![] };
        let landing = Landing { former: Some(former), ..landing(to, session, tokens) };
        Ok(match self.land(landing).await? {
            Landed::Done => Written::Done,
            Landed::Conflict | Landed::SignedOut => Written::Conflict,
        })
    }

    /// Removes every session of this person; how many there were.
    async fn remove_all_of(&self, person: &PersonKey) -> Result<usize, StoreError> {
        self.sign_out_everywhere(person, Timestamp::default()).await
    }
}

impl<S: Sessions + ?Sized> SessionsExt for S {}

/// Tokens without their version, whatever the time.
#[async_trait]
pub trait TokensExt: SessionTokens {
    /// The tokens of one account of one session.
    async fn tokens_of(
        &self,
        key: &SessionKey,
        account: &AccountId,
    ) -> Result<Option<TokenSet>, StoreError> {
        let found = self.find_tokens(key, account, Timestamp::default()).await?;
        Ok(found.map(|found| found.value))
    }
}

impl<S: SessionTokens + ?Sized> TokensExt for S {}

/// A landing of a new session, without conditions.
pub fn landing(key: SessionKey, session: &Session, tokens: NewTokens) -> Landing<'_> {
    Landing {
        key,
        session,
        tokens,
        former: None,
        crowded: vec![],
        browser: None,
        sign_outs_at_begin: Default::default(),
        people: vec![],
        now: session.seen_at,
    }
}
