//! The domain's sessions and tokens, over sealed records.
//!
//! A session is several records. Its head has the person, the accounts and the times, and refers to the
//! `listings` and `tokens` of the accounts. So recording a use writes the head only, a session moves
//! to another key without its tokens being rewritten, and tokens are replaced without the head being
//! rewritten.

mod endings;
mod heads;
mod landing;
mod listings;
mod notes;
mod sign_outs;
mod tokens;
mod used_keys;

use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::{
    account::{AccountId, ListingDigest},
    identity::PersonKey,
    login::BrowserKey,
    ports::{Landed, Landing, NewTokens, Sessions, StoreError, Stored, Version, Written},
    session::{Ending, Session, SessionKey, SessionPolicy, SessionSize, SignOutCount},
    sign_in::SignInKey,
    time::Timestamp,
};
use portico_records::{Batch, Committed, Key, Kind, Owner, Put, Records};

pub use self::used_keys::{MissingKey, NOTE_KEYS_EVERY};
use self::{listings::Listings, notes::browser_note, tokens::tokens_key};
use crate::{
    records::{self, SessionAt, TokensId},
    seal::{RecordContext, Seal},
};

/// Sessions and their tokens, sealed.
pub struct SealedSessions {
    records: Arc<dyn Records>,
    seal: Arc<Seal>,
    policy: SessionPolicy,
    listings: Listings,
}

/// The opened head of a session.
struct OpenedHead {
    /// The session without listings.
    session: Session,
    /// The digest and key of each account's listing.
    listings: Vec<Option<(ListingDigest, Key)>>,
    tokens: Vec<(AccountId, TokensId)>,
    version: Version,
    /// Whether another key than the first of the ring sealed it.
    sealed_by_former_key: bool,
}

fn session_key(key: &SessionKey) -> Key {
    Key::new(Kind::Session, key.as_bytes())
}

fn session_context(key: &SessionKey) -> RecordContext<'_> {
    RecordContext { kind: "session", key: key.as_bytes() }
}

/// Reads a record whether or not it has expired.
const ANY_TIME: Timestamp = Timestamp::from_unix_seconds(0);

impl SealedSessions {
    /// Stores sessions in `records`; `policy` gives their lifetime.
    pub fn new(records: Arc<dyn Records>, seal: Arc<Seal>, policy: SessionPolicy) -> Self {
        let listings = Listings::new(records.clone(), seal.clone());
        Self { records, seal, policy, listings }
    }

    /// Ends at most `limit` sessions whose times lie in the future, which the clock of an earlier start
    /// has set. Once that time has come they could not be told from recent sessions. Returns how many
    /// ended.
    pub async fn end_future(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let mut ended = 0;
        let latest = self.policy.latest_end(now);
        for key in self.records.expiring_after(Kind::Session, latest, limit).await? {
            let Ok(key) = key.id().try_into().map(SessionKey::from_bytes) else { continue };
            match self.find(&key, now).await {
                Ok(found) => ended += usize::from(found.is_none()),
                // Its key is not in the ring, so nobody can use it.
                Err(StoreError::Unreadable(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(ended)
    }

    /// Opens the head of a session without checking its lifetime.
    async fn open(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<OpenedHead>, StoreError> {
        let found = self.records.get(&session_key(key), now).await?;
        let Some(Stored { mut value, version }) = found else { return Ok(None) };
        let context = session_context(key);
        let sealed_by_former_key = self.seal.is_sealed_by_former_key(&value);
        let namer = self.seal.namer_of(&value);
        let plain = self.seal.open(context, &mut value)?;
        let head = records::Session::read(plain).map_err(|why| context.unreadable(&why))?;
        let records::Head { session, listings, tokens } = head;
        let with_key = |digest| namer.map(|namer| (digest, namer.listing(&digest)));
        let listings = listings.into_iter().map(|digest| digest.and_then(with_key)).collect();
        Ok(Some(OpenedHead { session, listings, tokens, version, sealed_by_former_key }))
    }

    /// The session with its listings; `None` if the store lacks one of them.
    async fn with_listings(&self, head: OpenedHead) -> Result<Option<Session>, StoreError> {
        let mut session = head.session;
        for (account, listing) in session.accounts.iter_mut().zip(head.listings) {
            let Some((digest, key)) = listing else { continue };
            match self.listings.read(digest, &key).await? {
                Some(listing) => account.listing = listing,
                None => return Ok(None),
            }
        }
        Ok(Some(session))
    }

    /// Adds the records of a session to a batch: its head, the `new` tokens beside its present `tokens`,
    /// and listings that the store lacks.
    async fn put_session(
        &self,
        batch: &mut Batch,
        key: &SessionKey,
        session: &Session,
        mut tokens: Vec<(AccountId, TokensId)>,
        new: NewTokens,
    ) -> Result<(), StoreError> {
        let (mut refers, mut digests) = (vec![], vec![]);
        for account in &session.accounts {
            let written = self.listings.write(&account.listing).await?;
            digests.push(written.as_ref().map(|written| written.digest));
            let Some(written) = written.filter(|written| !refers.contains(&written.key)) else {
                continue;
            };
            refers.push(written.key);
            batch.put.extend(written.put);
        }
        for (account, set) in new {
            let present = tokens.iter().find(|(of, _)| *of == account).map(|(_, id)| *id);
            let id = present.unwrap_or_else(|| self.seal.draw_id());
            if present.is_none() {
                tokens.push((account, id));
            }
            batch.put.push(self.tokens_put(&id, &set)?);
        }
        refers.extend(tokens.iter().map(|(_, id)| tokens_key(id)));
        let head = records::Session::of(session, &digests, &tokens);
        let namer = self.seal.namer();
        let sign_ins = session.sign_ins();
        let mut owners = vec![namer.person(&session.person)];
        owners.extend(sign_ins.iter().map(|sign_in| namer.sign_in(sign_in)));
        batch.put.push(Put {
            key: session_key(key),
            bytes: self.seal.seal(session_context(key), &head)?,
            expires_at: Some(session.expires_at(&self.policy)),
            owners,
            refers,
        });
        Ok(())
    }

    /// The sessions of an owner with these names, by every key of the ring.
    async fn owned_by(&self, names: &[Owner]) -> Result<Vec<SessionSize>, StoreError> {
        // Sessions under the names of former keys are older than those under the name of the first.
        let mut all = Vec::new();
        for name in names.iter().rev() {
            for owned in self.records.owned_by(name).await? {
                if let Ok(key) = owned.key.id().try_into().map(SessionKey::from_bytes) {
                    all.push(SessionSize { key, bytes: owned.bytes });
                }
            }
        }
        Ok(all)
    }

    /// Overwrites a session if it has the version `expected`.
    async fn write(
        &self,
        key: &SessionKey,
        expected: Version,
        session: &Session,
        (without, new): (&[AccountId], NewTokens),
    ) -> Result<Written, StoreError> {
        let Some(head) = self.open(key, ANY_TIME).await? else { return Ok(Written::Conflict) };
        if head.version != expected {
            return Ok(Written::Conflict);
        }
        let mut tokens = head.tokens;
        tokens.retain(|(account, _)| !without.contains(account));
        let require = vec![(session_key(key), Some(expected))];
        let mut batch = Batch { require, ..Batch::default() };
        self.put_session(&mut batch, key, session, tokens, new).await?;
        Ok(match self.records.commit(batch).await? {
            Committed::Done { .. } => Written::Done,
            Committed::Conflict => Written::Conflict,
        })
    }
}

#[async_trait]
impl Sessions for SealedSessions {
    async fn land(&self, landing: Landing<'_>) -> Result<Landed, StoreError> {
        self.land_session(landing).await
    }

    async fn find(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Stored<Session>>, StoreError> {
        let mut previous_version = None;
        loop {
            let Some(head) = self.open(key, now).await? else { return Ok(None) };
            let (session, version) = (&head.session, head.version);
            // The store's `expires_at` is not authenticated, and the policy may be stricter now. A
            // sign-out did not find the session if its key was not in the ring then.
            if !session.is_live(&self.policy, now) {
                self.remove_dead(key, session, now).await?;
                return Ok(None);
            }
            if head.sealed_by_former_key && self.is_signed_out(session, now).await? {
                self.end(key, Ending::SignedOutEverywhere, now).await?;
                return Ok(None);
            }
            if let Some(value) = self.with_listings(head).await? {
                return Ok(Some(Stored { value, version }));
            }
            // A write between the two reads may have removed the listing: read again, once a version.
            if previous_version.replace(version) == Some(version) {
                return Err(
                    session_context(key).unreadable("a listing that it refers to is missing")
                );
            }
        }
    }

    async fn version(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Version>, StoreError> {
        self.records.version(&session_key(key), now).await
    }

    async fn replace(
        &self,
        key: &SessionKey,
        expected: Version,
        session: &Session,
        tokens: NewTokens,
    ) -> Result<Written, StoreError> {
        self.write(key, expected, session, (&[], tokens)).await
    }

    async fn disconnect(
        &self,
        key: &SessionKey,
        expected: Version,
        session: &Session,
        accounts: &[AccountId],
    ) -> Result<Written, StoreError> {
        self.write(key, expected, session, (accounts, vec![])).await
    }

    async fn remove(&self, key: &SessionKey) -> Result<bool, StoreError> {
        let batch = Batch { remove: vec![session_key(key)], ..Batch::default() };
        Ok(matches!(self.records.commit(batch).await?, Committed::Done { removed: 1.. }))
    }

    async fn end(&self, key: &SessionKey, why: Ending, now: Timestamp) -> Result<bool, StoreError> {
        match self.end_session(key, why, now).await {
            // A full disk has no room for the reason: the session ends without one.
            Err(StoreError::Unavailable(_)) => self.remove(key).await,
            ended => ended,
        }
    }

    async fn end_all(
        &self,
        keys: &[SessionKey],
        why: Ending,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        let mut batch = Batch { now, ..Batch::default() };
        self.end_present(&mut batch, keys, why).await?;
        Ok(match self.records.commit(batch).await? {
            Committed::Done { .. } => Written::Done,
            Committed::Conflict => Written::Conflict,
        })
    }

    async fn ending(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Ending>, StoreError> {
        self.ending_of(key, now).await
    }

    async fn session_in(
        &self,
        browser: &BrowserKey,
        now: Timestamp,
    ) -> Result<Option<SessionKey>, StoreError> {
        let found = self.read_note::<SessionAt>(browser_note(browser), now).await?;
        Ok(found.and_then(|found| found.value).map(|at| SessionKey::from_bytes(*at.key)))
    }

    async fn sign_outs(&self, now: Timestamp) -> Result<SignOutCount, StoreError> {
        Ok(SignOutCount(self.sign_out_count(now).await?.0))
    }

    async fn sign_out_everywhere(
        &self,
        person: &PersonKey,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        self.sign_person_out(person, now).await
    }

    async fn sessions_of(&self, person: &PersonKey) -> Result<Vec<SessionSize>, StoreError> {
        self.owned_by(&self.person_names(person)).await
    }

    async fn sessions_at(&self, sign_in: &SignInKey) -> Result<Vec<SessionKey>, StoreError> {
        let owned = self.owned_by(&self.sign_in_names(sign_in)).await?;
        Ok(owned.into_iter().map(|owned| owned.key).collect())
    }

    async fn sign_out_at(&self, sign_in: &SignInKey, now: Timestamp) -> Result<(), StoreError> {
        self.sign_sign_in_out(sign_in, now).await
    }

    async fn heads_of(
        &self,
        person: &PersonKey,
        now: Timestamp,
    ) -> Result<Vec<(SessionKey, Session)>, StoreError> {
        self.live_heads(person, now).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.records.check().await
    }
}
