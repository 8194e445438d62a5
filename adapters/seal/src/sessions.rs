//! The domain's sessions and tokens, over sealed records.

use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::{
    account::AccountId,
    identity::PersonKey,
    login::BrowserKey,
    ports::{
        Commit, Committed, Landed, Landing, NewTokens, SessionRecord, SessionRecords,
        SessionTokens, SessionWrite, Sessions, StoreError, Stored, TokenRecords, Version, Written,
    },
    session::{Ending, Session, SessionKey, SessionPolicy, SessionSize, SignOutCount, TokenSet},
    time::Timestamp,
};
use zeroize::Zeroizing;

use crate::{
    endings::{browser_mark, ending_mark},
    records::v1,
    seal::{RecordContext, Seal},
};

/// Sessions and their tokens, sealed.
pub struct SealedSessions {
    pub(crate) records: Arc<dyn SessionRecords>,
    pub(crate) seal: Arc<Seal>,
    pub(crate) policy: SessionPolicy,
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

    pub(crate) fn record(
        &self,
        key: &SessionKey,
        session: &Session,
    ) -> Result<SessionRecord, StoreError> {
        Ok(SessionRecord {
            person: self.seal.namer().person(&session.person),
            expires_at: session.expires_at(&self.policy),
            sealed: self.seal.seal(session_place(key), &v1::Session::of(session))?,
        })
    }

    /// What the tokens of these accounts may stand under.
    pub(crate) fn names_of(&self, accounts: &[AccountId]) -> Vec<AccountId> {
        let names = |account| self.seal.namers().map(move |namer| namer.account(account));
        accounts.iter().flat_map(names).collect()
    }

    pub(crate) fn token_records(&self, tokens: NewTokens) -> Result<TokenRecords, StoreError> {
        let sealed = tokens.into_iter().map(|(account, tokens)| {
            let sealed = self.seal.seal(tokens_place(&account), &v1::Tokens::of(&tokens))?;
            Ok((self.seal.namer().account(&account), sealed))
        });
        sealed.collect()
    }
}

fn session_place(key: &SessionKey) -> RecordContext<'_> {
    RecordContext { kind: "session", key: key.as_bytes() }
}

/// Not bound to the session's key: a session that moves takes its tokens along unopened. The
/// account is one person's in one tenant, so another session of it is that person's as well.
fn tokens_place(account: &AccountId) -> RecordContext<'_> {
    RecordContext { kind: "tokens", key: account.as_str().as_bytes() }
}

#[async_trait]
impl Sessions for SealedSessions {
    async fn land(&self, landing: Landing<'_>) -> Result<Landed, StoreError> {
        self.landing(landing).await
    }

    async fn find(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Stored<Session>>, StoreError> {
        let Some(mut stored) = self.records.find(key, now).await? else { return Ok(None) };
        let place = session_place(key);
        let former = self.seal.is_of_a_former_key(&stored.value);
        let plain = self.seal.open(place, &mut stored.value)?;
        let session = v1::Session::read(plain).map_err(|why| place.unreadable(&why))?;
        // The store's `expires_at` is not sealed, and the policy may have become stricter since. A
        // former key may have been away when the session was to end.
        let live = session.is_live(&self.policy, now);
        if !live || (former && self.is_signed_out(&session, now).await?) {
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

    async fn disconnect(
        &self,
        key: &SessionKey,
        expected: Version,
        session: &Session,
        accounts: &[AccountId],
    ) -> Result<Written, StoreError> {
        let write = SessionWrite {
            key: *key,
            record: self.record(key, session)?,
            tokens: vec![],
            from: Some(*key),
            without: self.names_of(accounts),
        };
        let session_is = Some((*key, expected));
        let commit = Commit { session_is, write: Some(write), ..Commit::default() };
        Ok(match self.records.commit(commit).await? {
            Committed::Done { .. } => Written::Done,
            Committed::Conflict => Written::Conflict,
        })
    }

    async fn remove(&self, key: &SessionKey) -> Result<bool, StoreError> {
        self.records.remove(key).await
    }

    async fn end(&self, key: &SessionKey, why: Ending, now: Timestamp) -> Result<bool, StoreError> {
        let marks = vec![self.ended(key, why, now)?];
        let commit = Commit { remove: vec![*key], marks, now, ..Commit::default() };
        Ok(matches!(self.records.commit(commit).await?, Committed::Done { removed: 1.. }))
    }

    async fn ending(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Ending>, StoreError> {
        let found = self.read::<v1::Ending>(ending_mark(key), now).await?;
        Ok(found.and_then(|found| found.value).map(v1::Ending::read))
    }

    async fn session_in(
        &self,
        browser: &BrowserKey,
        now: Timestamp,
    ) -> Result<Option<SessionKey>, StoreError> {
        let found = self.read::<[u8; 32]>(browser_mark(browser), now).await?;
        Ok(found.and_then(|found| found.value).map(SessionKey::from_bytes))
    }

    async fn sign_outs(&self, now: Timestamp) -> Result<SignOutCount, StoreError> {
        Ok(SignOutCount(self.count(now).await?.0))
    }

    async fn sign_out_everywhere(
        &self,
        person: &PersonKey,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        self.signing_out(person, now).await
    }

    async fn sessions_of(&self, person: &PersonKey) -> Result<Vec<SessionSize>, StoreError> {
        // What stands under a former name was written before the ring got its first key.
        let mut all = Vec::new();
        for namer in self.seal.namers().rev() {
            all.extend(self.records.sessions_of(&namer.person(person)).await?);
        }
        Ok(all)
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
