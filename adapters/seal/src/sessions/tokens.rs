//! The domain's store of tokens, over sealed records.

use async_trait::async_trait;
use portico_domain::{
    account::AccountId,
    ports::{SessionTokens, StoreError, Stored, Version, Written},
    session::{SessionKey, TokenSet},
    time::Timestamp,
};
use portico_records::{Batch, Committed, Key, Kind, Put};
use zeroize::Zeroizing;

use super::SealedSessions;
use crate::{
    records::{self, TokensId},
    seal::RecordContext,
};

pub(super) fn tokens_key(id: &TokensId) -> Key {
    Key::new(Kind::Tokens, id)
}

/// Not bound to the session's key, so that a session can move without its tokens being rewritten. The
/// sealed head of the session binds them to their account.
fn tokens_context(id: &TokensId) -> RecordContext<'_> {
    RecordContext { kind: "tokens", key: id }
}

impl SealedSessions {
    /// The write of tokens under this id.
    pub(super) fn tokens_put(&self, id: &TokensId, tokens: &TokenSet) -> Result<Put, StoreError> {
        let bytes = self.seal.seal(tokens_context(id), &records::Tokens::of(tokens))?;
        Ok(Put { key: tokens_key(id), bytes, expires_at: None, owners: vec![], refers: vec![] })
    }

    /// The id of the tokens of this account of this session.
    async fn tokens_id(
        &self,
        key: &SessionKey,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<TokensId>, StoreError> {
        let tokens = self.open(key, now).await?.map(|head| head.tokens).unwrap_or_default();
        Ok(tokens.into_iter().find(|(known, _)| known == account).map(|(_, id)| id))
    }
}

#[async_trait]
impl SessionTokens for SealedSessions {
    async fn find_tokens(
        &self,
        key: &SessionKey,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<Stored<TokenSet>>, StoreError> {
        let Some(id) = self.tokens_id(key, account, now).await? else { return Ok(None) };
        let found = self.records.get(&tokens_key(&id), now).await?;
        let Some(Stored { value, version }) = found else { return Ok(None) };
        let (context, mut sealed) = (tokens_context(&id), Zeroizing::new(value));
        let plain = self.seal.open(context, &mut sealed)?;
        let value = records::Tokens::read(plain).map_err(|why| context.unreadable(&why))?;
        Ok(Some(Stored { value, version }))
    }

    async fn swap_tokens(
        &self,
        key: &SessionKey,
        account: &AccountId,
        expected: Version,
        tokens: &TokenSet,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        let Some(id) = self.tokens_id(key, account, now).await? else {
            return Ok(Written::Conflict);
        };
        // Removed tokens have no version, so they are not written again.
        let require = vec![(tokens_key(&id), Some(expected))];
        let put = vec![self.tokens_put(&id, tokens)?];
        let batch = Batch { now, require, put, ..Batch::default() };
        Ok(match self.records.commit(batch).await? {
            Committed::Done { .. } => Written::Done,
            Committed::Conflict => Written::Conflict,
        })
    }
}
