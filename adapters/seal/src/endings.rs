//! What is noted beside sessions: why one ended, where a browser's is, and who has signed out
//! everywhere. Each is a sealed note of the store.

use minicbor::Decode;
use portico_domain::{
    identity::PersonKey,
    login::{ATTEMPT_LIFETIME, BrowserKey},
    ports::{Landed, Landing, Sessions as _, StoreError, Version},
    session::{ENDING_REMEMBERED, Ending, Session, SessionKey},
    time::Timestamp,
};
use portico_records::{Batch, Committed, Key, Kind, Owner, Put};

use crate::{
    SealedSessions,
    records::{self, Layout, SessionAt, SignOuts, SignedOut},
    seal::RecordContext,
    sessions::{ANY_TIME, session_key},
};

/// A kind of note, and what tells it from others of its kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Of<'a> {
    pub(crate) kind: &'static str,
    pub(crate) key: &'a [u8],
}

/// How many people have signed out everywhere.
pub(crate) const COUNT: Of<'static> = Of { kind: "sign-outs", key: &[] };

pub(crate) fn ending_note(key: &SessionKey) -> Of<'_> {
    Of { kind: "ending", key: key.as_bytes() }
}

pub(crate) fn browser_note(browser: &BrowserKey) -> Of<'_> {
    Of { kind: "browser", key: browser.as_bytes() }
}

/// Of a person under a name that the store knows them by: whoever has a copy of it and a list of
/// people cannot try them all.
fn signed_out_note(name: &Owner) -> Of<'_> {
    Of { kind: "signed out", key: name.as_bytes() }
}

/// A note as it stands in the store.
pub(crate) struct Found<T> {
    /// What it says; `None` where it cannot be read: the key that sealed it is gone, or somebody has
    /// changed it.
    pub(crate) value: Option<T>,
    pub(crate) version: Version,
}

impl<'a> Of<'a> {
    fn place(self) -> RecordContext<'a> {
        RecordContext { kind: self.kind, key: self.key }
    }

    /// Where the note stands.
    pub(crate) fn record_key(self) -> Key {
        Key::new(Kind::Note, &self.place().digest())
    }
}

impl SealedSessions {
    /// The note as it stands in the store.
    pub(crate) async fn read<T: for<'b> Decode<'b, ()>>(
        &self,
        of: Of<'_>,
        now: Timestamp,
    ) -> Result<Option<Found<T>>, StoreError> {
        let found = self.records.get(&of.record_key(), now).await?;
        let Some(mut found) = found else { return Ok(None) };
        let plain = self.seal.open(of.place(), &mut found.value).ok();
        let value = plain.and_then(|plain| records::decode(plain).ok());
        Ok(Some(Found { value, version: found.version }))
    }

    /// How many sign-outs everywhere there were, and the version of the note that says so.
    ///
    /// Where it cannot be read, its key is gone, and nobody knows which sign-outs it counted: a new
    /// count begins, higher than any before, so that no login that began earlier lands.
    pub(crate) async fn count(&self, now: Timestamp) -> Result<(u64, Option<Version>), StoreError> {
        loop {
            let Some(found) = self.read::<SignOuts>(COUNT, now).await? else {
                return Ok((0, None));
            };
            if let Some(SignOuts { count }) = found.value {
                return Ok((count, Some(found.version)));
            }
            let count = now.unix_seconds();
            let batch = Batch {
                now,
                require: vec![(COUNT.record_key(), Some(found.version))],
                put: vec![self.note(COUNT, &SignOuts { count }, None)?],
                ..Batch::default()
            };
            // Where somebody else was faster, theirs is read.
            let _ = self.records.commit(batch).await?;
        }
    }

    fn note(
        &self,
        of: Of<'_>,
        value: &impl Layout,
        expires_at: Option<Timestamp>,
    ) -> Result<Put, StoreError> {
        let bytes = self.seal.seal(of.place(), value)?;
        Ok(Put { key: of.record_key(), bytes, expires_at, owner: None, refers: vec![] })
    }

    /// What this person's sessions and notes may stand under.
    fn names_of_person(&self, person: &PersonKey) -> Vec<Owner> {
        self.seal.namers().map(|namer| namer.person(person)).collect()
    }

    pub(crate) fn ended(
        &self,
        key: &SessionKey,
        why: Ending,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let until = now.plus(ENDING_REMEMBERED);
        self.note(ending_note(key), &records::Ending::of(why), Some(until))
    }

    pub(crate) async fn landing(&self, landing: Landing<'_>) -> Result<Landed, StoreError> {
        let Landing { key, session, tokens, former, browser, begun, people, now } = landing;
        let mut batch = Batch { now, ..Batch::default() };
        if self.signed_out_since(&mut batch, begun.0, &people).await? {
            return Ok(Landed::SignedOut);
        }
        if let Some((browser, seen)) = &browser {
            let of = browser_note(browser);
            let found = self.read::<SessionAt>(of, now).await?;
            let at = found.as_ref().and_then(|found| found.value);
            if at.map(|at| SessionKey::from_bytes(*at.key)) != *seen {
                return Ok(Landed::Conflict);
            }
            batch.require.push((of.record_key(), found.map(|found| found.version)));
            let at = SessionAt { key: (*key.as_bytes()).into() };
            batch.put.push(self.note(of, &at, Some(now.plus(ATTEMPT_LIFETIME)))?);
        }
        let mut kept = vec![];
        if let Some(former) = former {
            let record = session_key(&former.key);
            batch.require.push((record.clone(), Some(former.version)));
            batch.remove.push(record);
            let why = if former.moves { Ending::Moved(key) } else { Ending::Replaced };
            batch.put.push(self.ended(&former.key, why, now)?);
            if former.moves {
                let opened = self.open(&former.key, ANY_TIME).await?;
                let Some(opened) = opened.filter(|opened| opened.version == former.version) else {
                    return Ok(Landed::Conflict);
                };
                kept = opened.tokens;
                kept.retain(|(account, _)| !former.without.contains(account));
            }
        }
        self.put_session(&mut batch, &key, session, kept, tokens).await?;
        Ok(match self.records.commit(batch).await? {
            Committed::Done { .. } => Landed::Done,
            Committed::Conflict => Landed::Conflict,
        })
    }

    /// Whether one of these people has signed out everywhere since a login began that had counted this
    /// many sign-outs. The batch then requires that nobody does until it is made.
    async fn signed_out_since(
        &self,
        batch: &mut Batch,
        begun: u64,
        people: &[PersonKey],
    ) -> Result<bool, StoreError> {
        let (count, _) = self.count(batch.now).await?;
        if begun > count {
            return Ok(true);
        }
        for name in people.iter().flat_map(|person| self.names_of_person(person)) {
            let of = signed_out_note(&name);
            let signed_out = self.read::<SignedOut>(of, batch.now).await?;
            // One that cannot be read may be as late as any.
            let as_late = |found: &Found<SignedOut>| found.value.map_or(count, |it| it.count);
            if signed_out.as_ref().map_or(0, as_late) > begun {
                return Ok(true);
            }
            batch.require.push((of.record_key(), signed_out.map(|found| found.version)));
        }
        Ok(false)
    }

    /// Whether the session's person has signed out everywhere since it began, when its key was not
    /// there: it could not be found then.
    pub(crate) async fn is_signed_out(
        &self,
        session: &Session,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        for name in self.names_of_person(&session.person) {
            let found = self.read::<SignedOut>(signed_out_note(&name), now).await?;
            let at = found.and_then(|found| found.value).map(|it| it.at);
            if at.is_some_and(|at| at >= session.created_at.unix_seconds()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Counts the sign-out. Where another one was counted at the same time, that one is done, so
    /// this comes to an end.
    pub(crate) async fn signing_out(
        &self,
        person: &PersonKey,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let (name, names) = (self.seal.namer().person(person), self.names_of_person(person));
        loop {
            let (counted, version) = self.count(now).await?;
            let count = counted + 1;
            let signed_out = SignedOut { count, at: now.unix_seconds() };
            let remembered = now.plus(ENDING_REMEMBERED.max(self.policy.max));
            let mut put = vec![
                self.note(COUNT, &SignOuts { count }, None)?,
                self.note(signed_out_note(&name), &signed_out, Some(remembered))?,
            ];
            for session in self.sessions_of(person).await? {
                put.push(self.ended(&session.key, Ending::SignedOutEverywhere, now)?);
            }
            let batch = Batch {
                now,
                require: vec![(COUNT.record_key(), version)],
                remove_owned_by: names.clone(),
                put,
                ..Batch::default()
            };
            if let Committed::Done { removed } = self.records.commit(batch).await? {
                return Ok(removed);
            }
        }
    }
}
