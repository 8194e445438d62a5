//! The domain's sessions and tokens, over sealed records.
//!
//! The head of a session is one record: who, what they have connected, and the times. It refers to what
//! its accounts list (`listings`) and to their tokens, which are records of their own. So a use that is
//! recorded writes the head alone, a session moves without its tokens being touched, and tokens are
//! swapped without the session being touched.

use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::{
    account::{AccountId, ListingDigest},
    identity::PersonKey,
    login::BrowserKey,
    ports::{Landed, Landing, NewTokens, Sessions, StoreError, Stored, Version, Written},
    session::{Ending, Session, SessionKey, SessionPolicy, SessionSize, SignOutCount},
    time::Timestamp,
};
use portico_records::{Batch, Committed, Key, Kind, Put, Records};

use crate::{
    endings::{browser_note, ending_note},
    listings::Listings,
    records::{self, SessionAt, TokensId},
    seal::{RecordContext, Seal},
    tokens::tokens_key,
};

/// Sessions and their tokens, sealed.
pub struct SealedSessions {
    pub(crate) records: Arc<dyn Records>,
    pub(crate) seal: Arc<Seal>,
    pub(crate) policy: SessionPolicy,
    listings: Listings,
}

/// The head of a session, opened.
pub(crate) struct Opened {
    /// The session; its accounts list nothing yet.
    pub(crate) session: Session,
    /// What each of them lists, and where it stands.
    listings: Vec<Option<(ListingDigest, Key)>>,
    pub(crate) tokens: Vec<(AccountId, TokensId)>,
    pub(crate) version: Version,
    /// Whether a key sealed it that only opens now.
    former: bool,
}

/// Where the head of a session stands.
pub(crate) fn session_key(key: &SessionKey) -> Key {
    Key::new(Kind::Session, key.as_bytes())
}

fn session_place(key: &SessionKey) -> RecordContext<'_> {
    RecordContext { kind: "session", key: key.as_bytes() }
}

/// For a record whose expiry somebody else looks at.
pub(crate) const ANY_TIME: Timestamp = Timestamp::from_unix_seconds(0);

impl SealedSessions {
    /// Keeps sessions in `records` for as long as `policy` says.
    pub fn new(records: Arc<dyn Records>, seal: Arc<Seal>, policy: SessionPolicy) -> Self {
        let listings = Listings::new(records.clone(), seal.clone());
        Self { records, seal, policy, listings }
    }

    /// Ends sessions from the future, at most `limit`; how many. Nobody who asks for one later could
    /// tell it from a young one.
    pub async fn end_future(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let mut ended = 0;
        let latest = self.policy.latest_end(now);
        for key in self.records.expiring_after(Kind::Session, latest, limit).await? {
            let Ok(key) = key.id().try_into().map(SessionKey::from_bytes) else { continue };
            match self.find(&key, now).await {
                Ok(found) => ended += usize::from(found.is_none()),
                // Of a key that is not there any more: nobody can use it.
                Err(StoreError::Unreadable(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(ended)
    }

    /// The head of a session, dead or alive.
    pub(crate) async fn open(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Opened>, StoreError> {
        let found = self.records.get(&session_key(key), now).await?;
        let Some(Stored { mut value, version }) = found else { return Ok(None) };
        let place = session_place(key);
        let former = self.seal.is_of_a_former_key(&value);
        let namer = self.seal.namer_of(&value);
        let plain = self.seal.open(place, &mut value)?;
        let head = records::Session::read(plain).map_err(|why| place.unreadable(&why))?;
        let records::Head { session, listings, tokens } = head;
        let named = |digest| namer.map(|namer| (digest, namer.listing(&digest)));
        let listings = listings.into_iter().map(|digest| digest.and_then(named)).collect();
        Ok(Some(Opened { session, listings, tokens, version, former }))
    }

    /// The session with what its accounts list; `None` where some of it is not there any more.
    async fn whole(&self, opened: Opened) -> Result<Option<Session>, StoreError> {
        let mut session = opened.session;
        for (account, listing) in session.accounts.iter_mut().zip(opened.listings) {
            let Some((digest, key)) = listing else { continue };
            match self.listings.read(digest, &key).await? {
                Some(listing) => account.listing = listing,
                None => return Ok(None),
            }
        }
        Ok(Some(session))
    }

    /// Adds what is written of a session to a batch: its head, new tokens beside the `tokens` that it
    /// has, and what it lists that the store does not have yet.
    pub(crate) async fn put_session(
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
            let known = tokens.iter().find(|(known, _)| *known == account).map(|(_, id)| *id);
            let id = known.unwrap_or_else(|| self.seal.draw_id());
            if known.is_none() {
                tokens.push((account, id));
            }
            batch.put.push(self.tokens_put(&id, &set)?);
        }
        refers.extend(tokens.iter().map(|(_, id)| tokens_key(id)));
        let head = records::Session::of(session, &digests, &tokens);
        batch.put.push(Put {
            key: session_key(key),
            bytes: self.seal.seal(session_place(key), &head)?,
            expires_at: Some(session.expires_at(&self.policy)),
            owner: Some(self.seal.namer().person(&session.person)),
            refers,
        });
        Ok(())
    }

    /// Writes a session that has this version over itself.
    async fn write(
        &self,
        key: &SessionKey,
        expected: Version,
        session: &Session,
        (without, new): (&[AccountId], NewTokens),
    ) -> Result<Written, StoreError> {
        let Some(opened) = self.open(key, ANY_TIME).await? else { return Ok(Written::Conflict) };
        if opened.version != expected {
            return Ok(Written::Conflict);
        }
        let mut tokens = opened.tokens;
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
        self.landing(landing).await
    }

    async fn find(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Stored<Session>>, StoreError> {
        let mut seen = None;
        loop {
            let Some(opened) = self.open(key, now).await? else { return Ok(None) };
            let (session, version) = (&opened.session, opened.version);
            // The store's `expires_at` is not sealed, and the policy may have become stricter since. A
            // former key may have been away when the session was to end.
            let live = session.is_live(&self.policy, now);
            if !live || (opened.former && self.is_signed_out(session, now).await?) {
                self.remove(key).await?;
                return Ok(None);
            }
            if let Some(value) = self.whole(opened).await? {
                return Ok(Some(Stored { value, version }));
            }
            // It was written between the two reads, and what it listed before has gone.
            if seen.replace(version) == Some(version) {
                return Err(session_place(key).unreadable("what it lists is missing"));
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
        let put = vec![self.ended(key, why, now)?];
        let batch = Batch { now, remove: vec![session_key(key)], put, ..Batch::default() };
        Ok(matches!(self.records.commit(batch).await?, Committed::Done { removed: 1.. }))
    }

    async fn ending(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Ending>, StoreError> {
        let found = self.read::<records::Ending>(ending_note(key), now).await?;
        Ok(found.and_then(|found| found.value).map(records::Ending::read))
    }

    async fn session_in(
        &self,
        browser: &BrowserKey,
        now: Timestamp,
    ) -> Result<Option<SessionKey>, StoreError> {
        let found = self.read::<SessionAt>(browser_note(browser), now).await?;
        Ok(found.and_then(|found| found.value).map(|at| SessionKey::from_bytes(*at.key)))
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
            for owned in self.records.owned_by(&namer.person(person)).await? {
                if let Ok(key) = owned.key.id().try_into().map(SessionKey::from_bytes) {
                    all.push(SessionSize { key, bytes: owned.bytes });
                }
            }
        }
        Ok(all)
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.records.check().await
    }
}
