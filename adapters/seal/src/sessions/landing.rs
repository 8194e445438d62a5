//! The write that ends a login: the new session, and the end of the former one.

use portico_domain::{
    account::AccountId,
    login::{ATTEMPT_LIFETIME, BrowserKey},
    ports::{Former, Landed, Landing, StoreError},
    session::{Ending, SessionKey},
    time::Timestamp,
};
use portico_records::{Batch, Committed};

use super::{ANY_TIME, SealedSessions, notes::browser_note, session_key};
use crate::records::{SessionAt, TokensId};

impl SealedSessions {
    /// Collects the conditions and changes of a landing in one batch and commits it.
    pub(super) async fn land_session(&self, landing: Landing<'_>) -> Result<Landed, StoreError> {
        let Landing { key, session, tokens, former, crowded, .. } = landing;
        let Landing { browser, sign_outs_at_begin, people, now, .. } = landing;
        let mut batch = Batch { now, ..Batch::default() };
        let at_begin = sign_outs_at_begin.0;
        if self.signed_out_since(&mut batch, at_begin, &people, session).await? {
            return Ok(Landed::SignedOut);
        }
        if let Some((browser, expected)) = &browser
            && !self.move_browser(&mut batch, browser, expected.as_ref(), &key).await?
        {
            return Ok(Landed::Conflict);
        }
        let mut kept_tokens = vec![];
        if let Some(former) = former {
            let Some(kept) = self.end_former(&mut batch, former, key, now).await? else {
                return Ok(Landed::Conflict);
            };
            kept_tokens = kept;
        }
        self.end_present(&mut batch, &crowded, Ending::Crowded).await?;
        self.put_session(&mut batch, &key, session, kept_tokens, tokens).await?;
        batch.put.push(self.expiry_put(&key, session.expires_at(&self.policy), now)?);
        Ok(match self.records.commit(batch).await? {
            Committed::Done { .. } => Landed::Done,
            Committed::Conflict => Landed::Conflict,
        })
    }

    /// Has the browser's note refer to the new session. Returns `false` if the note refers to another
    /// session than `expected`.
    async fn move_browser(
        &self,
        batch: &mut Batch,
        browser: &BrowserKey,
        expected: Option<&SessionKey>,
        to: &SessionKey,
    ) -> Result<bool, StoreError> {
        let id = browser_note(browser);
        let found = self.read_note::<SessionAt>(id, batch.now).await?;
        let at = found.as_ref().and_then(|found| found.value);
        if at.map(|at| SessionKey::from_bytes(*at.key)).as_ref() != expected {
            return Ok(false);
        }
        batch.require.push((id.record_key(), found.map(|found| found.version)));
        let at = SessionAt { key: (*to.as_bytes()).into() };
        batch.put.push(self.note_put(id, &at, Some(batch.now.plus(ATTEMPT_LIFETIME)))?);
        Ok(true)
    }

    /// Ends those of these sessions that exist, on the condition that they do not change meanwhile.
    pub(super) async fn end_present(
        &self,
        batch: &mut Batch,
        keys: &[SessionKey],
        why: Ending,
    ) -> Result<(), StoreError> {
        for key in keys {
            let record = session_key(key);
            let Some(version) = self.records.version(&record, batch.now).await? else { continue };
            batch.require.push((record.clone(), Some(version)));
            batch.remove.push(record);
            batch.put.push(self.ending_put(key, why, batch.now)?);
        }
        Ok(())
    }

    /// Ends the former session. Returns the tokens that the new session takes over from it; `None` if
    /// the former session has another version.
    async fn end_former(
        &self,
        batch: &mut Batch,
        former: Former,
        to: SessionKey,
        now: Timestamp,
    ) -> Result<Option<Vec<(AccountId, TokensId)>>, StoreError> {
        let record = session_key(&former.key);
        batch.require.push((record.clone(), Some(former.version)));
        batch.remove.push(record);
        let why = if former.moves { Ending::Moved(to) } else { Ending::Replaced };
        batch.put.push(self.ending_put(&former.key, why, now)?);
        if !former.moves {
            return Ok(Some(vec![]));
        }
        let head = self.open(&former.key, ANY_TIME).await?;
        let Some(head) = head.filter(|head| head.version == former.version) else {
            return Ok(None);
        };
        let mut tokens = head.tokens;
        tokens.retain(|(account, _)| !former.without.contains(account));
        Ok(Some(tokens))
    }
}
