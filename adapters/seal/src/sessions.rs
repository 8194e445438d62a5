//! The domain's sessions and tokens, over sealed records.

use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::{
    account::AccountId,
    identity::PersonKey,
    ports::{
        NewTokens, Renewal, SessionRecord, SessionRecords, SessionTokens, Sessions, StoreError,
        Stored, TokenRecords, Version, Written,
    },
    session::{Session, SessionKey, SessionPolicy, TokenSet},
    time::Timestamp,
};
use zeroize::Zeroizing;

use crate::{
    records::v1,
    seal::{Place, Seal},
};

/// Sessions and their tokens, sealed.
pub struct SealedSessions {
    records: Arc<dyn SessionRecords>,
    seal: Arc<Seal>,
    policy: SessionPolicy,
}

impl SealedSessions {
    /// Keeps sessions in `records` for as long as `policy` says.
    pub fn new(records: Arc<dyn SessionRecords>, seal: Arc<Seal>, policy: SessionPolicy) -> Self {
        Self { records, seal, policy }
    }

    /// Ends sessions from the future, at most `limit`; how many. Nobody who asks for one later could
    /// tell it from a young one.
    pub async fn end_future(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let mut ended = 0;
        for key in self.records.expiring_after(self.policy.latest_end(now), limit).await? {
            match self.find(&key, now).await {
                Ok(found) => ended += usize::from(found.is_none()),
                // Of a key that is not there any more: nobody can use it.
                Err(StoreError::Unreadable(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(ended)
    }

    fn record(&self, key: &SessionKey, session: &Session) -> Result<SessionRecord, StoreError> {
        Ok(SessionRecord {
            person: self.seal.namer().person(&session.person),
            expires_at: session.expires_at(&self.policy),
            sealed: self.seal.seal(session_place(key), &v1::Session::of(session))?,
        })
    }

    fn token_records(&self, tokens: NewTokens) -> Result<TokenRecords, StoreError> {
        let sealed = tokens.into_iter().map(|(account, tokens)| {
            let sealed = self.seal.seal(tokens_place(&account), &v1::Tokens::of(&tokens))?;
            Ok((self.seal.namer().account(&account), sealed))
        });
        sealed.collect()
    }
}

fn session_place(key: &SessionKey) -> Place<'_> {
    Place { kind: "session", key: key.as_bytes() }
}

/// Not bound to the session's key: [`SessionRecords::rotate`] takes tokens along unopened. The
/// account is one person's in one tenant, so another session of it is that person's as well.
fn tokens_place(account: &AccountId) -> Place<'_> {
    Place { kind: "tokens", key: account.as_str().as_bytes() }
}

#[async_trait]
impl Sessions for SealedSessions {
    async fn create(
        &self,
        key: SessionKey,
        session: &Session,
        tokens: NewTokens,
    ) -> Result<(), StoreError> {
        let record = self.record(&key, session)?;
        self.records.insert(key, record, self.token_records(tokens)?).await
    }

    async fn find(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Stored<Session>>, StoreError> {
        let Some(mut stored) = self.records.find(key, now).await? else { return Ok(None) };
        let place = session_place(key);
        let plain = self.seal.open(place, &mut stored.value)?;
        let session = v1::Session::read(plain).map_err(|why| place.unreadable(&why))?;
        // The store's `expires_at` is not sealed, and the policy may have become stricter since.
        if !session.is_live(&self.policy, now) {
            self.records.remove(key).await?;
            return Ok(None);
        }
        Ok(Some(Stored { value: session, version: stored.version }))
    }

    async fn version(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Version>, StoreError> {
        self.records.version(key, now).await
    }

    async fn replace(
        &self,
        key: &SessionKey,
        expected: Version,
        session: &Session,
        tokens: NewTokens,
    ) -> Result<Written, StoreError> {
        let record = self.record(key, session)?;
        self.records.replace(key, expected, record, self.token_records(tokens)?).await
    }

    async fn rotate(
        &self,
        from: &SessionKey,
        expected: Version,
        to: SessionKey,
        session: &Session,
        tokens: NewTokens,
    ) -> Result<Written, StoreError> {
        let renewal = Renewal { expected, to, record: self.record(&to, session)? };
        self.records.rotate(from, renewal, self.token_records(tokens)?).await
    }

    async fn remove(&self, key: &SessionKey) -> Result<bool, StoreError> {
        self.records.remove(key).await
    }

    async fn remove_all_of(&self, person: &PersonKey) -> Result<usize, StoreError> {
        // The name of what is written comes last: a session that is written anew meanwhile moves
        // there.
        let mut removed = 0;
        for namer in self.seal.namers().rev() {
            removed += self.records.remove_all_of(&namer.person(person)).await?;
        }
        Ok(removed)
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.records.check().await
    }
}

#[async_trait]
impl SessionTokens for SealedSessions {
    async fn find_tokens(
        &self,
        key: &SessionKey,
        account: &AccountId,
    ) -> Result<Option<TokenSet>, StoreError> {
        for namer in self.seal.namers() {
            let name = namer.account(account);
            let Some(sealed) = self.records.find_tokens(key, &name).await? else { continue };
            let (place, mut sealed) = (tokens_place(account), Zeroizing::new(sealed));
            let plain = self.seal.open(place, &mut sealed)?;
            return v1::Tokens::read(plain).map(Some).map_err(|why| place.unreadable(&why));
        }
        Ok(None)
    }
}
